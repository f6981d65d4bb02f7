import { fault } from '../../fault/index.ts';
import { codeOf } from '../../store/index.ts';
import type { Database, Queryable } from '../../store/index.ts';
import type { ChainOwner, StagedBody } from './stage.ts';

export interface AppenderOptions {
  readonly database: Database;
  readonly owner: ChainOwner;
  /** Events went straight onto the chain; the newest has this sequence. */
  readonly onSealed: (seq: number) => void;
  /** Events are staged and wait for a sealer. */
  readonly onStaged: () => void;
}

/** Where appended events are once they are durable: on the chain from `first` on, or staged under their numbers. */
export interface Placed {
  readonly first: number | null;
  readonly numbers: readonly number[];
  /** A sequence that is before all of theirs. */
  readonly head: number;
}

/** A row whose event has its id already, so that it can be found again whatever becomes of the statement. */
export type AppendedRow = StagedBody & { readonly id: string };

interface Call {
  readonly rows: readonly AppendedRow[];
  readonly bytes: number;
  readonly resolve: (placed: Placed) => void;
  readonly reject: (error: unknown) => void;
}

/** While the server is at one flight, the next is made ready and sent behind it. */
const maxFlights = 2;
/** So few wait together: splitting them over two statements costs more than the server's pause. */
const fewEvents = 32;
const maxFlightEvents = 1_000;
const maxFlightBytes = 4 * 1_024 * 1_024;
const maxQueuedEvents = 20_000;
const maxQueuedBytes = 32 * 1_024 * 1_024;

/**
 * Writes what code raises outside any transaction. While one statement is on its way to the store, further events gather
 * and go together in the next, so that the cost of a commit is shared by everybody who waits for it. A caller whose
 * events do not fit in the queue waits until they do.
 */
export class Appender {
  readonly #options: AppenderOptions;
  readonly #lane: Queryable;
  #queue: Call[] = [];
  /** Events in the queue. */
  #waiting = 0;
  /** Those, and the ones under way. */
  #events = 0;
  #bytes = 0;
  #flights = 0;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#lane = options.database.lane();
  }

  /** Resolves when the events are durable, all together. Rejects with what the store says. */
  async append(rows: readonly AppendedRow[]): Promise<Placed> {
    while (this.#events >= maxQueuedEvents || this.#bytes >= maxQueuedBytes) {
      this.#room ??= Promise.withResolvers();
      await this.#room.promise;
    }
    const bytes = rows.reduce((sum, { body }) => sum + body.length, 0);
    this.#waiting += rows.length;
    this.#events += rows.length;
    this.#bytes += bytes;
    const { promise, resolve, reject } = Promise.withResolvers<Placed>();
    this.#queue.push({ rows, bytes, resolve, reject });
    if (this.#flights < maxFlights) void this.#fly();
    return promise;
  }

  /** Never rejects: each caller is told what became of its own. */
  async #fly(): Promise<void> {
    this.#flights += 1;
    // Whoever was answered by the last statement, or calls in this turn, comes along.
    await endOfTurn();
    while (this.#queue.length > 0 && !this.#waits()) {
      await this.#send(this.#board());
      await endOfTurn();
    }
    this.#flights -= 1;
  }

  /** Behind another flight few are not worth a statement of their own: they gather until it is back. */
  #waits(): boolean {
    return this.#flights > 1 && this.#waiting < fewEvents / 2;
  }

  #board(): Call[] {
    // Half of all who are under way or wait, so that as many can follow while these are away.
    const share = Math.max(fewEvents, Math.ceil(this.#events / maxFlights));
    const most = Math.min(share, maxFlightEvents);
    let events = 0;
    let bytes = 0;
    const end = this.#queue.findIndex((call, at) => {
      events += call.rows.length;
      bytes += call.bytes;
      return at > 0 && (events > most || bytes > maxFlightBytes);
    });
    const flight = this.#queue.splice(0, end === -1 ? this.#queue.length : end);
    for (const { rows } of flight) this.#waiting -= rows.length;
    return flight;
  }

  async #send(flight: readonly Call[]): Promise<void> {
    try {
      this.#tell(flight, await this.#write(flight.flatMap(({ rows }) => rows)));
    } catch (error) {
      // The database refused somebody's data: each is told about its own. Nothing of the flight was written.
      if (flight.length > 1 && refusesData(error)) for (const call of flight) await this.#send([call]);
      else for (const call of flight) this.#settle(call, () => call.reject(error));
    }
  }

  #tell(flight: readonly Call[], placed: Placed): void {
    let at = 0;
    for (const call of flight) {
      const { length } = call.rows;
      const own: Placed = {
        head: placed.head,
        first: placed.first === null ? null : placed.first + at,
        numbers: placed.numbers.slice(at, at + length),
      };
      at += length;
      this.#settle(call, () => call.resolve(own));
    }
    if (placed.first === null) this.#options.onStaged();
    else this.#options.onSealed(placed.first + at - 1);
  }

  #settle({ rows, bytes }: Call, tell: () => void): void {
    this.#events -= rows.length;
    this.#bytes -= bytes;
    tell();
    this.#room?.resolve();
    this.#room = undefined;
  }

  async #write(rows: readonly AppendedRow[]): Promise<Placed> {
    const { owner } = this.#options;
    const column = <T>(pick: (row: AppendedRow) => T): T[] => rows.map(pick);
    const [placed] = await this.#lane.query<Omit<Placed, 'numbers'> & { readonly numbers: string[] | null }>(
      `select first, numbers, head from kora.append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        owner.workspaceId,
        owner.runtimeId,
        owner.sessionId,
        column((row) => row.id),
        column((row) => row.type),
        column((row) => row.version),
        column((row) => row.actor),
        column((row) => row.correlation),
        column((row) => row.causation),
        column((row) => row.ticket),
        column((row) => row.fence),
        column((row) => row.body),
      ],
    );
    if (placed === undefined) throw fault('KORA_INTERNAL', 'the store did not say where it put the events');
    return { ...placed, numbers: (placed.numbers ?? []).map(Number) };
  }
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** SQLSTATE classes 22, 23 and 54: the data, or how much of it; not the store. */
function refusesData(error: unknown): boolean {
  return /^(2[23]|54)/.test(codeOf(error));
}
