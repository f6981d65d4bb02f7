import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { BackgroundDaemonEntry, Plugin, PluginContext } from '../packages/runtime/src/plugin.ts';
import { firstPartyDaemons } from './daemons.ts';
import { root } from './tree.ts';

/** The folders of packages whose manifest declares daemons. */
function pluginFolders(): string[] {
  return readdirSync(join(root, 'packages')).filter((folder) => {
    const file = join(root, 'packages', folder, 'package.json');
    if (!existsSync(file)) return false;
    const { kora } = JSON.parse(readFileSync(file, 'utf8')) as {
      kora?: { contributes?: { daemons?: string[] } };
    };
    return (kora?.contributes?.daemons ?? []).length > 0;
  });
}

/** The daemons that a plugin registers when everything it asks for is given to it. */
async function daemonsOf(folder: string): Promise<BackgroundDaemonEntry[]> {
  const { default: plugin } = (await import(join(root, 'packages', folder, 'src/index.ts'))) as {
    default: Plugin;
  };
  const entries: BackgroundDaemonEntry[] = [];
  const registration = { dispose: () => Promise.resolve() };
  const given: Readonly<Record<string, unknown>> = {
    id: plugin.id,
    config: plugin.config?.parse({}),
    signal: new AbortController().signal,
    clock: { now: () => 0, sleep: () => Promise.resolve(false) },
    registerBackgroundDaemon: (entry: BackgroundDaemonEntry) => {
      entries.push(entry);
      return Promise.resolve(registration);
    },
  };
  const context = new Proxy({} as PluginContext<unknown>, {
    get: (_, name) => given[String(name)] ?? (() => Promise.resolve(registration)),
  });
  await plugin.register(context);
  return entries;
}

const existing = Object.entries(firstPartyDaemons).flatMap(
  ([name, { fatal, package: folder, channel, loop }]) =>
    folder === null || channel !== undefined || loop !== undefined ? [] : [{ name, fatal, folder }],
);

it('every daemon of a first-party plugin stands in the table with its fatal flag, and every one in the table exists', async () => {
  const folders = pluginFolders();
  expect(folders).toContain('plugin-probes');
  const found = await Promise.all(
    folders.map(async (folder) =>
      (await daemonsOf(folder)).map(({ name, fatalOnStartupFailure: fatal = false }) => ({
        name,
        fatal,
        folder,
      })),
    ),
  );
  const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);
  expect(found.flat().sort(byName)).toEqual(existing.sort(byName));
});

it('what is a channel in place of a daemon is one of its plugin', () => {
  const channels = Object.values(firstPartyDaemons).flatMap(({ package: folder, channel }) =>
    folder === null || channel === undefined ? [] : [{ folder, channel }],
  );
  expect(channels).not.toEqual([]);
  for (const { folder, channel } of channels) {
    const { kora } = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as {
      kora: { contributes: { channels: string[] } };
    };
    expect(kora.contributes.channels).toContain(channel);
  }
});

it('what is a loop in place of a daemon is one of its plugin', () => {
  const loops = Object.values(firstPartyDaemons).flatMap(({ package: folder, loop }) =>
    folder === null || loop === undefined ? [] : [{ folder, loop }],
  );
  expect(loops).not.toEqual([]);
  for (const { folder, loop } of loops) {
    const { kora } = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as {
      kora: { contributes: { loops: string[] } };
    };
    expect(kora.contributes.loops).toContain(loop);
  }
});

it('docs/daemons.md shows the same table', () => {
  const page = readFileSync(join(root, 'docs/daemons.md'), 'utf8');
  const row =
    /^\| `(\w+)` \| (yes|no) \| (?:to come|(?:the (?:channel `(?<channel>\w+)`|loop `(?<loop>\w+)`) of )?`@kora\/(?<folder>[\w-]+)`) \|$/gm;
  const rows = [...page.matchAll(row)].map(({ 1: name, 2: fatal, groups }) => [
    name,
    fatal === 'yes',
    groups?.['folder'] ?? null,
    groups?.['channel'],
    groups?.['loop'],
  ]);
  expect(rows).toEqual(
    Object.entries(firstPartyDaemons).map(([name, { fatal, package: folder, channel, loop }]) => [
      name,
      fatal,
      folder,
      channel,
      loop,
    ]),
  );
});
