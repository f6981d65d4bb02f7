import pg from 'pg';
import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault, KoraError } from '../fault/index.ts';
import { PlainAnswers } from './answers.ts';
import type { StoreServer } from './database.ts';
import { codeOf, storeError } from './errors.ts';
import type { StoreOutcome } from './errors.ts';
import { hold } from './lease.ts';
import type { Lease } from './lease.ts';
import { beginOf } from './limits.ts';
import { connectionOn } from './way.ts';
import type { StoreWay } from './way.ts';

/** One statement, whatever its text says: two in one text are refused by the server. */
export interface BatchStatement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

export interface BatchAnswer {
  /** Plain data: what JSON has a word for, and PostgreSQL's text for the rest. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly count: number;
}

/** `at` is the statement that was refused; after the last one, the commit. Nothing of the batch is there. */
export type BatchResult =
  | { readonly ok: true; readonly answers: readonly BatchAnswer[]; readonly tooLong: boolean }
  | { readonly ok: false; readonly at: number; readonly sqlstate: string; readonly error: unknown };

export interface BatchLimits {
  /** Milliseconds for the whole batch, from the moment it has a connection. */
  readonly timeoutMs: number;
  readonly lockTimeoutMs: number;
}

export interface BatchesOptions {
  readonly way: StoreWay;
  readonly server: StoreServer;
  readonly clock: Clock;
  /** What shows in the server's list of sessions. */
  readonly name: string;
  /** Schema in which unqualified names are looked up. */
  readonly schema: string;
  readonly connections: number;
  /** Ends a session on the server, whatever it is doing. */
  readonly terminate: (pid: number) => Promise<void>;
  readonly onIdleError: (error: unknown) => void;
}

const idleMs = 10_000;
const waitMs = 10_000;
const mostWaiting = 64;
/** The server's own word on a statement that takes too long comes first. */
const graceMs = 500;

/**
 * Batches of statements, each batch one transaction and one round trip: everything is sent before anything is answered.
 * A session keeps nothing from one batch to the next, and one that outlives its deadline is ended on the server.
 */
export class Batches implements AsyncDisposable {
  readonly #options: BatchesOptions;
  readonly #pool: pg.Pool;
  readonly #busy = new Set<number>();
  #closed: Promise<void> | undefined;

  constructor(options: BatchesOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({
      ...connectionOn(options.way),
      application_name: options.name,
      pipeline: true,
      max: options.connections,
      idleTimeoutMillis: idleMs,
      connectionTimeoutMillis: waitMs,
    });
    this.#pool.on('error', options.onIdleError);
  }

