import { classifyFailure, countsAsOwn, fault, nonsenseIn, withDeadline } from '@kora/runtime/testkit';
import type { FakeClock } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import type {
  Consequences,
  NewTicket,
  Registration,
  TicketHandler,
  TicketResult,
  TicketStatus,
} from '@kora/runtime/plugin';
import type { TestTicket } from '../contract.ts';
import { dollars } from './diary.ts';
import type { Diary } from './diary.ts';
import { Named } from './named.ts';
import { TicketLedger, workOf } from './ticket-work.ts';

const defaultDeadlineMs = 600_000;
/** Failures of its own after which a ticket ends, as in a real queue. */
const failureCeiling = 3;
const firstRetryMs = 60_000;

interface Row extends NewTicket {
  readonly ticketId: number;
  readonly ledger: TicketLedger;
  readonly notes: string[];
  status: TicketStatus;
  attempts: number;
  ownFailures: number;
  /** Milliseconds since 1970; not worked before. */
  notBeforeMs: number;
  result: TicketResult | null;
}

export interface TicketPorts {
  readonly clock: FakeClock;
  readonly diary: Diary;
  /** Lands what a ticket's end brings with it. */
  land(consequences: Consequences): Promise<void>;
  /** Hears what the plugin's code threw. */
  onError(error: unknown): void;
}

/** A queue in memory, worked in the order of arrival, one at a time. */
export class Tickets {
  readonly handlers: Named<TicketHandler> = new Named('ticket handler', 'KORA_TICKET_HANDLER_TAKEN');
  readonly #ports: TicketPorts;
  readonly #rows: Row[] = [];

  constructor(ports: TicketPorts) {
    this.#ports = ports;
  }

  list(): readonly TestTicket[] {
    return this.#rows.map(({ ledger: _ledger, ownFailures: _own, notBeforeMs: _ms, ...ticket }) => ({
      ...ticket,
      notes: [...ticket.notes],
    }));
  }

  register(handler: TicketHandler): Registration {
    return this.handlers.hold(handler.kind, handler);
  }

  /** A second ticket with an idempotency key is the first one. */
  add(ticket: NewTicket): { readonly ticketId: number } {
    const key = ticket.idempotencyKey;
    const known = key === undefined ? undefined : this.#rows.find((row) => row.idempotencyKey === key);
    if (known !== undefined) return { ticketId: known.ticketId };
    const blocked = (ticket.blockedBy ?? []).some((id) => this.#row(id).status !== 'completed');
    const ticketId = this.#rows.length + 1;
    this.#rows.push({
      ...structuredClone(ticket),
      ticketId,
      ledger: new TicketLedger(ticketId),
      notes: [],
      status: blocked ? 'waiting' : 'assigned',
      attempts: 0,
      ownFailures: 0,
      notBeforeMs: ticket.notBefore === undefined ? 0 : Date.parse(ticket.notBefore),
      result: null,
    });
    this.#ports.diary.tell('decision', `adds ticket ${ticketId} (${ticket.kind}): ${ticket.title}`);
    return { ticketId };
  }

  /** What was done in a ticket's name, over all attempts. Throws KORA_TICKET_STALE_FENCE. */
  ledgerOf(claim: { readonly ticketId: number; readonly fence: number }): TicketLedger {
    this.checkClaim(claim);
    return this.#row(claim.ticketId).ledger;
  }

  /** Throws KORA_TICKET_STALE_FENCE for a claim that is not held now. */
  checkClaim({ ticketId, fence }: { readonly ticketId: number; readonly fence: number }): void {
    const row = this.#rows.find((each) => each.ticketId === ticketId);
    if (row?.status === 'in_progress' && row.attempts === fence) return;
    throw fault('KORA_TICKET_STALE_FENCE', `ticket ${ticketId} is not held under fence ${fence}`, {
      details: { ticketId, fence },
    });
  }

  /** Works what may be worked now, once each; answers how many there were. */
  async work(signal: AbortSignal): Promise<number> {
    const now = this.#ports.clock.now();
    const ready = this.#rows.filter(
      (row) =>
        (row.status === 'assigned' || row.status === 'failed_retryable' || row.status === 'released') &&
        row.notBeforeMs <= now &&
        (row.blockedBy ?? []).every((id) => this.#row(id).status === 'completed'),
    );
    let worked = 0;
    for (const row of ready) {
      const handler = this.handlers.get(row.kind);
      if (handler === undefined) continue;
      worked += 1;
      await this.#attempt(row, handler, signal);
    }
    return worked;
  }

  async #attempt(row: Row, handler: TicketHandler, signal: AbortSignal): Promise<void> {
    const { diary, land } = this.#ports;
    row.attempts += 1;
    row.status = 'in_progress';
    diary.tell('wake', `ticket ${row.ticketId} (${row.kind}): ${row.title}`);
    const result = await this.#ask(row, handler, signal);
    try {
      await land(result);
    } catch (error) {
      const summary = `what the handler answered could not be kept: ${messageOf(error)}`;
      this.#end(row, { resolution: 'failed_retryable', summary });
      diary.tell('decision', `ticket ${row.ticketId} ${row.status}: ${summary}`);
      return;
    }
    this.#end(row, result);
    diary.tell('decision', `ticket ${row.ticketId} ${row.status}: ${result.summary}`);
    diary.tell('cost', `${dollars(result.costMicroUsd ?? 0)} for ticket ${row.ticketId}`);
  }

  async #ask(row: Row, handler: TicketHandler, signal: AbortSignal): Promise<TicketResult> {
    const read = handler.payload?.safeParse(row.payload ?? {});
    if (read?.success === false) {
      const why = messageOf(read.error);
      const summary = `the payload does not fit its handler: ${why}`;
      return { resolution: 'failed_terminal', summary, failure: { class: 'payload', reason: why } };
    }
    const payload = read?.data ?? row.payload ?? {};
    const limit = { ms: handler.deadlineMs ?? defaultDeadlineMs, what: `ticket ${row.ticketId}`, signal };
    try {
      const answer: unknown = await withDeadline(this.#ports.clock, limit, (until) =>
        handler.work(workOf({ ...row, payload }, row.ledger, row.notes, until)),
      );
      const nonsense = nonsenseIn(answer);
      if (nonsense === undefined) return answer as TicketResult;
      return { resolution: 'failed_retryable', summary: `the handler answered nonsense: ${nonsense}` };
    } catch (error) {
      this.#ports.onError(error);
      const { class: failureClass, reason, resolution } = classifyFailure(error);
      return { resolution, summary: reason, failure: { class: failureClass, reason } };
    }
  }

  #end(row: Row, result: TicketResult): void {
    row.result = result;
    row.status = result.resolution;
    if (result.resolution !== 'failed_retryable') return;
    const failure = result.failure?.class ?? 'logical';
    if (countsAsOwn(failure)) row.ownFailures += 1;
    if (row.ownFailures >= failureCeiling || failure === 'payload' || failure === 'policy')
      row.status = 'failed_terminal';
    const waitMs = result.retryAfterMs ?? firstRetryMs * 2 ** (row.attempts - 1);
    row.notBeforeMs = this.#ports.clock.now() + waitMs;
  }

  #row(ticketId: number): Row {
    const found = this.#rows.find((row) => row.ticketId === ticketId);
    if (found === undefined) throw fault('KORA_TICKET_UNKNOWN', `there is no ticket ${ticketId}`);
    return found;
  }
}
