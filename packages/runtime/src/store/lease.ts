import type pg from 'pg';
import { messageOf } from '../fault/index.ts';
import type { TimedQuery } from './limits.ts';

/** A transaction is rolled back within this, or its connection is thrown away. */
const rollbackMs = 5_000;

export interface Lease {
  /** It is not to be lent again. */
  spoil(error: unknown): void;
  /** Leaves it clean for the next borrower, or spoils it. */
  rollback(): Promise<void>;
  giveBack(): void;
}

/** While it is lent, what happens to the connection is the borrower's: the pool has let go of its errors. */
export function hold(client: pg.PoolClient): Lease {
  let broken: Error | undefined;
  const spoil = (error: unknown): void => {
    broken ??= error instanceof Error ? error : new AggregateError([error], messageOf(error));
  };
  client.on('error', spoil);
  return {
    spoil,
    rollback: async () => {
      if (broken !== undefined) return;
      const text: TimedQuery = { text: 'rollback', query_timeout: rollbackMs };
      await client.query(text).catch(spoil);
    },
    giveBack: () => {
      client.off('error', spoil);
      client.release(broken);
    },
  };
}