  /**
   * Answers what each statement did, or which was refused. Throws KORA_TIMEOUT, and the store's errors where the server is
   * away or lets nobody in; `details.outcome` says `unknown` where the commit was under way.
   */
  async run(statements: readonly BatchStatement[], limits: BatchLimits): Promise<BatchResult> {
    const client = await this.#borrow();
    const lease = hold(client);
    const session = { pid: undefined as number | undefined };
    const { clock, name } = this.#options;
    try {
      const what = `a transaction of ${name}`;
      return await withDeadline(clock, { ms: limits.timeoutMs + graceMs, what }, () =>
        this.#send({ client, lease }, statements, limits, (pid) => {
          session.pid = pid;
          this.#busy.add(pid);
        }),
      );
    } catch (error) {
      lease.spoil(error);
      await this.#giveUp(error, session.pid);
      throw error;
    } finally {
      if (session.pid !== undefined) this.#busy.delete(session.pid);
      lease.giveBack();
    }
  }

  /** Ends what is under way on the server, and closes. */
  close(): Promise<void> {
    this.#closed ??= Promise.all([...this.#busy].map((pid) => this.#terminate(pid))).then(() =>
      this.#pool.end(),
    );
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #send(
    { client, lease }: { readonly client: pg.PoolClient; readonly lease: Lease },
    statements: readonly BatchStatement[],
    limits: BatchLimits,
    onSession: (pid: number) => void,
  ): Promise<BatchResult> {
    const { server, schema } = this.#options;
    const types = new PlainAnswers();
    const begin = client.query(
      `${beginOf(limits.timeoutMs, limits.lockTimeoutMs)}; set local search_path = ${schema}; ` +
        `set local timezone = 'UTC'; set local datestyle = 'ISO'; set local bytea_output = 'hex'; select pg_backend_pid() as pid`,
    );
    const asked = statements.map((statement) =>
      client.query<BatchAnswer['rows'][number]>(single(statement, types)),
    );
    const commit = client.query('commit');
    // PGlite's one session is everybody's, what others listen to included.
    const clean = server.kind === 'pglite' ? undefined : client.query('discard all');
    begin.then((results) => onSession(pidOf(results))).catch(() => undefined);
    const done = await Promise.allSettled([begin, ...asked, commit]);
    const cleaned = await Promise.allSettled([clean]);
    const refused = done.findIndex(({ status }) => status === 'rejected');
    if (refused >= 0) return this.#refused(done, refused);
    // It is committed; only the connection is not to be lent again.
    for (const each of cleaned) if (each.status === 'rejected') lease.spoil(each.reason);
    const { command } = await commit;
    if (command !== 'COMMIT') {
      throw fault('KORA_COMMIT_REFUSED', 'the transaction was rolled back by the database');
    }
    const answers = await Promise.all(asked);
    return {
      ok: true,
      answers: answers.map(({ rows, rowCount }) => ({ rows, count: rowCount ?? 0 })),
      tooLong: types.tooLong,
    };
  }

  #refused(done: readonly PromiseSettledResult<unknown>[], at: number): BatchResult {
    const error = reasonOf(done[at]);
    // The severity cannot be feigned by a function that raises, as a code can.
    if (error instanceof pg.DatabaseError && error.severity === 'ERROR') {
      return { ok: false, at: at - 1, sqlstate: error.code ?? '', error };
    }
    // A server that says farewell does no more; a line that is cut says nothing about what was sent.
    const saidSo = error instanceof pg.DatabaseError && at < done.length - 1;
    throw this.#away(error, saidSo ? 'not_committed' : 'unknown');
  }

  async #borrow(): Promise<pg.PoolClient> {
    const { name } = this.#options;
    if (this.#pool.waitingCount >= mostWaiting) {
      throw fault('KORA_PLUGIN_STATEMENT_REFUSED', `${mostWaiting} transactions of ${name} wait already`);
    }
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw this.#away(error, 'not_committed');
    }
  }

  #away(error: unknown, outcome: StoreOutcome): unknown {
    const { server, connections } = this.#options;
    return storeError(error, { server, connections, outcome });
  }

  /** A session that has not answered holds locks, and nobody may have its connection. */
  async #giveUp(error: unknown, pid: number | undefined): Promise<void> {
    if (pid === undefined || !(error instanceof KoraError) || error.code !== 'KORA_TIMEOUT') return;
    await this.#terminate(pid);
  }

  async #terminate(pid: number): Promise<void> {
    await this.#options.terminate(pid).catch((error: unknown) => this.#options.onIdleError(error));
  }
}

interface SingleQuery extends pg.QueryConfig {
  /** The driver's types do not know it: one Parse for one text. */
  readonly queryMode: 'extended';
}

function single({ text, values = [] }: BatchStatement, types: PlainAnswers): SingleQuery {
  return { text, values: [...values], types, queryMode: 'extended' };
}

/** Several statements in one text are answered by a list, which the driver's types do not know either. */
function pidOf(results: unknown): number {
  const last: unknown = Array.isArray(results) ? results.at(-1) : undefined;
  const [row] = (last as { readonly rows?: readonly { readonly pid: number }[] } | undefined)?.rows ?? [];
  return row?.pid ?? 0;
}

function reasonOf(result: PromiseSettledResult<unknown> | undefined): unknown {
  return result?.status === 'rejected' ? result.reason : undefined;
}

/** Whether the server let this login in not at all: unknown, wrong password, or no right to connect. */
export function isLoginRefused(error: unknown): boolean {
  if (!(error instanceof KoraError) || error.code !== 'KORA_STORE_REFUSED') return false;
  return ['28000', '28P01'].includes(codeOf(error.cause));
}
