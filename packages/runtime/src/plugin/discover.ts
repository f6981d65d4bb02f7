import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostPackage } from './host-project.ts';
import { locatePackage, parseJson, readTextNow } from './locate.ts';
import { readManifest } from './manifest.ts';
import type { ManifestReading } from './manifest.ts';

/** A plugin that comes with whoever starts the runtime: a folder, or a package resolved from one. */
export type BundledSource =
  | { readonly packageDir: string }
  | { readonly name: string; readonly from: string };

export type Origin = 'bundled' | 'host';

/** A package that has a `kora` block, whatever its worth. */
export interface Candidate {
  readonly origin: Origin;
  readonly packageName: string;
  /** Real path. */
  readonly directory: string;
  readonly reading: Exclude<ManifestReading, { kind: 'ordinary' }>;
}

export interface Discovery {
  readonly candidates: readonly Candidate[];
  /** What was named and is not installed, of the bundled ones and of the host's dependencies. */
  readonly missing: readonly string[];
  /** Folders of packages that may change without an install: plugins, and what is linked from elsewhere. */
  readonly mayChange: readonly string[];
}

/** A package like any other. */
interface Ordinary {
  readonly ordinary: string;
}

type Found = Candidate | Ordinary | 'missing';

/** Reads the manifests of the bundled plugins and of the host's dependencies. node_modules is never walked. */
export async function discover(
  bundled: readonly BundledSource[],
  host: HostPackage | undefined,
): Promise<Discovery> {
  const own = await Promise.all(bundled.map(readBundled));
  const wanted = host?.dependencies ?? [];
  const added = await Promise.all(wanted.map((name) => readInstalled('host', name, host?.directory ?? '/')));
  const all = [...own, ...added];
  const names = [...bundled.map((source) => ('name' in source ? source.name : source.packageDir)), ...wanted];
  return {
    candidates: all.filter((each) => typeof each === 'object' && 'reading' in each),
    missing: names.filter((_name, at) => all[at] === 'missing'),
    mayChange: all.flatMap((each) => {
      if (each === 'missing') return [];
      if ('reading' in each) return [each.directory];
      return isLinked(each.ordinary) ? [each.ordinary] : [];
    }),
  };
}

async function readBundled(source: BundledSource): Promise<Found> {
  if ('name' in source) return readInstalled('bundled', source.name, source.from);
  const { packageDir } = source;
  return readPackage('bundled', packageDir, await realpath(packageDir).catch(() => packageDir));
}

async function readInstalled(origin: Origin, name: string, from: string): Promise<Found> {
  const directory = await locatePackage(name, from);
  return directory === undefined ? 'missing' : readPackage(origin, name, directory);
}

/** `directory` is a real path. Its one small file is read at once; the pool of threads takes longer to be asked. */
function readPackage(origin: Origin, name: string, directory: string): Found {
  const text = readTextNow(join(directory, 'package.json'));
  if (text === undefined) return 'missing';
  const place = { origin, directory };
  // Most packages have no such block, and need not be parsed to know it.
  if (!text.includes('"kora"')) return { ordinary: place.directory };
  const json = parseJson(text);
  if (json === undefined) {
    // Broken JSON with a kora block in it was meant to be a plugin: its operator should see why it is not.
    const problem = { key: '(file)', message: 'is not valid JSON' };
    return { ...place, packageName: name, reading: { kind: 'malformed', problems: [problem] } };
  }
  const reading = readManifest(json);
  if (reading.kind === 'ordinary') return { ordinary: place.directory };
  return { ...place, packageName: nameOf(json) ?? name, reading };
}

function nameOf(packageJson: unknown): string | undefined {
  const name = (packageJson as { readonly name?: unknown } | null)?.name;
  return typeof name === 'string' && name.length > 0 ? name : undefined;
}

/** A package manager installs below a node_modules; what lies elsewhere is somebody's working copy. */
function isLinked(directory: string): boolean {
  return !directory.split(/[/\\]/).includes('node_modules');
}
