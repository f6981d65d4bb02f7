import { join } from 'node:path';
import { discover } from './discover.ts';
import type { BundledSource, Candidate, Origin } from './discover.ts';
import { readHostProject } from './host-project.ts';
import type { HostPackage } from './host-project.ts';
import { IndexCache } from './index-cache.ts';
import { insidePackage } from './locate.ts';
import { idInNames } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import type { PluginReason } from './reason.ts';
import { versionGate } from './version-gate.ts';

/** The host's word on plugins, from its configuration. Each list names ids or packages. */
export interface PluginSettings {
  /** These run in-process, like bundled ones. Default none. */
  readonly trusted?: readonly string[];
  /** These never load, whatever else names them. Default none. */
  readonly deny?: readonly string[];
  /** `allowlist` loads only what `allow` names. Default `all`. */
  readonly mode?: 'all' | 'allowlist';
  readonly allow?: readonly string[];
}

export interface IndexOptions {
  /** Where the search for the host project begins: the folder the operator is in. */
  readonly startDir: string;
  readonly bundled: readonly BundledSource[];
  readonly runtimeVersion: string;
  readonly settings?: PluginSettings;
  /** Absolute. Where the index is kept for the next time; left out, every package is read. */
  readonly home?: string;
}

/** One plugin as its manifest shows it, before any of its code has run. */
export interface IndexRow {
  readonly id: string;
  readonly packageName: string;
  readonly version: string;
  readonly origin: Origin;
  readonly trusted: boolean;
  /** Real path of the package. */
  readonly directory: string;
  /** Real path of the entry module; undefined where the row has a reason. */
  readonly entry: string | undefined;
  readonly manifest: Manifest | undefined;
  readonly state: 'indexed' | 'incompatible' | 'denied';
  readonly reason?: PluginReason;
}

export interface PluginIndex {
  readonly host: HostPackage | undefined;
  /** Sorted by id, then origin, then package. */
  readonly rows: readonly IndexRow[];
  /** Packages that were named, by the host or as bundled, and are not installed. */
  readonly missing: readonly string[];
}

/**
 * Lists every plugin this host has, with what keeps it from loading, and runs none of their code: the one index of
 * CLI, runtime and cockpit. A package that is wrong is a row with its reason, never a throw. Throws
 * KORA_CONFIG_UNREADABLE when the host project itself cannot be read.
 */
export async function indexPlugins(options: IndexOptions): Promise<PluginIndex> {
  const host = readHostProject(options.startDir);
  const cache = IndexCache.open(options, host);
  const kept = cache?.read();
  if (kept !== undefined) return { host, rows: kept, missing: [] };
  const { candidates, missing, mayChange } = await discover(options.bundled, host);
  const settled = await Promise.all(candidates.map((candidate) => rowOf(candidate, options)));
  const rows = refuseDuplicates(dropReplaced(settled).sort(byIdOriginPackage));
  // What is not there yet may come without a word from the package manager: it is looked for again.
  const whole = missing.length === 0 && !rows.some(({ reason }) => reason?.code === 'entry_missing');
  if (whole) await cache?.write(rows, mayChange);
  return { host, rows, missing };
}

async function rowOf(candidate: Candidate, options: IndexOptions): Promise<IndexRow> {
  const { origin, packageName, directory, reading } = candidate;
  const settings = options.settings ?? {};
  const file = join(directory, 'package.json');
  if (reading.kind === 'malformed') {
    const id = idFromPackage(packageName);
    const bare = { id, packageName, version: '', origin, trusted: false, directory, entry: undefined };
    const problems = reading.problems.map(({ key, message }) => `${key} ${message}`).join('; ');
    const reason: PluginReason = {
      code: 'manifest_invalid',
      message: `${file}: ${problems}`,
      fix: `correct ${file}, or: kora plugin remove ${packageName}`,
    };
    const denied = refusalBySettings(bare, settings);
    return {
      ...bare,
      manifest: undefined,
      state: denied ? 'denied' : 'incompatible',
      reason: denied ?? reason,
    };
  }
  const { facts, manifest } = reading;
  const named = { id: manifest.id, packageName };
  const base = {
    ...named,
    version: facts.version,
    origin,
    trusted: origin === 'bundled' || names(settings.trusted, named),
    directory,
    manifest,
  };
  const refusal = refusalBySettings(named, settings);
  if (refusal !== undefined) return { ...base, entry: undefined, state: 'denied', reason: refusal };
  const misfit = versionGate(facts, manifest, options.runtimeVersion);
  if (misfit !== undefined) return { ...base, entry: undefined, state: 'incompatible', reason: misfit };
  const entry = await findEntry(base, manifest.entry);
  if ('code' in entry) return { ...base, entry: undefined, state: 'incompatible', reason: entry };
  return { ...base, entry: entry.file, state: 'indexed' };
}

