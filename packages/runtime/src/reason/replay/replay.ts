import type { EngineRequest, EngineSpec, LearnedUse, ModelChoice, Receipt, Verdict } from '../contract.ts';
import { judgeVerdict } from '../evidence/judge.ts';
import { receiptOf } from '../receipt.ts';
import { outcomeOf } from '../run/outcome.ts';
import type { FullRecord } from './record.ts';
import { stepsOf } from './steps.ts';
import type { Step } from './steps.ts';

/** A run decided again from its record. */
export interface Replay {
  readonly runId: string;
  /** What happened, in its order and in words. */
  readonly steps: readonly Step[];
  readonly choice: {
    readonly recorded: { readonly model: string | null; readonly routing: string | null };
    /** Null where the engine that serves now cannot say it. */
    readonly now: ModelChoice | null;
  } | null;
  readonly verdict: Verdict | null;
  readonly receipt: Receipt;
  /** Where deciding it again comes to something else than the record says. */
  readonly differences: readonly string[];
}

/**
 * Decides a run again by code, from what was recorded of it: the router's choice, the status, what the verdict is worth and
 * what it took. No model is asked and nothing is spent. `readBefore`: evidence of its conversation or ticket from before it.
 */
export async function replay(
  record: FullRecord,
  { engine, readBefore }: { readonly engine: EngineSpec | null; readonly readBefore: readonly string[] },
): Promise<Replay> {
  const { run } = record;
  const choice = await choiceOf(record, engine);
  const verdict = verdictAgain(record, readBefore);
  const receipt = receiptAgain(record);
  const differences = [
    ...choiceDifferences(choice, record.answer?.learned),
    ...statusDifferences(record),
    ...(same(verdict, run.verdict) ? [] : ['the verdict is worth something else']),
    ...receiptDifferences(receipt, run.receipt),
  ];
  return { runId: run.runId, steps: stepsOf(record), choice, verdict, receipt, differences };
}

async function choiceOf({ run, inputs }: FullRecord, engine: EngineSpec | null): Promise<Replay['choice']> {
  if (run.engine === null) return null;
  const { model, routing } = run.receipt;
  const isSame = inputs !== null && engine?.name === run.engine;
  const now = isSame ? await chosenNow(engine, inputs) : null;
  return { recorded: { model, routing }, now };
}

/** An engine that cannot say it now, in a process that died perhaps, keeps nobody from reading the record. */
async function chosenNow(engine: EngineSpec, inputs: EngineRequest): Promise<ModelChoice | null> {
  try {
    return (await engine.decide?.(inputs)) ?? null;
  } catch {
    return null;
  }
}

/** An escalation follows from an answer, which is not asked for again: only where it began can be compared. */
function choiceDifferences(
  choice: Replay['choice'],
  then: readonly LearnedUse[] | undefined,
): readonly string[] {
  if (choice === null || choice.now === null) return [];
  const { recorded, now } = choice;
  const [learned, learnedNow] = [namesOf(then), namesOf(now.learned)];
  // By other parameters it would be another question.
  if (learned !== learnedNow)
    return [`the router cannot be asked again: it chose by ${learned}, and ${learnedNow} is in force now`];
  if (recorded.routing === null || recorded.routing === now.routing) return [];
  if (recorded.routing.startsWith('escalated')) return [];
  return [`the router chose by ${recorded.routing}, and would by ${now.routing} now`];
}

function namesOf(learned: readonly LearnedUse[] = []): string {
  const names = learned.map(({ kind, key, revision }) => `${kind} ${key} revision ${revision}`);
  return names.sort().join(', ') || 'nothing that was learned';
}

function statusDifferences({ run, answer, calls }: FullRecord): readonly string[] {
  // What ended it from outside is not in what the engine said.
  if (answer === null || run.status === 'open') return [];
  const wasEnded = run.status !== 'answered' && run.refusal === null && run.why !== null;
  const again = outcomeOf({
    answer,
    end: wasEnded && run.error !== null ? { error: run.error, why: run.why ?? '' } : undefined,
    refused: run.refusal ?? undefined,
    calls: calls.length,
    said: run.text,
    isUnreadable: false,
  });
  return again.status === run.status
    ? []
    : [`it was recorded as ${run.status}, and would be ${again.status} now`];
}

function verdictAgain(
  { run, answer, inputs, evidence }: FullRecord,
  before: readonly string[],
): Verdict | null {
  if (run.verdict === null) return null;
  // Without what the engine said there is nothing to judge again.
  if (answer === null || inputs === null) return run.verdict;
  const { claims, confidence } = answer;
  const said = {
    text: run.text,
    ...(claims === undefined ? {} : { claims }),
    ...(confidence === undefined ? {} : { confidence }),
  };
  return judgeVerdict(said, new Set([...evidence.map(({ id }) => id), ...before]));
}

function receiptAgain({ run, calls }: FullRecord): Receipt {
  // What was forgotten cannot be added up again.
  if (run.forgottenAt !== null) return run.receipt;
  const figures = calls.map(({ usage, costMicroUsd, estimated, reservedMicroUsd }) => ({
    usage,
    costMicroUsd: costMicroUsd ?? reservedMicroUsd,
    estimated: estimated ?? true,
  }));
  return { ...receiptOf(figures, run.receipt), tools: run.receipt.tools };
}

const counted = [
  'calls',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'costMicroUsd',
  'estimated',
] as const;

function receiptDifferences(again: Receipt, recorded: Receipt): readonly string[] {
  return counted
    .filter((figure) => again[figure] !== recorded[figure])
    .map((figure) => `${figure}: recorded ${recorded[figure]}, by its calls ${again[figure]}`);
}

function same(a: Verdict | null, b: Verdict | null): boolean {
  const words = (verdict: Verdict | null): string =>
    JSON.stringify(
      verdict && [
        verdict.confidence,
        verdict.claims.map(({ text, proven, evidence, unread }) => [text, proven, evidence, unread]),
      ],
    );
  return words(a) === words(b);
}
