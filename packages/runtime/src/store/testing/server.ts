import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedPostgres } from '@kora/postgres';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** How a test reaches the server that this run of the `db` project started. */
    postgres: { host: string; port: number; user: string; database: string; password: string };
  }
}

/** One real PostgreSQL for the whole run; every test file makes databases of its own in it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'kora-test-'));
  const server = await openEmbeddedPostgres({ home });
  project.provide('postgres', server.connection);
  return async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  };
}