interface Named {
  readonly id: string;
  readonly packageName: string;
}

function names(list: readonly string[] | undefined, plugin: Named): boolean {
  return (list ?? []).some((name) => name === plugin.id || name === plugin.packageName);
}

function refusalBySettings(plugin: Named, settings: PluginSettings): PluginReason | undefined {
  if (names(settings.deny, plugin)) {
    return {
      code: 'denied',
      message: `plugins.deny names ${plugin.id}`,
      fix: `remove "${plugin.id}" from plugins.deny in kora.json`,
    };
  }
  if (settings.mode === 'allowlist' && !names(settings.allow, plugin)) {
    return {
      code: 'not_allowed',
      message: `plugins.mode is "allowlist" and plugins.allow does not name ${plugin.id}`,
      fix: `add "${plugin.id}" to plugins.allow in kora.json`,
    };
  }
  return undefined;
}

async function findEntry(
  plugin: Named & { readonly directory: string },
  path: string,
): Promise<{ readonly file: string } | PluginReason> {
  const entry = await insidePackage(plugin.directory, path);
  if (typeof entry === 'object') return entry;
  const where = `${join(plugin.directory, 'package.json')}: kora.entry ${path}`;
  if (entry === 'outside') {
    return {
      code: 'manifest_invalid',
      message: `${where} leads out of the package`,
      fix: `kora plugin remove ${plugin.packageName}`,
    };
  }
  return {
    code: 'entry_missing',
    message: `${where} does not exist`,
    fix: `build the package, or install it again: kora plugin add ${plugin.packageName}`,
  };
}

/**
 * The host's own copy of a bundled plugin takes its place, so that an operator can upgrade one alone. A copy whose
 * manifest does not parse has no id to speak of: it replaces only the package whose name it bears.
 */
function dropReplaced(rows: readonly IndexRow[]): IndexRow[] {
  const hosts = rows.filter((row) => row.origin === 'host');
  const ids = new Set(hosts.flatMap((row) => (row.manifest ? [idInNames(row.id)] : [])));
  const packages = new Set(hosts.map((row) => row.packageName));
  return rows.filter(
    (row) => row.origin === 'host' || !(ids.has(idInNames(row.id)) || packages.has(row.packageName)),
  );
}

function refuseDuplicates(rows: readonly IndexRow[]): readonly IndexRow[] {
  const holders = new Map<string, IndexRow>();
  return rows.map((row) => {
    if (row.state !== 'indexed') return row;
    const holder = holders.get(idInNames(row.id));
    if (holder === undefined) {
      holders.set(idInNames(row.id), row);
      return row;
    }
    const reason: PluginReason = {
      code: 'duplicate_id',
      message: `${row.packageName} has the id ${row.id}, which ${holder.packageName} holds (${holder.id})`,
      fix: `kora plugin remove ${row.packageName}, or kora plugin remove ${holder.packageName}`,
    };
    return { ...row, state: 'incompatible', entry: undefined, reason };
  });
}

function byIdOriginPackage(a: IndexRow, b: IndexRow): number {
  return compare(a.id, b.id) || compare(a.origin, b.origin) || compare(a.packageName, b.packageName);
}

/** By code unit: the same everywhere, whatever the machine's language. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A readable id for a package whose own cannot be read. */
function idFromPackage(packageName: string): string {
  const last = packageName.split(/[/\\]/).findLast((part) => part.length > 0) ?? '';
  const id = last
    .toLowerCase()
    .replace(/^(kora-)?plugin-/, '')
    .replaceAll(/[^a-z0-9-]/g, '-')
    .replace(/^[^a-z]+/, '');
  return id === '' ? 'unnamed' : id.slice(0, 40);
}
