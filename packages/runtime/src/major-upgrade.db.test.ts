import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedPostgres, removeEmbeddedPostgres } from '@kora/postgres';
import { expect, onTestFinished, test } from 'vitest';
import { openWith } from '../../postgres/src/open.ts';
import { draft, verifyChain } from './chain/index.ts';
import { chainOn, noted } from './chain/testing/chain.ts';
import { systemClock } from './clock/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { upgrading } from './major-upgrade.ts';
import { migrate, openPool, readMigrations } from './store/index.ts';
import type { Database, EmbeddedServer } from './store/index.ts';

const migrations = readMigrations(join(import.meta.dirname, '../migrations'));

function poolOf({ connection }: Pick<EmbeddedServer, 'connection'>): Database {
  return openPool({
    connection: { ...connection },
    server: { kind: 'embedded', description: 'test' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
}

test('a store made by PostgreSQL 15 is in 18 after the next start, every event proved', async () => {
  const home = join(testFolder(), 'home');
  await mkdir(home, { mode: 0o700 });
  onTestFinished(() => removeEmbeddedPostgres(home));
  const old = await openWith({ home }, { graceMs: 60_000, firstMajor: 15 });
  const before = poolOf(old);
  await migrate(before, { owner: 'runtime', build: '1.0.0', migrations: await migrations });
  const made = await chainOn(before);
  await made.chain.append(Array.from({ length: 500 }, (_, n) => draft(noted, { n })));
  await expect.poll(() => made.chain.unsealed()).toBe(0);
  const head = await made.chain.head();
  await made.scope.dispose();
  await before.close();
  await old.stop();

  const lines: string[] = [];
  const open = upgrading(openEmbeddedPostgres, systemClock());
  const server = await open?.({ home, onProgress: (line) => void lines.push(line) });
  if (server === undefined) throw new Error('an opener was given');
  const after = poolOf(server);
  try {
    expect(server.version).toMatch(/^18\./);
    const found = await verifyChain(after, made.workspaceId);
    expect(found).toMatchObject({ ok: true, checked: 500, head });
    expect(lines).toContainEqual(expect.stringMatching(/^\d+ rows moved, 500 events proved on both sides$/));
    expect(
      await migrate(after, { owner: 'runtime', build: '1.0.0', migrations: await migrations }),
    ).toMatchObject({
      applied: 0,
    });
  } finally {
    await after.close();
    await server.stop();
  }
});

test('a database of an older version that was never used is upgraded too', async () => {
  const home = join(testFolder(), 'home');
  await mkdir(home, { mode: 0o700 });
  onTestFinished(() => removeEmbeddedPostgres(home));
  await (await openWith({ home }, { graceMs: 60_000, firstMajor: 15 })).stop();
  const server = await upgrading(openEmbeddedPostgres, systemClock())?.({ home });
  expect(server?.version).toMatch(/^18\./);
  await server?.stop();
});
