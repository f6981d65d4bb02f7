import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './tree.ts';

interface Manifest {
  readonly [key: string]: unknown;
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly publishConfig: { readonly access: string; readonly exports: Manifest['exports'] };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly keywords: readonly string[];
  readonly kora?: { readonly id: string; readonly api: number; readonly entry: string };
}

const names = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
);
const manifests = names.map((folder) => ({ folder, manifest: read(`packages/${folder}/package.json`) }));

describe.each(manifests)('the manifest of packages/$folder', ({ folder, manifest }) => {
  it('says what a registry shows to a stranger', () => {
    expect(manifest).toMatchObject({
      license: 'MIT',
      type: 'module',
      engines: { node: '>=22.18' },
      publishConfig: { access: 'public' },
      repository: { type: 'git', directory: `packages/${folder}` },
    });
    for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE', 'tsconfig.json', 'tsup.config.ts']) {
      expect(existsSync(join(root, 'packages', folder, file)), file).toBe(true);
    }
  });

  it('publishes the doors it develops with, without the way to src', () => {
    const published = Object.entries(manifest.exports).map(([door, target]) => {
      if (typeof target === 'string') return [door, target];
      const { '@kora/source': source, ...rest } = target;
      // Conditions are tried in order, so the source comes first or never.
      expect(Object.keys(target)[0]).toBe('@kora/source');
      expect(existsSync(join(root, 'packages', folder, source ?? 'nowhere')), source).toBe(true);
      return [door, rest];
    });
    expect(manifest.publishConfig.exports).toEqual(Object.fromEntries(published));
  });

  it('takes its ranges from the catalog and the workspace', () => {
    const ranges = Object.entries(manifest.dependencies ?? {}).map(([name, range]) => `${name} ${range}`);
    expect(ranges.filter((entry) => !/ (?:catalog:|workspace:\^)$/.test(entry))).toEqual([]);
  });
});

describe.each(manifests.filter(({ manifest }) => manifest.kora !== undefined))(
  'plugin $manifest.name',
  ({ manifest }) => {
    it('is made like any stranger', () => {
      expect(manifest.keywords).toContain('kora-plugin');
      expect(manifest.kora).toMatchObject({ api: 1, entry: './dist/index.js' });
      // Written by hand: a computed range would narrow with every minor of the runtime.
      expect(manifest.peerDependencies).toMatchObject({ '@kora/runtime': '>=0.1.0 <1' });
      expect(manifest.dependencies ?? {}).not.toHaveProperty('@kora/runtime');
    });
  },
);

it('the house moves as one version', () => {
  const { fixed } = JSON.parse(readFileSync(join(root, '.changeset/config.json'), 'utf8')) as {
    fixed: string[][];
  };
  const house = manifests.filter(({ manifest }) => fixed.flat().includes(manifest.name));
  expect(house.length).toBe(fixed.flat().length);
  expect(new Set(house.map(({ manifest }) => manifest.version)).size).toBe(1);
});

function read(path: string): Manifest {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
}
