import { fault } from '../../fault/index.ts';
import type { OperationSpec, TicketProgress, TicketWork } from '../contract.ts';

/** A ticket whose words are remembered, and whose ledger is a list. It keeps no rules: those are the ticket room's. */
export class ScriptedTicket implements TicketWork {
  readonly ticketId: number;
  readonly kind = 'measure';
  readonly title = 'depth';
  readonly objective = '';
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempt = 1;
  readonly fence: number;
  readonly correlationId = null;
  readonly signal: AbortSignal;
  readonly notes: string[] = [];
  readonly reports: (TicketProgress | undefined)[] = [];
  /** `begun key`, `answered ...`, `threw CODE`: each operation as the host's side saw it. */
  readonly ledger: string[] = [];
  /** An operation that an earlier attempt began: the host asks whether it happened. */
  begunBefore = false;

  constructor(given: { payload?: Record<string, unknown>; signal?: AbortSignal; ticketId?: number } = {}) {
    this.ticketId = given.ticketId ?? 1;
    this.fence = 3;
    this.payload = given.payload ?? {};
    this.signal = given.signal ?? new AbortController().signal;
  }

  progress = (report?: TicketProgress): void => void this.reports.push(report);

  note = async (text: string): Promise<void> => {
    if (text === 'too late') throw fault('KORA_TICKET_STALE_FENCE', 'another holds it');
    this.notes.push(text);
  };

  operation = async <Result>(
    spec: OperationSpec,
    run: (key: string, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    const key = `key-${spec.id}`;
    const { inspect, ...words } = spec;
    if (this.begunBefore && inspect !== undefined) {
      const seen = await inspect(key);
      this.ledger.push(`inspected ${JSON.stringify(seen)}`);
      if (seen.happened) return seen.result as Result;
    }
    this.ledger.push(`begun ${JSON.stringify(words)}`);
    try {
      const result = await run(key, this.signal);
      this.ledger.push(`answered ${JSON.stringify(result)}`);
      return result;
    } catch (error) {
      this.ledger.push(`threw ${String((error as { code?: unknown }).code)}`);
      throw error;
    }
  };
}
