import { fault } from '../../fault/index.ts';
import { codeOf } from '../../store/index.ts';
import type { Database } from '../../store/index.ts';
import type { ChainOwner, StageRow } from './stage.ts';

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
export type AppendedRow = StageRow & { readonly id: string };

interface Call {
  readonly rows: readonly AppendedRow[];
  readonly bytes: number;
  readonly resolve: (placed: Placed) => void;
  readonly reject: (error: unknown) => void;
}

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
  #queue: Call[] = [];
  #events = 0;
  #bytes = 0;
  #flying = false;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  /** Resolves when the events are durable, all together. Rejects with what the store says. */
  async append(rows: readonly AppendedRow[]): Promise<Placed> {
    while (this.#events >= maxQueuedEvents || this.#bytes >= maxQueuedBytes) {
      this.#room ??= Promise.withResolvers();
      await this.#room.promise;
    }
    const bytes = rows.reduce((sum, { body }) => sum + body.length, 0);
    this.#events += rows.length;
    this.#bytes += bytes;
    const { promise, resolve, reject } = Promise.withResolvers<Placed>();
    this.#queue.push({ rows, bytes, resolve, reject });
    if (!this.#flying) void this.#fly();
    return promise;
  }

  /** Never rejects: each caller is told what became of its own. */
  async #fly(): Promise<void> {
    this.#flying = true;
    while (this.#queue.length > 0) {
      // Whoever was answered by the last statement, or calls in this turn, comes along.
      await endOfTurn();
      const flight = this.#board();
      await this.#send(flight);
    }
    this.#flying = false;
  }

  #board(): Call[] {
    let events = 0;
    let bytes = 0;
    const end = this.#queue.findIndex((call, at) => {
      events += call.rows.length;
      bytes += call.bytes;
      return at > 0 && (events > maxFlightEvents || bytes > maxFlightBytes);
    });
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
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
    const { database, owner } = this.#options;
    const column = <T>(pick: (row: AppendedRow) => T): T[] => rows.map(pick);
    const [placed] = await database.query<Omit<Placed, 'numbers'> & { readonly numbers: string[] | null }>(
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
