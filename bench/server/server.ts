import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPglite } from '@kora/pglite';
import type { PgliteServer } from '@kora/pglite';
import { openWith } from '../../packages/postgres/src/open.ts';
import pg from 'pg';

/** A fresh cluster of its own, with the settings that a user gets; gone when it is closed. */
export interface BenchServer {
  readonly version: string;
  /** A new, empty database on it. */
  database(name: string): Promise<pg.ClientConfig>;
  close(): Promise<void>;
}

export const stores = ['embedded', 'postgres-15', 'pglite'] as const;
export type Store = (typeof stores)[number];

/**
 * `flushMs`: added to each flush, by a library that the server loads before its C library. `settings`: what an operator
 * would set by ALTER SYSTEM; the server is started once more with them.
 */
export async function benchServer(
  store: Store,
  flushMs: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<BenchServer> {
  if (store === 'pglite') return pgliteServer();
  const home = mkdtempSync(join(tmpdir(), 'kora-bench-server-'));
  const serverEnv: Record<string, string> = {};
  if (flushMs > 0) {
    serverEnv['LD_PRELOAD'] = buildDelay();
    serverEnv['FSYNC_DELAY_US'] = String(flushMs * 1_000);
  }
  const major = store === 'postgres-15' ? { firstMajor: 15 } : {};
  const open = (): ReturnType<typeof openWith> => openWith({ home }, { graceMs: 1_000, serverEnv, ...major });
  let server = await open();
  if (Object.keys(settings).length > 0) {
    for (const [name, value] of Object.entries(settings))
      await run(
        { ...server.connection },
        `alter system set ${pg.escapeIdentifier(name)} = ${pg.escapeLiteral(value)}`,
      );
    await server.stop();
    server = await open();
  }
  const { connection } = server;
  return {
    version: server.version,
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

/** It has one database, so each that is asked for is a PGlite of its own, in a directory: flushed, like the others. */
async function pgliteServer(): Promise<BenchServer> {
  const opened: { readonly home: string; readonly server: PgliteServer }[] = [];
  const close = async (): Promise<void> => {
    for (const { home, server } of opened.splice(0)) {
      await server.stop();
      rmSync(home, { recursive: true, force: true });
    }
  };
  let version = '';
  return {
    get version() {
      return `${version} in PGlite`;
    },
    database: async () => {
      // The one before is done with: each takes half a gigabyte of memory.
      await close();
      const home = mkdtempSync(join(tmpdir(), 'kora-bench-pglite-'));
      const server = await openPglite({ place: { kind: 'directory', home } });
      opened.push({ home, server });
      version = server.version;
      return { ...server.connection };
    },
    close,
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

/** For whoever takes one text instead of fields. */
export function urlOf({ host, port, user, password, database }: pg.ClientConfig): string {
  const secret = encodeURIComponent(String(password));
  return `postgres://${user}:${secret}@localhost:${port}/${database}?host=${encodeURIComponent(host ?? '')}`;
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
