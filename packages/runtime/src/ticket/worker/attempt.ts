import { messageOf } from '../../fault/index.ts';
import type { TicketHandler, TicketResult, TicketWork } from '../contract.ts';
import { classify } from '../queue/retry.ts';
import { nonsenseIn } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Hold } from './hold.ts';
import { workOf } from './work.ts';
import type { WorkPorts } from './work.ts';

/**
 * Asks the handler. Whatever it does there is an answer, and the first one counts: its result, a failure for a throw or
 * for nonsense, or what it was stopped with, whether it heeds its signal or not. A payload that does not fit is never
 * handed over. Never rejects.
 */
export function askHandler(
  hold: Hold,
  handler: TicketHandler,
  ports: Omit<WorkPorts, 'signal' | 'sessionId'>,
): Promise<Answer> {
  return new Promise((answered) => {
    hold.whenStopped(answered);
    if (hold.stopped) return;
    try {
      const payload = payloadFor(handler, hold);
      if ('misfit' in payload) return answered({ result: misfit(payload.misfit) });
      handler.work(workFor(hold, ports, payload.payload)).then(
        (answer) => answered(checked(answer, hold)),
        (error: unknown) => answered({ result: failed(error) }),
      );
    } catch (error) {
      // Also a handler that answers no promise: it is nonsense in the shape of a throw.
      answered({ result: failed(error) });
    }
  });
}

/** An answer that could not be kept: a failure of the attempt, since nobody would hear of it otherwise. */
export function notKept(error: unknown): TicketResult {
  const summary = `what the handler answered could not be kept: ${messageOf(error)}`;
  return { resolution: 'failed_retryable', summary };
}

function workFor(
  hold: Hold,
  ports: Omit<WorkPorts, 'signal' | 'sessionId'>,
  payload: Hold['claim']['payload'],
): TicketWork {
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
