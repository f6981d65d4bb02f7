import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Chain, draft, eventType, Vocabulary } from '../../packages/runtime/src/chain/index.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { Scope } from '../../packages/runtime/src/scope/index.ts';
import { migrate, openPool, readMigrations } from '../../packages/runtime/src/store/index.ts';
import type { Database } from '../../packages/runtime/src/store/index.ts';
import { ensureWorkspace } from '../../packages/runtime/src/workspace/index.ts';
import type pg from 'pg';
import { padding } from './contestant.ts';
import type { Appender, Contestant } from './contestant.ts';

const noted = eventType(
  'bench.noted',
  'The benchmark appended it.',
  z.object({ n: z.number(), padding: z.string() }),
);

export interface BenchChain {
  readonly chain: Chain;
  readonly database: Database;
  readonly workspaceId: number;
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** The runtime's own chain on a database, as `createKora` builds it: same pool, same sealer. */
export async function openChain(
  connection: pg.ClientConfig,
  watch: (database: Database) => Database = (database) => database,
): Promise<BenchChain> {
  const clock = systemClock();
  const onError = (where: unknown, error?: unknown): void => {
    process.stderr.write(`${String(where)}: ${String(error)}\n`);
  };
  const pool = openPool({
    connection,
    server: { kind: 'url', description: 'benchmark' },
    clock,
    onIdleError: onError,
  });
  const database = watch(pool);
  const migrations = await readMigrations(
    fileURLToPath(new URL('../../packages/runtime/migrations/', import.meta.url)),
  );
  await migrate(database, { owner: 'runtime', build: '0.0.0-bench', migrations });
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
  const owner = { workspaceId, runtimeId: clock.uuid(), sessionId: clock.uuid(), actorId: 'kora' };
  const scope = new Scope('bench');
  const chain = new Chain({ database, owner, vocabulary: new Vocabulary(), clock, scope, onError });
  await chain.start();
  await chain.declare('bench', [noted]);
  return {
    chain,
    database,
    workspaceId,
    settle: async () => {
      while ((await chain.unsealed()) > 0) await clock.sleep(5);
    },
    close: async () => {
      await scope.dispose();
      await database.close();
    },
  };
}

export function note(n: number): ReturnType<typeof draft> {
  return draft(noted, { n, padding });
}

/** `append`: what the runtime's own rooms call outside a transaction. */
export const koraAppend: Contestant = {
  name: 'Kora append',
  gives: 'gapless order, SHA-256 links over every field, schema-checked, sealed',
  open: async (connection) => {
    const opened = await openChain(connection);
    return appender(opened, (n) => opened.chain.append([note(n)]));
  },
};

/** Staged beside a business row, in a transaction of its own: four round trips, as rooms do it. */
export const koraStaged: Contestant = {
  name: 'Kora staged beside a business row',
  gives: 'the same, together with a row or not at all',
  open: async (connection) => {
    const opened = await openChain(connection);
    await opened.database.query('create table business (n bigint generated always as identity primary key)');
    return appender(opened, (n) =>
      opened.database.transaction(async (tx) => {
        await tx.query('insert into business default values');
        await opened.chain.stage(tx, [note(n)]);
      }),
    );
  },
};

function appender(opened: BenchChain, append: (n: number) => Promise<unknown>): Appender {
  return {
    append: async (_lane, n) => {
      await append(n);
    },
    settle: opened.settle,
    count: async () => {
      const [row] = await opened.database.query<{ count: number }>(
        'select count(*) as count from kora.event where workspace_id = $1',
        [opened.workspaceId],
      );
      return row?.count ?? 0;
    },
    close: opened.close,
  };
}
