import { fault } from '../fault/index.ts';
import { isStoreAway } from '../store/index.ts';
import { attemptOfKey, overdueAttempts } from './attempt-rows.ts';
import type { AttemptKey } from './attempt-rows.ts';
import { endAttempt, refuseAttempt } from './attempts.ts';
import type { AttemptEnd } from './attempts.ts';
import type { FixAttempt } from './contract.ts';
import type { Unfit } from './examine.ts';
import type { FixesOptions } from './ports.ts';
import { wordsOf } from './wish.ts';
import type { FixWish } from './wish.ts';
import { endedDraft, endedMessage } from './words.ts';

const storeRetryMs = 1_000;
/** Past this an attempt of a runtime that is gone is over: the longest deed, look and taking back, and then some. */
const abandonedAfterMs = 7_200_000;

/** Written down and told on the chain; whoever wanted it is answered. Throws what the store throws. */
export async function refuse(
  options: FixesOptions,
  wish: FixWish,
  { code, detail, ...seen }: Omit<Unfit, 'code'> & { readonly code: string },
): Promise<FixAttempt> {
  const { database, workspaceId, stage } = options;
  const refused = await database.transaction(async (tx) => {
    const row = await refuseAttempt(tx, options, wordsOf(wish, seen), { seen, code, detail });
    if (row !== undefined) await stage(tx, [endedDraft(row)]);
    return row;
  });
  const attempt = refused ?? (await attemptOfKey(database, workspaceId, wish.key));
  if (attempt === undefined) throw fault('KORA_INTERNAL', 'an attempt was neither refused nor found');
  return attempt;
}

/**
 * Row, event and message together, or not at all; what has ended already stays as it ended. A store that is away is
 * asked again until the signal ends it.
 */
export async function endIt(
  options: FixesOptions,
  { attempt, end, of = options }: Ended,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { clock, database, stage, tell } = options;
  await untilDone(options, signal, () =>
    database.transaction(async (tx) => {
      const ended = await endAttempt(tx, of, attempt.attemptId, end);
      if (ended === undefined) return;
      const eventId = clock.uuid();
      await stage(tx, [{ ...endedDraft(ended), eventId }]);
      await tell(tx, endedMessage(ended, eventId));
    }),
  );
}

/** Does something again for as long as the store is away in the middle of it, and the signal lets it. */
export async function untilDone(
  { clock }: Pick<FixesOptions, 'clock'>,
  signal: AbortSignal | undefined,
  work: () => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      if (!(await clock.sleep(storeRetryMs, signal))) return;
    }
  }
}

interface Ended {
  readonly attempt: FixAttempt;
  readonly end: AttemptEnd;
  /** The runtime that had begun it, where it is not this one. */
  readonly of?: AttemptKey;
}

export function rejected(code: string, detail: string): AttemptEnd {
  return { outcome: 'rejected', code, detail, after: null };
}

/** Nobody will say any more what came of it; what had not begun was not done. */
export function abandoned({ status, approvalId }: Pick<FixAttempt, 'status' | 'approvalId'>): AttemptEnd {
  if (status === 'waiting')
    return rejected(
      'runtime_ended',
      `the runtime that asked ended; approval ${String(approvalId)} lets nothing through`,
    );
  const detail = 'the runtime ended in the middle of it; look before it is tried again';
  return { outcome: 'unknown', code: 'runtime_ended', detail, after: null };
}

/**
 * What runtimes that never came back had open holds its target no longer, nor what this one began without hearing that it
 * did. Throws what the store throws.
 */
export async function sweep(
  options: FixesOptions,
  isAtIt: (attemptId: number) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { database, workspaceId } = options;
  for (const { attempt, runtimeId } of await overdueAttempts(database, workspaceId, abandonedAfterMs)) {
    if (isAtIt(attempt.attemptId)) continue;
    await endIt(options, { attempt, end: abandoned(attempt), of: { workspaceId, runtimeId } }, signal);
  }
}
