import type { Admission } from '../../admission/index.ts';
import { KoraError, messageOf } from '../../fault/index.ts';
import type { TicketHandler, TicketResult, TicketWork } from '../contract.ts';
import { classify } from '../queue/retry.ts';
import { nonsenseIn } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Hold } from './hold.ts';
import { workOf } from './work.ts';
import type { WorkPorts } from './work.ts';

/**
 * Asks the handler, with leave that is taken at the last moment: a block may have come since the ticket was claimed.
 * Whatever the handler does there is an answer, and the first one counts: its result, a failure for a throw or for
 * nonsense, or what it was stopped with, whether it heeds its signal or not. A payload that does not fit is never handed
 * over. Never rejects.
 */
export async function askHandler(
  hold: Hold,
  handler: TicketHandler,
  admission: Pick<Admission, 'admit' | 'redeem'>,
  ports: HandlerPorts,
): Promise<Answer> {
  const { kind, critical } = hold.claim;
  const leave = await admission.admit('claim', { caller: 'kora', kind, critical });
  if (!leave.allow) return { givenBack: `the door closed before it began: ${leave.cause}` };
  const { promise, resolve: answered } = Promise.withResolvers<Answer>();
  hold.whenStopped(answered);
  if (hold.stopped) return promise;
  let begun = false;
  try {
    const payload = payloadFor(handler, hold);
    if ('misfit' in payload) return { result: misfit(payload.misfit) };
    const work = workFor(hold, ports, payload.payload);
    admission.redeem(leave.pass, 'claim');
    begun = true;
    handler.work(work).then(
      (answer) => answered(checked(answer, hold)),
      (error: unknown) => answered({ result: failed(error) }),
    );
  } catch (error) {
    // Also a handler that answers no promise: it is nonsense in the shape of a throw.
    return begun || !isDenied(error) ? { result: failed(error) } : { givenBack: messageOf(error) };
  }
  return promise;
}

type HandlerPorts = Omit<WorkPorts, 'signal' | 'sessionId'>;

function isDenied(error: unknown): boolean {
  return error instanceof KoraError && error.code === 'KORA_ADMISSION_DENIED';
}

/** An answer that could not be kept: a failure of the attempt, since nobody would hear of it otherwise. */
export function notKept(error: unknown): TicketResult {
  const summary = `what the handler answered could not be kept: ${messageOf(error)}`;
  return { resolution: 'failed_retryable', summary };
}

function workFor(hold: Hold, ports: HandlerPorts, payload: Hold['claim']['payload']): TicketWork {
  const claim = payload === hold.claim.payload ? hold.claim : { ...hold.claim, payload };
  return workOf(claim, {
    ...ports,
    sessionId: hold.sessionId,
    get signal() {
      return hold.signal;
    },
  });
}

type Payload = { readonly payload: Hold['claim']['payload'] } | { readonly misfit: string };

function payloadFor({ payload: schema }: TicketHandler, { claim }: Hold): Payload {
  if (schema === undefined) return { payload: claim.payload };
  const read = schema.safeParse(claim.payload);
  return read.success ? { payload: read.data } : { misfit: messageOf(read.error) };
}

function misfit(why: string): TicketResult {
  const summary = `the payload does not fit its handler: ${why}`;
  return { resolution: 'failed_terminal', summary, failure: { class: 'payload', reason: why } };
}

function checked(answer: unknown, { claim }: Hold): Answer {
  const nonsense = nonsenseIn(answer);
  if (nonsense === undefined) return { result: answer as TicketResult };
  const summary = `the ${claim.kind} handler on ticket ${claim.ticketId} answered nonsense: ${nonsense}`;
  return { result: { resolution: 'failed_retryable', summary } };
}

function failed(error: unknown): TicketResult {
  const { class: failureClass, reason, resolution } = classify(error);
  return { resolution, summary: reason, failure: { class: failureClass, reason } };
}
