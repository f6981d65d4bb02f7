import { fault } from '../../fault/index.ts';
import type { Database, Queryable } from '../../store/index.ts';

/** Runs one statement, known by its name or its text, or does to it what the day does. */
export type Meets = <Row extends object>(statement: string, ask: () => Promise<Row[]>) => Promise<Row[]>;

/** The store with something between it and whoever asks: pools and lanes alike, and the statements of no transaction. */
export function through(database: Database, meets: Meets): Database {
  const over = (inner: Queryable): Queryable => ({
    query: <Row extends object>(...asked: Parameters<Queryable['query']>) =>
      meets<Row>(asked[2]?.name ?? asked[0], () => inner.query<Row>(...asked)),
  });
  return { ...database, ...over(database), lane: () => over(database.lane()) };
}

export interface Lost {
  /** Which statements, and how many of them; default one. */
  readonly query?: RegExp;
  readonly queries?: number;
  readonly transactions?: number;
  /** Lost with the answer on its way back, instead of before they arrive. */
  readonly answered: boolean;
}

/** A store of which the first calls are lost. */
export function storm({ query, queries = 1, transactions = 0, answered }: Lost): (at: Database) => Database {
  const left = { queries, transactions };
  return (database) => ({
    ...through(database, async (statement, ask) => {
      if (query?.test(statement) !== true || left.queries === 0) return ask();
      left.queries -= 1;
      if (answered) await ask();
      throw away();
    }),
    transaction: async (work) => {
      if (left.transactions === 0) return database.transaction(work);
      left.transactions -= 1;
      if (answered) await database.transaction(work);
      throw away();
    },
  });
}

function away(): Error {
  return fault('KORA_STORE_UNREACHABLE', 'the store does not answer');
}
