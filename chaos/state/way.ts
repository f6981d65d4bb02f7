import { fault } from '../../packages/runtime/src/fault/index.ts';
import type { Database, Queryable } from '../../packages/runtime/src/store/index.ts';

/** What a planted bug does to statements on their way, and to what comes back. */
export interface Lens {
  readonly text?: (statement: string) => string;
  readonly rows?: <Row extends object>(statement: string, rows: Row[]) => Row[];
}

/**
 * One process's way to the store: it may be cut, it ends with the process, and it knows when nothing is under way on it.
 * Notifications do not travel it, so that a process hears of nothing between two looks.
 */
export class Way {
  isAway = false;
  #isDead = false;
  #pending = 0;
  #idle: (() => void)[] = [];

  /** The process is gone: what it asked is carried out, and nobody hears the answer. */
  die(): void {
    this.#isDead = true;
    this.#pending = 0;
    this.#told();
  }

  /** Resolves when nothing is asked. */
  async idle(): Promise<void> {
    if (this.#pending > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  get isIdle(): boolean {
    return this.#pending === 0;
  }

  /** Counts work that is not a statement as under way. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) return never();
    this.#pending += 1;
    try {
      const value = await work();
      return this.#isDead ? await never<T>() : value;
    } catch (error) {
      if (this.#isDead) return await never<T>();
      throw error;
    } finally {
      if (!this.#isDead) {
        this.#pending -= 1;
        if (this.#pending === 0) this.#told();
      }
    }
  }

  to(database: Database, { text = same, rows = sameRows }: Lens = {}): Database {
    const asking = (over: Queryable): Queryable => ({
      query: async (statement, values) => rows(statement, await over.query(text(statement), values)),
    });
    const through = <T>(work: () => Promise<T>): Promise<T> => this.#through(work);
    const walled = (over: Queryable): Queryable => ({
      query: (statement, values) => through(() => asking(over).query(statement, values)),
    });
    return {
      ...database,
      ...walled(database),
      transaction: (work, options) =>
        through(() => database.transaction((tx) => work({ ...tx, ...asking(tx) }), options)),
      lane: () => walled(database.lane()),
      listen: () => Promise.resolve({ [Symbol.dispose]: () => undefined }),
      notify: () => undefined,
    };
  }

  #through<T>(work: () => Promise<T>): Promise<T> {
    if (!this.isAway || this.#isDead) return this.track(work);
    const details = { outcome: 'not_committed' };
    return Promise.reject(fault('KORA_STORE_UNREACHABLE', 'the store is away', { details }));
  }

  #told(): void {
    for (const tell of this.#idle.splice(0)) tell();
  }
}

/** Until nothing is under way and nothing has followed from it. */
export async function quiet(ways: readonly Way[]): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    if (ways.every(({ isIdle }) => isIdle)) continue;
    for (const way of ways) await way.idle();
    turns = 0;
  }
}

function never<T>(): Promise<T> {
  return Promise.withResolvers<T>().promise;
}

function same(statement: string): string {
  return statement;
}

function sameRows<Row>(_statement: string, rows: Row[]): Row[] {
  return rows;
}
