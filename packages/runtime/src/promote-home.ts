import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { fault } from './fault/index.ts';
import { openStoreAt } from './ground.ts';
import type { Ground } from './ground.ts';
import { homeFiles, writeAtomic } from './home/index.ts';
import { pluginCarrier } from './plugin/index.ts';
import { raiseEpoch } from './state/index.ts';
import { withStoppedHome } from './stopped-home.ts';
import type { StoppedHomeOptions } from './stopped-home.ts';
import type { Database } from './store/index.ts';
import { transferStore } from './transfer/index.ts';
import type { TransferReport } from './transfer/index.ts';
import { operatorActor } from './workspace/index.ts';

export interface PromoteOptions extends StoppedHomeOptions {
  /** A PostgreSQL URL of an empty database. */
  readonly url: string;
  readonly reason: string;
}

export interface PromoteReport extends TransferReport {
  readonly from: string;
  readonly to: string;
  /** The file that names the new store from now on. */
  readonly setting: string;
  /** A variable of the environment that still names another store and would win; null when there is none. */
  readonly overriddenBy: string | null;
}

const variable = 'KORA_DATABASE_URL';

/**
 * Moves a home's store to another PostgreSQL, proves it on both sides and only then points the home there. The store it
 * came from stays as it is, in a raised epoch, so that nobody goes on with it by mistake. Throws KORA_STORE_NOT_EMPTY
 * or KORA_TRANSFER_DIFFERS; nothing was switched then, and a second call begins anew.
 */
export function promoteHome(options: PromoteOptions): Promise<PromoteReport> {
  return withStoppedHome(options, async ({ ground, scope, database }) => {
    if (ground.configuration.databaseUrl === options.url) {
      throw fault('KORA_STORE_NOT_EMPTY', 'the store of this home is there already', { fix: 'kora up' });
    }
    const target = await openStoreAt(ground, scope.child('target'), options.url);
    const { onProgress = () => undefined, signal } = options;
    const report = await transferStore({
      source: database,
      target,
      onProgress,
      signal,
      refuseDamaged: true,
      plugins: pluginCarrier(ground.clock),
    });
    const setting = await pointAt(ground.home.directory, options.url);
    await leave(ground, database, { to: target.server.description, reason: options.reason });
    const isOverridden =
      (options.env[variable]?.trim() ?? '') !== '' && options.env[variable] !== options.url;
    return {
      ...report,
      from: database.server.description,
      to: target.server.description,
      setting,
      overriddenBy: isOverridden ? variable : null,
    };
  });
}

/** The URL is a secret: it goes into the home's `.env`, never into kora.json. */
export async function pointAt(home: string, url: string): Promise<string> {
  const file = join(home, homeFiles.env);
  const text = await readFile(file, 'utf8').catch(() => '');
  const others = text.split('\n').filter((line) => !/^\s*(export\s+)?KORA_DATABASE_URL\s*=/.test(line));
  const line = `${variable}='${url.replaceAll("'", '%27')}'`;
  const next = `${[...others.filter((one, at) => one !== '' || at < others.length - 1), line].join('\n')}\n`;
  if (parseEnv(next)[variable] !== url.replaceAll("'", '%27')) {
    throw fault('KORA_CONFIG_INVALID', `the database URL cannot be written into ${file}`, {
      fix: 'percent-encode the password in the URL',
    });
  }
  await writeAtomic(file, next);
  return file;
}

/** What stays behind says so: to the next home that opens it by its epoch, to a person by a note. */
async function leave(
  ground: Ground,
  source: Database,
  { to, reason }: { readonly to: string; readonly reason: string },
): Promise<void> {
  await raiseEpoch(source, { by: operatorActor, reason: `moved to ${to}: ${reason}` });
  if (source.server.kind === 'url') return;
  const folder = join(ground.home.directory, 'postgres');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const when = new Date(ground.clock.now()).toISOString();
  const note = `The store of this home was moved to ${to} on ${when}.
Why: ${reason}
The database here is as it was then; nothing uses it any more. Delete it when the new one has a backup.
`;
  await writeAtomic(join(folder, 'MOVED.txt'), note);
}
