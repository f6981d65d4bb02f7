import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';

/** A connection to a home's embedded database as its owner: what somebody with the machine in hand could do. */
export interface StoreConnection extends AsyncDisposable {
  rows<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
}

/** Where the embedded database of a home lies; as root outside of it, and `place.json` says where. */
export function databaseFolder(home: string): string | undefined {
  const pointer = join(home, 'postgres', 'place.json');
  if (existsSync(pointer)) {
    return z.object({ path: z.string() }).parse(JSON.parse(readFileSync(pointer, 'utf8'))).path;
  }
  const inHome = join(home, 'postgres');
  return existsSync(inHome) ? inHome : undefined;
}

/** The socket of a home's running server. */
export function socketOf(home: string): string {
  const folder = databaseFolder(home);
  if (folder === undefined) throw new Error(`${home} has no database yet`);
  // Of PostgreSQL's own pid file, line 4 is the port and line 5 the folder of its socket.
  const lines = readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
  return join(lines[4] ?? '', `.s.PGSQL.${lines[3]}`);
}

/** Reads socket and password where the runtime keeps them. */
export async function connectToStore(home: string): Promise<StoreConnection> {
  const client = new pg.Client({
    host: dirname(socketOf(home)),
    user: 'kora',
    database: 'kora',
    password: readFileSync(join(home, 'postgres', 'password'), 'utf8').trim(),
  });
  // The server may be killed under us; whoever waits for an answer hears of it by its own query.
  client.on('error', () => undefined);
  await client.connect();
  return {
    rows: async <T>(sql: string, values: readonly unknown[] = []): Promise<T[]> =>
      (await client.query(sql, [...values])).rows as T[],
    [Symbol.asyncDispose]: () => client.end(),
  };
}
