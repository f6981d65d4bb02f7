import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { complaints, opened, strains, type Parcel } from '../../scripts/pack.ts';
import type { Published, Registry } from './registry.ts';
import type { Release } from './release.ts';

/** A package that was published, as the registry gives it out. */
export interface Shelved {
  readonly parcel: Parcel;
  readonly publishedAt: number;
}

/**
 * Takes every package of the release from the registry again and judges what a stranger would get. Throws with all that
 * is wrong: a file too many, a range that nothing published satisfies, a package that was there before what it needs.
 */
export async function inspect(
  registry: Registry,
  release: Release,
  into: string,
): Promise<readonly Shelved[]> {
  mkdirSync(into, { recursive: true });
  const shelved = await Promise.all(
    release.packages().map(async ({ name, version }) => {
      const found = await registry.find(name);
      if (found === undefined) throw new Error(`${name} was not published`);
      return await taken(registry, found, { version, into });
    }),
  );
  const parcels = shelved.map(({ parcel }) => parcel);
  const wrong = [...parcels.flatMap(complaints), ...strains(parcels), ...tooEarly(shelved)];
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return shelved.toSorted((a, b) => a.publishedAt - b.publishedAt);
}

async function taken(
  registry: Registry,
  { name, time, versions }: Published,
  { version, into }: { readonly version: string; readonly into: string },
): Promise<Shelved> {
  const tarball = versions[version]?.dist.tarball;
  if (tarball === undefined) throw new Error(`${name} ${version} was not published`);
  const file = join(into, `${name.replace('/', '+')}-${version}.tgz`);
  writeFileSync(file, await registry.tarball(tarball));
  return { parcel: opened(file), publishedAt: Date.parse(time[version] ?? '') };
}

/** Somebody who installs between two publishes must find what the package names. */
function tooEarly(shelved: readonly Shelved[]): string[] {
  const times = new Map(shelved.map(({ parcel, publishedAt }) => [parcel.manifest.name, publishedAt]));
  return shelved.flatMap(({ parcel: { manifest }, publishedAt }) =>
    Object.keys(manifest.dependencies ?? {}).flatMap((name) => {
      const needed = times.get(name);
      return needed !== undefined && needed > publishedAt
        ? [`${manifest.name} was published before ${name}, which it needs`]
        : [];
    }),
  );
}
