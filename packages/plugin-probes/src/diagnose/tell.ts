import type { NewMessage, Severity } from '@kora/runtime/plugin';
import { counted, listed, oneLine } from '../rules/words.ts';
import { unableWords } from './codes.ts';
import type { Diagnosis } from './diagnose.ts';

const mostLines = 6;
const microUsd = 1_000_000;

export interface Told {
  readonly wakeId: string;
  readonly thread: string;
  readonly severity: Severity;
  /** Whose findings they are: the probe's name, an alert's id. */
  readonly name: string;
  readonly source: 'probe_investigation' | 'alert_investigation';
}

export interface Words {
  /** Facts by rule, the most telling first. */
  readonly facts: readonly string[];
  /** What to do when the diagnosis does not say. */
  readonly next: string;
  /** What else is investigated with it, in words. */
  readonly siblings: readonly string[];
}

/** The findings, as they follow the first message in its thread. */
export function findingsMessage(told: Told, diagnosis: Diagnosis, words: Words): NewMessage {
  return {
    key: `investigation:${told.wakeId}`,
    thread: told.thread,
    severity: told.severity,
    title: `Findings · ${told.name}`,
    body: bodyOf(diagnosis, words),
    source: told.source,
    correlationId: told.wakeId,
  };
}

/** Diagnosis, facts, and one next step at the end; where nobody could say, that comes first, with its code. */
export function bodyOf(diagnosis: Diagnosis, { facts, next, siblings }: Words): string {
  const head = headOf(diagnosis);
  const room = Math.max(1, mostLines - head.length);
  const blank = head.length === 0 ? [] : [''];
  return [
    ...head,
    ...blank,
    ...facts.slice(0, room),
    ...(siblings.length === 0 ? [] : [`Investigated together: ${listed(siblings, 5)}.`]),
    ...needsLine(diagnosis),
    ...receiptLine(diagnosis),
    `Next step: ${oneLine(diagnosis.next ?? next)}`,
  ].join('\n');
}

function headOf({ kind, rung, text, code, findings }: Diagnosis): readonly string[] {
  if (code !== null) return [unableWords(code)];
  const deciding = findings.filter(({ weight }) => weight === 'deciding').map((each) => oneLine(each.text));
  if (kind === 'no_incident') return [`No incident: ${oneLine(text ?? 'nothing is wrong')}`];
  if (rung === 'rules') return deciding.slice(0, 3);
  if (rung === 'model') return [kind === 'unproven' ? `Unproven: ${text ?? ''}` : (text ?? '')];
  return deciding.slice(0, 3);
}

function needsLine({ kind, needs }: Diagnosis): readonly string[] {
  const isOpen = kind === 'abstained' || kind === 'unproven';
  return isOpen && needs.length > 0 ? [`To know more: ${oneLine(listed(needs, 3))}`] : [];
}

function receiptLine({ rung, answer }: Diagnosis): readonly string[] {
  if (answer === null || rung !== 'model') return [];
  const { calls, costMicroUsd, durationMs, model, estimated } = answer.receipt;
  const dollars = `${estimated ? 'about ' : ''}$${(costMicroUsd / microUsd).toFixed(4)}`;
  return [
    `Thought about by ${oneLine(model ?? 'an engine', 80)}: ${counted(calls, 'call')}, ${dollars}, ${(durationMs / 1_000).toFixed(1)} s.`,
  ];
}
