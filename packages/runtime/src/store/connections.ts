import pg from 'pg';
import { backoffMs } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import { codeOf } from './errors.ts';

interface ConnectionsOptions {
  readonly connection: pg.ClientConfig;
  /** Settings that the server is asked for with each connection. */
  readonly session: pg.ClientConfig;
  readonly connections: number;
  readonly clock: Clock;
  /** Runs on each new connection before it is lent. */
  readonly meet: (client: pg.ClientBase) => Promise<void>;
  readonly onIdleError: (error: unknown) => void;
}

const reconnect = { firstMs: 50, longestMs: 1_000 };

/**
 * The pool. Two things the driver's does not do: it gives up settings that a pooler does not take, and while the server
 * is away it lets one attempt through at a time, with growing pauses, instead of one for every caller.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  #pool: pg.Pool;
  /** False once a pooler has refused settings with the connection. */
  #settingsTaken = true;
  #failures = 0;
  #closedUntil = 0;
  #lastFailure: unknown;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#pool = this.#open({ ...options.session, ...options.connection });
  }

  /** Lends a connection; the driver's error when there is none. Its errors are the borrower's until it is given back. */
  async borrow(): Promise<pg.PoolClient> {
    const { clock } = this.#options;
    if (this.#pool.idleCount === 0 && clock.monotonic() < this.#closedUntil) throw this.#lastFailure;
    try {
      const client = await this.#connect();
      this.#failures = 0;
      this.#closedUntil = 0;
      return client;
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  #open(connection: pg.ClientConfig): pg.Pool {
    // Kept open: a new connection costs milliseconds, and an incident's message would wait for it.
    // Pipelined, so that a lane can send without waiting; who awaits each answer sees no difference.
    const pool = new pg.Pool({
      ...connection,
      pipeline: true,
      max: this.#options.connections,
      idleTimeoutMillis: 0,
      verify: (client, verified) => void this.#meet(client).then(verified),
    });
    // An idle connection that the server ends emits here; without a handler the process would die of it.
    pool.on('error', this.#options.onIdleError);
    return pool;
  }

  async #meet(client: pg.ClientBase): Promise<Error | undefined> {
    try {
      await this.#options.meet(client);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new AggregateError([error], messageOf(error));
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    const pool = this.#pool;
    try {
      return await pool.connect();
    } catch (error) {
      if (!isRefusedSetting(error)) throw error;
      if (this.#settingsTaken) {
        this.#settingsTaken = false;
        this.#pool = this.#open(this.#options.connection);
        await pool.end();
      }
      return this.#pool.connect();
    }
  }

  #failed(error: unknown): void {
    // All are lent: the server is there, and a pause would help nobody.
    if (messageOf(error).includes('timeout exceeded when trying to connect')) return;
    const { clock } = this.#options;
    // The failures of callers that tried in the same moment are one.
    if (clock.monotonic() < this.#closedUntil) return;
    this.#lastFailure = error;
    this.#closedUntil = clock.monotonic() + backoffMs(clock, this.#failures, reconnect);
    this.#failures += 1;
  }
}

/** As pgbouncer says it. */
function isRefusedSetting(error: unknown): boolean {
  return codeOf(error) === '08P01' && messageOf(error).includes('unsupported startup parameter');
}
