import type pg from 'pg';
import type { Queryable, QueryOptions } from './database.ts';
import { hold } from './lease.ts';
import type { Lease } from './lease.ts';

export interface LaneOptions {
  readonly borrow: () => Promise<pg.PoolClient>;
  /** Runs one statement on the connection. */
  readonly ask: <Row extends object>(
    lent: { readonly client: pg.PoolClient; readonly lease: Lease },
    text: string,
    values: readonly unknown[],
    options: QueryOptions | undefined,
  ) => Promise<Row[]>;
}

/**
 * Statements that are each their own transaction, sent one behind the other without waiting for answers: the server runs
 * them in the order of the calls, and is never idle while the next is prepared. It holds a connection of the pool only
 * while a statement is on its way.
 */
export class Lane implements Queryable {
  readonly #options: LaneOptions;
  #lent: Promise<{ readonly client: pg.PoolClient; readonly lease: Lease }> | undefined;
  #underWay = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  async query<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    options?: QueryOptions,
  ): Promise<Row[]> {
    this.#underWay += 1;
    this.#lent ??= this.#options.borrow().then((client) => ({ client, lease: hold(client) }));
    const lent = this.#lent;
    try {
      return await this.#options.ask<Row>(await lent, text, values, options);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) {
        this.#lent = undefined;
        // Whoever waits for a connection that could not be had is told by the borrowing itself.
        await lent.then(({ lease }) => lease.giveBack()).catch(() => undefined);
      }
    }
  }
}
