import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { draft } from './chain/index.ts';
import { describeConfiguration, masked, viewOf } from './config-view.ts';
import type { ConfigViewOptions } from './config-view.ts';
import { closedToPages, readKeys, refuseUnwritable, saidAt, takeHot, writeKeys } from './config/index.ts';
import type { KeyChange, ReadFile } from './config/index.ts';
import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { ConfigChange, ConfigKeys, ConfigWriter, ConfigWritten, House } from './http/index.ts';
import { configFile, configuredRow } from './plugin-config.ts';
import type { PluginHost } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';
import { configWritten } from './runtime-events.ts';
import { operatorActor } from './workspace/index.ts';

type ConfigAnswers = Pick<House, 'configuration' | 'configure' | 'disablePlugin'>;

interface Parts {
  readonly ground: Ground;
  readonly rooms: Pick<Rooms, 'database' | 'chain'>;
  readonly plugins: { readonly index: Pick<PluginHost['index'], 'rows'> };
}

/** Texts whose readers may still come to write; a reader of an older one is told only that it changed. */
const mostRead = 32;

/** The configuration as it stands, and the operator's word on a key: into the file, onto the chain, and in force where it is hot. */
export function configAnswers(parts: Parts): ConfigAnswers {
  const desk = new ConfigDesk(parts);
  return {
    configuration: () => desk.look(),
    configure: async (change, by) => {
      for (const each of change.changes) refuseClosed(each, by);
      return desk.write(change, by);
    },
    disablePlugin: async (idOrPackage, reason, by) => {
      const { id } = configuredRow(parts.plugins, idOrPackage);
      const { target, digest, keys } = await desk.look();
      const stands = z
        .array(z.string())
        .catch([])
        .parse(keys.find(({ key }) => key === 'plugins.deny')?.inFile);
      const deny = stands.includes(id) ? stands : [...stands, id];
      // To take code away is open to a page that may write no key of the plugins: it cannot bring any.
      await desk.write({ changes: [{ key: 'plugins.deny', value: deny }], digest, reason }, by);
      return { plugin: id, file: target, deny };
    },
  };
}

class ConfigDesk {
  readonly #parts: Parts;
  readonly #options: ConfigViewOptions;
  /** By digest: what somebody has read, to tell what another wrote since. */
  readonly #read = new Map<string, ConfigKeys>();

  constructor(parts: Parts) {
    const { configuration, home, secrets } = parts.ground;
    this.#parts = parts;
    this.#options = { configuration, home: home.directory, scrub: (text) => secrets.scrub(text) };
  }

