import type { Session, Transaction } from '../../packages/runtime/src/store/index.ts';
import type { Lens } from './planted.ts';

/** One transaction on one connection, which goes forth by statements and back by savepoints; nothing commits. */
export interface Thread extends Transaction {
  mark(depth: number): Promise<void>;
  back(depth: number): Promise<void>;
}

/** Each text is planned once. What was to follow a commit never does. */
export function threadOf({ client }: Session, lens: Lens): Thread {
  const names = new Map<string, string>();
  const nameOf = (text: string): string => {
    const known = names.get(text) ?? `claims ${names.size}`;
    names.set(text, known);
    return known;
  };
  return {
    query: async <Row extends object>(shipped: string, values: readonly unknown[] = []): Promise<Row[]> => {
      const text = lens(shipped);
      return (await client.query<Row>({ name: nameOf(text), text, values: [...values] })).rows;
    },
    afterCommit: () => undefined,
    mark: async (depth) => void (await client.query(`savepoint at_${depth}`)),
    back: async (depth) => void (await client.query(`rollback to savepoint at_${depth}`)),
  };
}
