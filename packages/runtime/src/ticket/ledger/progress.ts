import { storable } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { Queryable } from '../../store/index.ts';
import type { TicketProgress } from '../contract.ts';
import type { Holder } from './holder.ts';
import type { Scrub } from './words.ts';

export interface ProgressOptions {
  readonly database: Queryable;
  readonly workspaceId: number;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: Scrub;
  readonly onError: (where: string, error: unknown) => void;
}

/** What is to be told of one holder; times are of the monotonic clock. */
interface News {
  readonly holder: Holder;
  readonly begunAt: number;
  /** In which round the work began: it is told as begun when a whole round has passed. */
  readonly round: number;
  readonly toldAt: number | undefined;
  readonly report: TicketProgress | undefined;
}

const flushEveryMs = 1_000;
const longestDetail = 1_000;

// In ticket order, and past what somebody else is just ending: two statements over many leases never wait in a circle.
const flushStatement = `
  with held as materialized (
    select l.ticket_id, n.begun, n.told, n.report
    from unnest($2::bigint[], $3::bigint[], $4::uuid[], $5::float8[], $6::float8[], $7::text[])
        as n(ticket_id, fence, session_id, begun, told, report)
      join kora.ticket_lease l on l.workspace_id = $1 and l.ticket_id = n.ticket_id and l.fence = n.fence
        and l.session_id = n.session_id
    order by l.ticket_id for no key update of l skip locked)
  update kora.ticket_lease l set
    started_at = coalesce(l.started_at, clock_timestamp() - make_interval(secs => held.begun)),
    progress_at = coalesce(clock_timestamp() - make_interval(secs => held.told), l.progress_at),
    progress = coalesce(held.report::jsonb, l.progress),
    deadline = greatest(l.deadline,
      clock_timestamp() + make_interval(secs => l.deadline_ms / 1000.0) - make_interval(secs => held.told))
  from held where l.workspace_id = $1 and l.ticket_id = held.ticket_id
  returning l.ticket_id`;

/**
 * Keeps what holders say of how far they are, and writes it for all of them in one statement about once a second. Work
 * that ends before it was told as begun costs nothing. Nothing here fails a holder: a stale one is not written.
 */
export class ProgressBook {
  readonly #options: ProgressOptions;
  readonly #news = new Map<number, News>();
  #round = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Work began. Told once it has gone on for a second or two, and moves no deadline. */
  begun(holder: Holder): void {
    this.#news.set(holder.ticketId, this.#fresh(holder));
  }

  /** The work goes on: its deadline is counted from now. */
  told(holder: Holder, report?: TicketProgress): void {
    const before = this.#news.get(holder.ticketId);
    // A holder of long ago, whose work nobody could stop.
    if (before !== undefined && before.holder.fence > holder.fence) return;
    const known = before?.holder.fence === holder.fence ? before : this.#fresh(holder);
    const kept = report === undefined ? known.report : reportOf(report, this.#options.scrub);
    this.#news.set(holder.ticketId, { ...known, toldAt: this.#options.clock.monotonic(), report: kept });
  }

  /** The work ended: what was not written yet need not be. */
  ended({ ticketId, fence }: Pick<Holder, 'ticketId' | 'fence'>): void {
    if (this.#news.get(ticketId)?.holder.fence === fence) this.#news.delete(ticketId);
  }

  /** Writes what is due; answers of how many tickets. What could not be written is kept for the next time. */
  async flush(): Promise<number> {
    const due = [...this.#news.values()].filter(
      ({ toldAt, round }) => toldAt !== undefined || round < this.#round,
    );
    this.#round += 1;
    if (due.length === 0) return 0;
    for (const { holder } of due) this.#news.delete(holder.ticketId);
    try {
      const rows = await this.#options.database.query(flushStatement, this.#values(due), {
        name: 'ticket-progress-flush',
      });
      return rows.length;
    } catch (error) {
      this.#keep(due);
      throw error;
    }
  }

  /** Flushes about once a second until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (await this.#options.clock.sleep(flushEveryMs, signal)) {
      await this.flush().catch((error: unknown) => this.#options.onError('ticket progress', error));
    }
  }

  #keep(due: readonly News[]): void {
    for (const news of due) {
      const { ticketId } = news.holder;
      const newer = this.#news.get(ticketId);
      if (newer === undefined) this.#news.set(ticketId, news);
      else if (newer.holder.fence === news.holder.fence)
        this.#news.set(ticketId, {
          ...newer,
          begunAt: news.begunAt,
          round: news.round,
          report: newer.report ?? news.report,
        });
    }
  }

  #fresh(holder: Holder): News {
    const begunAt = this.#options.clock.monotonic();
    return { holder, begunAt, round: this.#round, toldAt: undefined, report: undefined };
  }

  #values(due: readonly News[]): unknown[] {
    const now = this.#options.clock.monotonic();
    const ago = (at: number | undefined): number | null =>
      at === undefined ? null : Math.max(0, now - at) / 1_000;
    return [
      this.#options.workspaceId,
      due.map(({ holder }) => holder.ticketId),
      due.map(({ holder }) => holder.fence),
      due.map(({ holder }) => holder.sessionId),
      due.map(({ begunAt }) => ago(begunAt)),
      due.map(({ toldAt }) => ago(toldAt)),
      due.map(({ report }) => (report === undefined ? null : JSON.stringify(report))),
    ];
  }
}

/** A report never fails its holder: what is no percentage or text is left out. */
function reportOf(given: TicketProgress, scrub: Scrub): TicketProgress {
  const { percent, detail } = Object(given) as TicketProgress;
  return {
    ...(Number.isFinite(percent) ? { percent: Math.min(100, Math.max(0, Number(percent))) } : {}),
    ...(typeof detail === 'string'
      ? { detail: String(storable(detail.slice(0, longestDetail), scrub)) }
      : {}),
  };
}
