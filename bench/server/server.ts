import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openWith } from '../../packages/postgres/src/open.ts';
import pg from 'pg';

/** A fresh cluster of its own, with the settings that a user gets; gone when it is closed. */
export interface BenchServer {
  readonly version: string;
  readonly connection: pg.ClientConfig;
  /** A new, empty database on it. */
  database(name: string): Promise<pg.ClientConfig>;
  close(): Promise<void>;
}

/** `flushMs`: added to each flush, by a library that the server loads before its C library. */
export async function benchServer(flushMs: number): Promise<BenchServer> {
  const home = mkdtempSync(join(tmpdir(), 'kora-bench-server-'));
  const serverEnv: Record<string, string> = {};
  if (flushMs > 0) {
    serverEnv['LD_PRELOAD'] = buildDelay();
    serverEnv['FSYNC_DELAY_US'] = String(flushMs * 1_000);
  }
  const server = await openWith({ home }, { graceMs: 1_000, serverEnv });
  const { connection } = server;
  return {
    version: server.version,
    connection: { ...connection },
    database: async (name) => {
      await run({ ...connection }, `create database ${pg.escapeIdentifier(name)}`);
      return { ...connection, database: name };
    },
    close: async () => {
      await server.stop();
      removeFolderOutside(home);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export async function run(connection: pg.ClientConfig, statement: string): Promise<unknown[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows;
  } finally {
    await client.end();
  }
}

/** Compiled where the server's unprivileged user can read it. */
function buildDelay(): string {
  const source = fileURLToPath(new URL('./fsync-delay.c', import.meta.url));
  const library = join(tmpdir(), 'kora-fsync-delay.so');
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the slow disk needs a C compiler: ${built.stderr}`);
  return library;
}

function removeFolderOutside(home: string): void {
  const pointer = join(home, 'postgres', 'place.json');
  try {
    const { path } = JSON.parse(readFileSync(pointer, 'utf8')) as { readonly path: string };
    rmSync(path, { recursive: true, force: true });
  } catch {
    return; // the data lies in the home itself
  }
}
