import { createHash } from 'node:crypto';
import type { NewMessage } from './contract.ts';
import type { Figure, Gain, Measure } from './contract.ts';
import type { Content, ProposalRow } from './rows.ts';

const source = 'promotion';

/** What the operator is told of a new proposal, or of one with other content. */
export function proposalMessage(
  row: Pick<
    ProposalRow,
    | 'id'
    | 'loop'
    | 'fingerprint'
    | 'revision'
    | 'digest'
    | 'risk'
    | 'evidenceSize'
    | 'expiresAt'
    | 'kind'
    | 'key'
  >,
  { draft, examination, seen }: Content,
): NewMessage {
  const word = `--revision ${row.revision} --digest ${row.digest.slice(0, 12)} --reason '...'`;
  return {
    key: `promotion:${row.fingerprint}:${row.id}:${row.revision}`,
    thread: threadOf(row),
    severity: 'info',
    source,
    title: draft.title,
    body: [
      draft.why,
      '',
      `Proposed by ${row.loop}. Changes ${row.kind} ${row.key} (${seen.blastRadius}); risk: ${row.risk}.`,
      ...seen.lines
        .slice(0, 20)
        .map(({ path, before, after }) => `  ${path}: ${said(before)} -> ${said(after)}`),
      `Expected: ${gainWords(draft.expected)}. On the part of history it was not made from: ${gainWords(examination.gain)}.`,
      ...figureLines(examination.figures),
      `Seen ${row.evidenceSize} times, among them:`,
      ...draft.evidence.samples.slice(0, 3).map(({ text, ref }) => `  ${oneLine(text)} (${ref})`),
      '',
      `Nothing was changed. Until ${row.expiresAt.toISOString()}:`,
      `  kora promotion show ${row.id}`,
      `  kora promotion approve ${row.id} ${word}`,
      `  kora promotion reject ${row.id} ${word}`,
    ].join('\n'),
  };
}

/** What the operator is told of a change that was taken back. */
export function rolledBackMessage(
  row: ProposalRow,
  why: string,
  cause: 'regression' | 'operator',
  measure: Measure | null,
): NewMessage {
  const { draft } = row.content;
  return {
    key: `promotion:${row.fingerprint}:${row.id}:rolled_back`,
    thread: threadOf(row),
    severity: cause === 'regression' ? 'warning' : 'info',
    source,
    title: `Taken back: ${draft.title}`,
    body: [
      cause === 'regression' ? `Its trial made things worse: ${why}` : `Taken back by the operator: ${why}`,
      ...(measure === null ? [] : figureLines(measure.figures)),
      row.before === null
        ? 'What ships, and what you wrote, stands again.'
        : `What was learned before stands again (proposal ${row.before.proposalId}).`,
      `It is proposed again only on twice the evidence. kora promotion show ${row.id}`,
    ].join('\n'),
  };
}

/** What the operator is told of a change whose trial is over. */
export function keptMessage(row: ProposalRow, measure: Measure): NewMessage {
  const unclear = measure.verdict === 'unclear';
  return {
    key: `promotion:${row.fingerprint}:${row.id}:kept`,
    thread: threadOf(row),
    severity: unclear ? 'warning' : 'info',
    source,
    title: unclear
      ? `Kept, and nobody can say what it did: ${row.content.draft.title}`
      : `Kept: ${row.content.draft.title}`,
    body: [
      unclear
        ? `After three times its trial too little was seen to say what it did: ${measure.why}`
        : `Its trial is over: ${measure.why}`,
      `Measured: ${gainWords(measure.gain)}.`,
      ...figureLines(measure.figures),
      `To take it back: kora promotion rollback ${row.id} --reason '...'`,
    ].join('\n'),
  };
}

/** What the operator is told of a change that was made without their word, as they had allowed. */
export function appliedMessage(row: ProposalRow, trialUntil: Date): NewMessage {
  const { draft, seen } = row.content;
  return {
    key: `promotion:${row.fingerprint}:${row.id}:applied`,
    thread: threadOf(row),
    severity: 'info',
    source,
    title: `Applied, being of low risk: ${draft.title}`,
    body: [
      draft.why,
      `Changes ${row.kind} ${row.key} (${seen.blastRadius}); on trial until ${trialUntil.toISOString()}.`,
      ...seen.lines
        .slice(0, 20)
        .map(({ path, before, after }) => `  ${path}: ${said(before)} -> ${said(after)}`),
      `Expected: ${gainWords(draft.expected)}.`,
      `To take it back: kora promotion rollback ${row.id} --reason '...'`,
    ].join('\n'),
  };
}

/** What the operator is told of an approved change that could not be made. */
export function failedMessage(row: ProposalRow, why: string): NewMessage {
  return {
    key: `promotion:${row.fingerprint}:${row.id}:failed:${row.steps}`,
    thread: threadOf(row),
    severity: 'warning',
    source,
    title: `Not applied: ${row.content.draft.title}`,
    body: `${why}\nNothing was changed. When that is mended: kora promotion retry ${row.id} --reason '...'`,
  };
}

/** Something no change would mend; told once for its key. */
export function noteMessage(loop: string, note: { readonly key: string; readonly text: string }): NewMessage {
  const hash = createHash('sha256').update(note.key).digest('hex').slice(0, 16);
  return {
    key: `promotion:note:${loop}:${hash}`,
    thread: `promotion:${loop}`,
    severity: 'info',
    source,
    title: `${loop}: ${oneLine(note.text)}`,
    body: note.text,
  };
}

export function gainWords({ microUsdPerDay, secondsPerDay }: Gain): string {
  const usd = `${microUsdPerDay < 0 ? '-' : ''}$${(Math.abs(microUsdPerDay) / 1_000_000).toFixed(4)}`;
  return `${usd} and ${secondsPerDay.toFixed(1)} s a day`;
}

function threadOf({ fingerprint }: Pick<ProposalRow, 'fingerprint'>): string {
  return `promotion:${fingerprint}`;
}

function figureLines(figures: readonly Figure[]): string[] {
  return figures.map(
    ({ name, before, after, samples }) => `  ${name}: ${number(before)} -> ${number(after)} (of ${samples})`,
  );
}

function number(value: number | null): string {
  return value === null ? '-' : String(Math.round(value * 10_000) / 10_000);
}

function said(value: string | null): string {
  return value === null ? '(nothing)' : oneLine(value);
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= 160 ? line : `${line.slice(0, 159)}…`;
}
