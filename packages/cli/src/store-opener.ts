import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { openEmbeddedPostgres } from '@kora/postgres';
import type { openPglite } from '@kora/pglite';

/** A database that this process brought up, and what it calls itself where it is no embedded PostgreSQL. */
export interface OpenedStore {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
    readonly password: string;
  };
  readonly version: string;
  readonly dataDirectory?: string;
  readonly reattached: boolean;
  readonly server?: {
    readonly kind: 'pglite';
    readonly description: string;
    readonly directory: string | undefined;
  };
  stop(): Promise<void>;
}

export interface StorePlace {
  readonly home: string;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export type OpenStore = (place: StorePlace) => Promise<OpenedStore>;

/** The package, loaded when it is needed: it is large, and few homes need it. */
export type OpenPglite = () => Promise<{ readonly openPglite: typeof openPglite }>;

/**
 * The store of a home: the embedded PostgreSQL, and PGlite in its place where there is none for this machine. A home that
 * began with PGlite stays with it: its rows are there, and a PostgreSQL that was installed since would begin empty.
 */
export function homeStore(postgres: typeof openEmbeddedPostgres, pglite: OpenPglite): OpenStore {
  return async (place) => {
    if (livesInPglite(place.home)) return await openInHome(place, 'this home began with it', pglite);
    try {
      return await postgres(place);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      place.onProgress?.(`${error.message}; PGlite takes its place`);
      return await openInHome(place, 'no embedded PostgreSQL for this platform', pglite);
    }
  };
}

/** A store in memory, whose rows go with the process. */
export function ephemeralStore(pglite: OpenPglite): OpenStore {
  return async ({ onProgress, signal }) => {
    const { openPglite: open } = await pglite();
    const opened = await open({
      place: { kind: 'memory' },
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    });
    const description = `PGlite ${opened.version} in memory (ephemeral: nothing is kept)`;
    return told(opened, description);
  };
}

/** Whether the rows of this home lie in PGlite's folder and not in PostgreSQL's. */
export function livesInPglite(home: string): boolean {
  const postgres = join(home, 'postgres');
  const hasPostgres = ['data', 'place.json'].some((name) => existsSync(join(postgres, name)));
  return !hasPostgres && existsSync(join(home, 'pglite', 'data'));
}

async function openInHome(
  { home, onProgress, signal }: StorePlace,
  why: string,
  pglite: OpenPglite,
): Promise<OpenedStore> {
  const { openPglite: open } = await pglite();
  const opened = await open({
    place: { kind: 'directory', home },
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  return told(opened, `PGlite ${opened.version} (${why}; every commit is flushed)`);
}

type Opened = Awaited<ReturnType<typeof openPglite>>;

function told(opened: Opened, description: string): OpenedStore {
  const { connection, version, dataDirectory, reattached } = opened;
  return {
    connection,
    version,
    reattached,
    ...(dataDirectory === undefined ? {} : { dataDirectory }),
    server: { kind: 'pglite', description, directory: dataDirectory },
    stop: () => opened.stop(),
  };
}

function isNotFound(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'KORA_PG_NOT_FOUND';
}
