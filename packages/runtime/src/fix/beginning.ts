import { codeOf } from '../store/index.ts';
import type { Transaction } from '../store/index.ts';
import type { AttemptWords } from './attempt-rows.ts';
import { beginAttempt, beginWaiting } from './attempts.ts';
import type { FixAttempt } from './contract.ts';
import type { Examined } from './examine.ts';
import type { FixesOptions } from './ports.ts';
import { begunLine } from './words.ts';

/** Written down as begun; undefined when somebody else was faster. Throws what the store throws. */
export function begin(
  options: FixesOptions,
  words: AttemptWords,
  seen: Examined,
): Promise<FixAttempt | undefined> {
  const { perTargetPerHour: perHour } = seen.fix.bounds;
  return options.database.transaction(async (tx) =>
    noted(options, tx, await beginAttempt(tx, options, words, { seen, perHour })),
  );
}

/** The same for one that the operator was asked about. */
export function beginAfterAll(
  options: FixesOptions,
  attempt: FixAttempt,
  seen: Examined,
): Promise<FixAttempt | undefined> {
  const { bounds, learned } = seen.fix;
  const { perTargetPerHour: perHour } = bounds;
  return options.database
    .transaction(async (tx) =>
      noted(options, tx, await beginWaiting(tx, options, { ...attempt, learned }, { seen, perHour })),
    )
    .catch(unlessTaken);
}

/** What was begun stands in the story of its incident from the same instant on. */
async function noted(
  { note }: FixesOptions,
  tx: Transaction,
  begun: FixAttempt | undefined,
): Promise<FixAttempt | undefined> {
  const incidentId = begun?.incidentId ?? null;
  if (begun !== undefined && incidentId !== null) await note(tx, { incidentId, text: begunLine(begun) });
  return begun;
}

const uniqueViolation = '23505';

function unlessTaken(error: unknown): undefined {
  if (codeOf(error) !== uniqueViolation) throw error;
  return undefined;
}
