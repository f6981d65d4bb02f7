import { testFolder } from '../../../home/testing/folder.ts';
import type { TestDatabase } from '../../../store/testing/database.ts';
import { draft } from '../../index.ts';
import { noted, testChain } from '../../testing/chain.ts';
import type { TestChain } from '../../testing/chain.ts';
import type { Checkpointer } from '../checkpointer.ts';
import type { FoundCheckpoint } from '../form.ts';
import { checkpointsOn } from './checkpoints.ts';
import type { TestCheckpoints, TestCheckpointsOn } from './checkpoints.ts';

export interface TestHouse extends TestDatabase, TestChain, TestCheckpoints {
  readonly home: string;
  /** Seals so many events. */
  readonly add: (count: number) => Promise<void>;
  /** Another checkpointer, of this home where nothing else is said. */
  readonly on: (more?: Partial<TestCheckpointsOn>) => Promise<TestCheckpoints>;
}

/** A chain, a home, and a checkpointer that looks when it is told to. */
export async function house(options: Partial<TestCheckpointsOn> = {}): Promise<TestHouse> {
  const made = await testChain();
  await made.chain.declare('checkpoints', []);
  const home = testFolder();
  const add = async (count: number): Promise<void> => {
    for (let n = 0; n < count - 1; n += 1) await made.chain.append([draft(noted, { n })]);
    await made.chain.appendSealed(draft(noted, { n: count }));
  };
  const on = (more: Partial<TestCheckpointsOn> = {}) => checkpointsOn({ ...made, home, ...options, ...more });
  return { ...made, home, add, on, ...(await on()) };
}

/** Statements of the owner of the tables, past the guards. */
export async function asOwner(
  made: Pick<TestCheckpointsOn, 'database'>,
  ...statements: string[]
): Promise<void> {
  for (const statement of statements) await made.database.query(statement);
}

export const guards = (table: string, what: 'disable' | 'enable'): string =>
  `alter table kora.${table} ${what} trigger user`;

/** A statement fires the guard of the table it names, and of no partition. */
export const logGuards = (what: 'disable' | 'enable'): string[] =>
  ['event', 'event_0', 'event_body', 'event_body_0'].map((table) => guards(table, what));

export async function listed(checkpointer: Checkpointer): Promise<FoundCheckpoint[]> {
  return collected(checkpointer.list());
}

export async function filed(checkpointer: Checkpointer): Promise<FoundCheckpoint[]> {
  return collected(checkpointer.file.read());
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Cuts everything after `seq`, and moves the head as if it had never been. */
export function cutTail(seq: number): string[] {
  return [
    ...logGuards('disable'),
    `delete from kora.event where seq > ${seq}`,
    `delete from kora.event_body where seq > ${seq}`,
    `update kora.chain_head set seq = ${seq}, hash = (select hash from kora.event where seq = ${seq})`,
  ];
}
