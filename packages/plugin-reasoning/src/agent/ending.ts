import type { NewMessage, ReasonAnswer, ReasonError, TicketResult, TicketWork } from '@kora/runtime/plugin';
import type { Decision } from './desk.ts';
import { clipped } from './words.ts';

type Told = Pick<TicketWork, 'ticketId' | 'fence' | 'title' | 'correlationId'>;

const minuteMs = 60_000;
const soon = minuteMs;
const later = 5 * minuteMs;
const muchLater = 15 * minuteMs;
/** What had no room for a call and will have, with the hour or the day and no money coming. */
const passing: ReadonlySet<string | undefined> = new Set(['pace', 'day', 'route', 'plugin', 'provider']);

/** How an attempt ends by what was decided. */
export function decided(ticket: Told, decision: Decision): TicketResult {
  if (decision.kind === 'ask') return asking(ticket, decision.question);
  const { resolution, summary, result } = decision;
  return { resolution, summary, ...(result === undefined ? {} : { result }) };
}

/** Set aside with a question: the operator is told, and whose answer lets it go on. */
export function asking(ticket: Told, question: string): TicketResult {
  return {
    resolution: 'blocked_needs_operator',
    summary: clipped(question, 2_000),
    messages: [questionTo(ticket, question)],
  };
}

/**
 * What becomes of the attempt after an answer in which nothing was decided; null when it goes on. Weather gives the
 * ticket back and counts for nothing: neither a provider's bad day nor a pause is the ticket's failure. Money that is gone
 * until more comes puts it off; money that the hour or the day brings back lets it wait that long.
 */
export function endingOf(answer: ReasonAnswer): TicketResult | null {
  const { error } = answer;
  if (error === null) return answer.status === 'refused' ? back('nobody was let think', soon) : null;
  switch (error) {
    case 'tool_iterations_exceeded':
    case 'projection_failed':
    case 'timeout':
      return null;
    case 'cost_ladder_halted':
      return putOff(answer);
    case 'cost_capped':
      return passing.has(answer.refusal?.scope)
        ? back(`no money for it now: ${answer.refusal?.scope}`, muchLater)
        : putOff(answer);
    case 'operational_state_paused':
    case 'operational_state_stopped':
    case 'cancelled':
      return back(`given back: ${error}`, soon);
    case 'engine_unavailable':
    case 'unconfigured':
    case 'auth':
    case 'rate_limited':
    case 'server_error':
    case 'transport':
      return back(`nobody can think now: ${error}`, later);
  }
}

function putOff({ error, receipt }: ReasonAnswer): TicketResult {
  const why: ReasonError = error ?? 'cost_capped';
  const summary = `put off for want of money: ${why}, at ${receipt.rung}`;
  return { resolution: 'deferred_cost_limit', summary, failure: { class: 'budget', reason: why } };
}

function back(summary: string, retryAfterMs: number): TicketResult {
  return { resolution: 'released', summary, retryAfterMs };
}

function questionTo({ ticketId, fence, title, correlationId }: Told, question: string): NewMessage {
  return {
    key: `ticket:${ticketId}:asks:${fence}`,
    thread: `ticket:${ticketId}`,
    severity: 'warning',
    title: clipped(`Ticket ${ticketId} asks: ${title}`, 200),
    body: `${question}\n\nYour answer lets it go on: kora ticket unblock ${ticketId} --reason '…'`,
    source: 'ticket',
    ...(correlationId === null ? {} : { correlationId }),
  };
}