  async look(): Promise<ConfigKeys> {
    const seen = await describeConfiguration(this.#options);
    this.#read.delete(seen.digest);
    this.#read.set(seen.digest, seen);
    const [oldest] = this.#read.keys();
    if (this.#read.size > mostRead && oldest !== undefined) this.#read.delete(oldest);
    return seen;
  }

  async write({ changes, digest, reason }: ConfigChange, by: ConfigWriter): Promise<ConfigWritten> {
    const { ground, rooms } = this.#parts;
    const options = this.#options;
    for (const change of changes) refuseUnwritable(change);
    const file = configFile(options);
    const stood = await readKeys(file);
    const rows = rowsOf(viewOf(options, stood));
    const real = changes.filter(({ key, value }) => !isDeepStrictEqual(saidAt(stood.said, key), value));
    const told = real.map((change) => {
      const { class: kind = 'restart-process', hidden = true } = rows.get(change.key) ?? {};
      return {
        key: change.key,
        class: kind,
        hidden,
        ...valuesOf(change, stood, { hidden, scrub: options.scrub }),
      };
    });
    const who = { session: by.page?.session ?? null, device: by.page?.device ?? null, reason };
    await rooms.database.transaction(async (tx) => {
      const drafts = told.map(({ key, class: kind, hidden: secret, from, to }, at) => {
        const unset = real[at]?.value === undefined;
        const payload = { key, class: kind, secret, unset, from, to, ...who };
        return draft(configWritten, payload, { actorId: operatorActor });
      });
      if (drafts.length > 0) await rooms.chain.stage(tx, drafts);
      // Last, so that what is written is recorded and what is refused is not.
      const changed = (stands: ReadFile): Error =>
        changedFault(this.#read.get(digest), { file, stands, options });
      await writeKeys(file, { changes: real, digest, now: ground.clock.now(), changed });
    });
    await this.#takeOver(file, real);
    const after = await this.look();
    const now = rowsOf(after);
    const written = told.map(({ key, class: kind, from, to }) => ({
      key,
      from,
      to,
      class: kind,
      holds: holdsOf(now.get(key)),
    }));
    return { ...after, written };
  }

  async #takeOver(file: string, changes: readonly KeyChange[]): Promise<void> {
    const { configuration, log } = this.#parts.ground;
    const { config } = await readKeys(file);
    if (config === undefined) return;
    // A home without a file has one from now on.
    Object.assign(configuration, { file });
    const keys = changes.map(({ key, value }) => ({ key, isSaid: value !== undefined }));
    if (takeHot(configuration, config, keys).includes('log.level')) log.setLevel(config.log.level);
  }
}

type Row = ConfigKeys['keys'][number];

function rowsOf({ keys }: ConfigKeys): ReadonlyMap<string, Row> {
  return new Map(keys.map((row) => [row.key, row]));
}

function holdsOf(row: Row | undefined): ConfigWritten['written'][number]['holds'] {
  if (row?.overruled === true) return 'overruled';
  return row?.waits === true ? 'restart' : 'now';
}

/** Throws KORA_CONFIG_CLOSED where a page asks for a key that no page may write. */
function refuseClosed({ key, value }: KeyChange, { page }: ConfigWriter): void {
  const why = page === null ? undefined : closedToPages(key);
  if (why === undefined) return;
  const command =
    value === undefined
      ? `kora config unset ${key} --reason "…"`
      : `kora config set ${key} VALUE --reason "…"`;
  throw fault('KORA_CONFIG_CLOSED', `${key} is not written from a page: ${why}`, {
    fix: command,
    details: { issues: [{ path: key, message: `not from a page: ${why}` }] },
  });
}

type Json = z.infer<ReturnType<typeof z.json>>;

/** What the file said and will say, as it may be told: of a secret nothing. */
function valuesOf(
  { key, value }: KeyChange,
  { said }: ReadFile,
  {
    hidden,
    scrub = (text) => text,
  }: { readonly hidden: boolean; readonly scrub?: ConfigViewOptions['scrub'] },
): { readonly from: Json; readonly to: Json } {
  const told = (each: unknown): Json =>
    hidden || each === undefined ? null : z.json().parse(masked(each, scrub));
  return { from: told(saidAt(said, key)), to: told(value) };
}

/** Whoever read another text is told what is other now, key by key; where that text is not remembered, only that it is. */
function changedFault(
  seen: ConfigKeys | undefined,
  {
    file,
    stands,
    options,
  }: { readonly file: string; readonly stands: ReadFile; readonly options: ConfigViewOptions },
): Error {
  const changed = (seen?.keys ?? []).flatMap(({ key, hidden, inFile, isInFile }) => {
    const now = saidAt(stands.said, key);
    if (hidden) return (now !== undefined) === isInFile ? [] : [{ key, from: null, to: null }];
    const shown = now === undefined ? null : masked(now, options.scrub ?? ((text) => text));
    return isDeepStrictEqual(shown, inFile) ? [] : [{ key, from: inFile, to: shown }];
  });
  const told = changed.map(
    ({ key, from, to }) => `${key} is ${JSON.stringify(to)} and was ${JSON.stringify(from)}`,
  );
  const what = told.length === 0 ? '' : `: ${told.join('; ')}`;
  return fault('KORA_CONFIG_CHANGED', `${file} is not what it was when it was read${what}`, {
    fix: 'look at it again, and once more',
    details: { digest: stands.digest, changed },
  });
}
