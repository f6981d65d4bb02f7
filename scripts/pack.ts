import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import semver from 'semver';

export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** The parts of a package.json that the parcel checks look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface Parcel {
  readonly tarball: string;
  readonly manifest: Manifest;
  /** Paths inside the tarball, without the leading `package/`. */
  readonly files: readonly string[];
}

/** Folders of all publishable packages. */
export function packageFolders(): string[] {
  const parent = join(root, 'packages');
  return readdirSync(parent)
    .map((name) => join(parent, name))
    .filter((folder) => existsSync(join(folder, 'package.json')));
}

/** Packs with pnpm, which is what publishes: it applies publishConfig and resolves catalog: and workspace: ranges. */
export function pack(folder: string, into: string): Parcel {
  mkdirSync(into, { recursive: true });
  const before = new Set(readdirSync(into));
  execFileSync('pnpm', ['pack', '--pack-destination', into], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const name = readdirSync(into).find((file) => file.endsWith('.tgz') && !before.has(file));
  if (name === undefined) throw new Error(`pnpm pack left no tarball for ${folder}`);
  return opened(join(into, name));
}

/** What is in a tarball. */
export function opened(tarball: string): Parcel {
  const listing = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' });
  const text = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
  return {
    tarball,
    manifest: JSON.parse(text) as Manifest,
    files: listing
      .trim()
      .split('\n')
      .map((path) => path.replace(/^package\//, '')),
  };
}

/** What is wrong with a parcel that no outside tool looks for; empty when nothing is. */
export function complaints(parcel: Parcel): string[] {
  const { manifest, files } = parcel;
  const found: string[] = [];
  const text = JSON.stringify(manifest);
  if (text.includes('@kora/source'))
    found.push('the packed exports still name @kora/source: a stranger would land in src');
  if (/"(workspace|catalog):/.test(text)) found.push('a dependency range is still workspace: or catalog:');
  // A template is a project of somebody else's, with sources and tests of its own.
  for (const file of files.filter((path) => !path.startsWith('templates/'))) {
    if (/^src\/|\.test\.|\/testing\/|tsbuildinfo|^\.turbo/.test(file))
      found.push(`does not belong in the tarball: ${file}`);
  }
  for (const required of ['README.md', 'LICENSE', 'CHANGELOG.md']) {
    if (!files.includes(required)) found.push(`missing ${required}`);
  }
  // A build that skipped its declarations stays green everywhere else; counting them is the only alarm.
  const declarations = files.filter((file) => file.endsWith('.d.ts')).length;
  const doors = targets(manifest.exports, 'types');
  if (doors.length === 0 || declarations < doors.length)
    found.push(`${declarations} declarations for ${doors.length} doors`);
  for (const door of [
    ...doors,
    ...targets(manifest.exports, 'default'),
    ...Object.values(manifest.bin ?? {}),
  ]) {
    if (!files.includes(door.replace(/^\.\//, ''))) found.push(`named but not packed: ${door}`);
  }
  return found;
}

/**
 * What the parcels of one release ask of each other and do not get: somebody who installs one from the registry would
 * not find, or not be allowed, what it names. Empty when they fit.
 */
export function strains(parcels: readonly Parcel[]): string[] {
  const versions = new Map(parcels.map(({ manifest }) => [manifest.name, manifest.version]));
  return parcels.flatMap(({ manifest }) => {
    const ranges = {
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
      ...manifest.dependencies,
    };
    return Object.entries(ranges).flatMap(([name, range]) => {
      const version = versions.get(name);
      if (version === undefined)
        return name.startsWith('@kora/') ? [`${manifest.name} needs ${name}, which is not published`] : [];
      return semver.satisfies(version, range, { includePrerelease: true })
        ? []
        : [`${manifest.name} ${manifest.version} asks for ${name} ${range}; ${version} is published with it`];
    });
  });
}

function targets(exports: Readonly<Record<string, unknown>>, condition: string): string[] {
  return Object.values(exports).flatMap((door) => {
    // A door that is one file for everybody: a schema, the manifest itself.
    if (typeof door === 'string') return condition === 'default' ? [door] : [];
    const target =
      typeof door === 'object' && door !== null ? (door as Record<string, unknown>)[condition] : undefined;
    return typeof target === 'string' ? [target] : [];
  });
}
