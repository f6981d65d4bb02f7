import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '@kora/postgres';
import type { PgliteOptions, PgliteServer } from '@kora/pglite';
import { EmbeddedPostgresError } from '@kora/postgres';
import { expect, it, onTestFinished } from 'vitest';
import { ephemeralStore, homeStore } from './store-opener.ts';
import type { OpenPglite } from './store-opener.ts';

const connection = { host: '/s', port: 5432, user: 'u', database: 'd', password: 'p' };
const stop = (): Promise<void> => Promise.resolve();
const postgres: EmbeddedPostgres = {
  connection,
  version: '18.4',
  dataDirectory: '/data',
  logFile: '/log',
  pid: 7,
  reattached: false,
  stop,
  [Symbol.asyncDispose]: stop,
};
const none = new EmbeddedPostgresError('KORA_PG_NOT_FOUND', 'no PostgreSQL for this machine: musl', 'none');

/** A PGlite that only remembers where it was asked to be. */
function played(): { readonly open: OpenPglite; readonly places: PgliteOptions['place'][] } {
  const places: PgliteOptions['place'][] = [];
  const openPglite = ({ place }: PgliteOptions): Promise<PgliteServer> => {
    places.push(place);
    return Promise.resolve({
      connection,
      version: '18.6',
      dataDirectory: place.kind === 'memory' ? undefined : join(place.home, 'pglite', 'data'),
      copyBeforeRecovery: undefined,
      reattached: false,
      stop,
      [Symbol.asyncDispose]: stop,
    });
  };
  return { places, open: () => Promise.resolve({ openPglite }) };
}

async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'kora-cli-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

it('opens the embedded PostgreSQL where there is one, and does not touch PGlite', async () => {
  const pglite = played();
  const opened = await homeStore(() => Promise.resolve(postgres), pglite.open)({ home: await makeHome() });
  expect(opened).toBe(postgres);
  expect(pglite.places).toEqual([]);
});

it('falls back to PGlite in the home where no binary fits, and says so and how durable it is', async () => {
  const pglite = played();
  const home = await makeHome();
  const said: string[] = [];
  const open = homeStore(() => Promise.reject(none), pglite.open);
  const opened = await open({ home, onProgress: (line) => said.push(line) });
  expect(pglite.places).toEqual([{ kind: 'directory', home }]);
  expect(opened.server).toEqual({
    kind: 'pglite',
    description: 'PGlite 18.6 (no embedded PostgreSQL for this platform; every commit is flushed)',
    directory: join(home, 'pglite', 'data'),
  });
  expect(said).toEqual(['no PostgreSQL for this machine: musl; PGlite takes its place']);
});

it('falls back for nothing else: a PostgreSQL that fails keeps its rows, and PGlite would begin empty', async () => {
  const pglite = played();
  const full = new EmbeddedPostgresError('KORA_PG_DISK_FULL', 'no space', 'free some');
  const open = homeStore(() => Promise.reject(full), pglite.open);
  await expect(open({ home: await makeHome() })).rejects.toBe(full);
  expect(pglite.places).toEqual([]);
});

it('stays with PGlite in a home that began with it, unless PostgreSQL has rows there too', async () => {
  const home = await makeHome();
  await mkdir(join(home, 'pglite', 'data'), { recursive: true });
  const pglite = played();
  const open = homeStore(() => Promise.resolve(postgres), pglite.open);
  expect((await open({ home })).server?.description).toContain('this home began with it');
  await mkdir(join(home, 'postgres', 'data'), { recursive: true });
  expect(await open({ home })).toBe(postgres);
});

it('keeps nothing of an ephemeral store, and calls it so', async () => {
  const pglite = played();
  const opened = await ephemeralStore(pglite.open)({ home: '/nowhere' });
  expect(pglite.places).toEqual([{ kind: 'memory' }]);
  expect(opened.server?.description).toBe('PGlite 18.6 in memory (ephemeral: nothing is kept)');
});
