import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { Scope } from '../../scope/index.ts';
import { openPool } from '../../store/index.ts';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import type { TestDatabase } from '../../store/testing/database.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import { Chain } from '../chain.ts';
import type { ChainOptions } from '../chain.ts';
import type { EventType } from '../contract.ts';
import { eventType, Vocabulary } from '../vocabulary.ts';
import type { VocabularyOptions } from '../vocabulary.ts';
import { rang } from './rang.ts';

export const noted: EventType<{ n: number }> = eventType(
  'test.noted',
  'Something was noted.',
  z.object({ n: z.number() }),
);
export const said: EventType<{ text: string }> = eventType(
  'test.said',
  'Something was said.',
  z.object({ text: z.string() }),
);

export interface TestChain {
  readonly chain: Chain;
  readonly scope: Scope;
  readonly workspaceId: number;
  /** What the chain reported, as `where: message`. */
  readonly errors: string[];
}

export interface TestChainOptions extends VocabularyOptions, Pick<ChainOptions, 'spool'> {
  readonly clock?: Clock;
  readonly workspace?: string;
  readonly runtimeId?: string;
}

/** One runtime's view of a chain on a database; several make a fleet. Closed when the test ends. */
export async function chainOn(database: Database, options: TestChainOptions = {}): Promise<TestChain> {
  const clock = options.clock ?? systemClock();
  const { workspaceId } = await database.transaction((tx) =>
    ensureWorkspace(tx, options.workspace ?? 'default'),
  );
  const scope = new Scope('test');
  const errors: string[] = [];
  const owner = {
    workspaceId,
    runtimeId: options.runtimeId ?? clock.uuid(),
    sessionId: clock.uuid(),
    actorId: 'kora',
  };
  const onError = (where: string, error: unknown): void => {
    errors.push(`${where}: ${String(error)}`);
  };
  const vocabulary = new Vocabulary(options);
  const spool = options.spool === undefined ? {} : { spool: options.spool };
  const chain = new Chain({ database, owner, vocabulary, clock, scope, onError, ...spool });
  await chain.start();
  await chain.declare('test', [noted, said, rang]);
  onTestFinished(() => scope.dispose());
  return { chain, scope, workspaceId, errors };
}

/** A chain on a database of its own. */
export async function testChain(): Promise<TestChain & TestDatabase> {
  const made = await testDatabase();
  return { ...made, ...(await chainOn(made.database)) };
}

/** A second runtime: another pool, another chain. */
export async function secondRuntime({ connection }: TestDatabase): Promise<TestChain> {
  const database = openPool({
    connection,
    server: { kind: 'url', description: 'second runtime' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  onTestFinished(() => database.close());
  return chainOn(database);
}
