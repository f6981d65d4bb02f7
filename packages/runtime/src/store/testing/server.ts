import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedPostgres } from '@kora/postgres';
import pg from 'pg';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** How a test reaches the server that its project started for this run. */
    postgres: { host: string; port: number; user: string; database: string; password: string };
    /** Where `pglite`, there is one database for all, and one session. */
    storeKind: 'embedded' | 'pglite';
  }
}

/** One real PostgreSQL for the whole run; every test file makes databases of its own in it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'kora-test-'));
  const server = await roomier(() => openEmbeddedPostgres({ home }));
  project.provide('postgres', server.connection);
  project.provide('storeKind', 'embedded');
  return async () => {
    await server.stop();
    const outside = await folderOutside(home);
    if (outside !== undefined) await rm(outside, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  };
}

/** Several test files use one server at once, each with the pools of whole runtimes: more than one operator's machine has. */
async function roomier(
  open: () => ReturnType<typeof openEmbeddedPostgres>,
): ReturnType<typeof openEmbeddedPostgres> {
  const narrow = await open();
  const client = new pg.Client(narrow.connection);
  await client.connect();
  await client.query('alter system set max_connections = 200');
  await client.end();
  await narrow.stop();
  return open();
}

/** Started as root, the server keeps its data outside the home, which says where: a hundred megabytes a run. */
async function folderOutside(home: string): Promise<string | undefined> {
  const pointer = await readFile(join(home, 'postgres', 'place.json'), 'utf8').catch(() => undefined);
  return pointer === undefined ? undefined : (JSON.parse(pointer) as { readonly path: string }).path;
}
