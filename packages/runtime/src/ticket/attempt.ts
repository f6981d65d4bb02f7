import { z } from 'zod';
import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault, KoraError, messageOf } from '../fault/index.ts';
import { isStoreAway } from '../store/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { Claim } from './claim.ts';
import { ticketResolutions } from './contract.ts';
import type { Consequences, TicketHandler, TicketResult } from './contract.ts';
import { releaseTicket, resolveTicket } from './resolve.ts';
import type { ResolveContext, Verdict } from './resolve.ts';

export interface AttemptOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Writes what follows from a result, in the transaction that resolves the ticket. */
  readonly apply: (tx: Transaction, consequences: Consequences, claim: Claim) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
  readonly claim: Claim;
  readonly handler: TicketHandler;
  readonly deadlineMs: number;
  /** Aborts when the claim is lost or must be given back. */
  readonly signal: AbortSignal;
  readonly context: ResolveContext;
}

const answerSchema = z.object({
  resolution: z.enum(ticketResolutions),
  summary: z.string(),
  result: z.record(z.string(), z.unknown()).optional(),
});
const storeRetryMs = 500;

/** One attempt: the handler's answer, resolved under the fence the ticket was claimed with. */
export async function attemptTicket(options: AttemptOptions): Promise<Verdict> {
  const answer = await askHandler(options);
  return keepAnswer(options, answer);
}

type Answer = TicketResult | 'aborted';

/** Whatever the handler does, there is an answer: a throw, silence and nonsense are failures of this attempt. */
async function askHandler({ clock, claim, handler, deadlineMs, signal }: AttemptOptions): Promise<Answer> {
  const what = `the ${claim.kind} handler on ticket ${claim.ticketId}`;
  try {
    const answer = await withDeadline(clock, { ms: deadlineMs, what, signal }, (deadline) =>
      abortable(deadline, handler.work({ ...claim, attempt: claim.attempts, signal: deadline })),
    );
    const checked = answerSchema.safeParse(answer);
    if (checked.success) return answer;
    return failure(`${what} answered nonsense: ${z.prettifyError(checked.error)}`);
  } catch (error) {
    return signal.aborted ? 'aborted' : failure(messageOf(error));
  }
}

/**
 * Records the answer. A store that is away is asked again until the claim is lost: the second `resolve` of one that
 * landed says `already`. An answer that cannot be recorded (a consequence without a title) fails the attempt, since
 * otherwise the ticket would lie under its lease until the deadline.
 */
async function keepAnswer(options: AttemptOptions, first: Answer): Promise<Verdict> {
  const { clock, claim, signal, onError } = options;
  let answer = first;
  let refused = false;
  for (;;) {
    try {
      return await inOneTransaction(options, answer);
    } catch (error) {
      onError(`ticket ${claim.ticketId}`, error);
      if (mayPass(error)) {
        if (!(await clock.sleep(storeRetryMs, signal))) return 'lost';
      } else if (refused || answer === 'aborted') throw error;
      else {
        refused = true;
        answer = failure(`what the handler answered could not be kept: ${messageOf(error)}`);
      }
    }
  }
}

function inOneTransaction(options: AttemptOptions, answer: Answer): Promise<Verdict> {
  const { database, context, claim, apply } = options;
  return database.transaction(async (tx) => {
    if (answer === 'aborted') return releaseTicket(tx, context, claim, 'the runtime gave it back');
    const resolvedBy = context.uuid();
    const verdict = await resolveTicket(tx, context, claim, answer, resolvedBy);
    if (verdict === 'ok') await apply(tx, answer, { ...claim, causationId: resolvedBy });
    return verdict;
  });
}

function mayPass(error: unknown): boolean {
  return isStoreAway(error) || (error instanceof KoraError && error.code === 'KORA_COMMIT_REFUSED');
}

function failure(summary: string): TicketResult {
  return { resolution: 'failed_retryable', summary };
}

/** Stops waiting for work that ignores its signal. */
function abortable<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void =>
      reject(signal.reason instanceof Error ? signal.reason : fault('KORA_TIMEOUT', 'aborted'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
