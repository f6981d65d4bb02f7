import { z } from 'zod';
import type { Admission } from '../../admission/index.ts';
import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault, KoraError, messageOf } from '../../fault/index.ts';
import { isStoreAway } from '../../store/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import type { Claim } from '../queue/claim.ts';
import { ticketResolutions } from '../contract.ts';
import type { Consequences, TicketHandler, TicketResult } from '../contract.ts';
import { releaseTicket, resolveTicket } from '../queue/resolve.ts';
import { workOf } from './work.ts';
import type { ResolveContext, Verdict } from '../queue/resolve.ts';

export interface AttemptOptions {
  /** Asked once more before the handler is called: a block may have come while the claim was under way. */
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
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

/** How an attempt ended: with a result, given back, or with the ticket in other hands. */
export type AttemptEnd = 'resolved' | 'released' | 'lost';

/** One attempt: the handler's answer, resolved under the fence the ticket was claimed with. */
export async function attemptTicket(options: AttemptOptions): Promise<AttemptEnd> {
  const answer = await askHandler(options);
  return keepAnswer(options, answer);
}

/** Given back without a result, and why. */
interface GivenBack {
  readonly givenBack: string;
}
type Answer = TicketResult | GivenBack;

/** Whatever the handler does, there is an answer: a throw, silence and nonsense are failures of this attempt. */
async function askHandler(options: AttemptOptions): Promise<Answer> {
  const { admission, clock, claim, handler, deadlineMs, signal } = options;
  const { kind, critical } = claim;
  const what = `the ${kind} handler on ticket ${claim.ticketId}`;
  const leave = await admission.admit('claim', { caller: 'kora', kind, critical });
  if (!leave.allow) return { givenBack: `the door closed before it began: ${leave.cause}` };
  let begun = false;
  try {
    const answer = await withDeadline(clock, { ms: deadlineMs, what, signal }, async (deadline) => {
      signal.throwIfAborted();
      admission.redeem(leave.pass, 'claim');
      begun = true;
      return abortable(deadline, handler.work(workOf(claim, deadline)));
    });
    const checked = answerSchema.safeParse(answer);
    if (checked.success) return answer;
    return failure(`${what} answered nonsense: ${z.prettifyError(checked.error)}`);
  } catch (error) {
    if (signal.aborted) return { givenBack: messageOf(signal.reason) };
    return begun ? failure(messageOf(error)) : { givenBack: messageOf(error) };
  }
}

/**
 * Records the answer. A store that is away is asked again until the work is aborted, and then once: the second `resolve`
 * of one that landed says `already`. An answer that cannot be recorded (a consequence without a title) fails the
 * attempt, since otherwise the ticket would lie under its lease until the deadline.
 */
async function keepAnswer(options: AttemptOptions, first: Answer): Promise<AttemptEnd> {
  const { clock, claim, signal, onError } = options;
  let answer = first;
  let refused = false;
  let aborted = false;
  for (;;) {
    try {
      return endOf(answer, await inOneTransaction(options, answer));
    } catch (error) {
      onError(`ticket ${claim.ticketId}`, error);
      if (mayPass(error)) {
        if (await clock.sleep(storeRetryMs, signal)) continue;
        // Once more and at once, since a broken connection is replaced by the next question; then nobody waits for it.
        if (aborted) return 'lost';
        aborted = true;
      } else if (refused || 'givenBack' in answer) throw error;
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
    if ('givenBack' in answer) return releaseTicket(tx, context, claim, answer.givenBack);
    const resolvedBy = context.uuid();
    const verdict = await resolveTicket(tx, { ...context, uuid: () => resolvedBy }, claim, answer);
    if (verdict === 'ok') await apply(tx, answer, { ...claim, causationId: resolvedBy });
    return verdict;
  });
}

function endOf(answer: Answer, verdict: Verdict): AttemptEnd {
  if (verdict === 'lost') return 'lost';
  return 'givenBack' in answer ? 'released' : 'resolved';
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
