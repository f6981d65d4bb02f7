import { describe, expect, it } from 'vitest';
import { complaints, strains, type Manifest, type Parcel } from '../scripts/pack.ts';

const doors = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };

/** A parcel with nothing wrong. */
function parcel(manifest: Partial<Manifest> = {}, files: readonly string[] = []): Parcel {
  return {
    tarball: 'x.tgz',
    manifest: {
      name: '@kora/a',
      version: '0.2.0',
      exports: doors,
      ...manifest,
    },
    files: ['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/index.d.ts', 'dist/index.js', ...files],
  };
}

describe('what is wrong with one parcel', () => {
  it.each<[string, Parcel, RegExp]>([
    ['a source', parcel({}, ['src/index.ts']), /does not belong.*src\/index/],
    ['a test', parcel({}, ['dist/index.test.js']), /does not belong/],
    ['a range of the workspace', parcel({ dependencies: { '@kora/b': 'workspace:^' } }), /still workspace/],
    [
      'a schema that is not packed',
      parcel({ exports: { ...doors, './a.json': './a.json' } }),
      /named but not packed/,
    ],
    ['a door that is not packed', parcel({ bin: { kora: './bin/kora.js' } }), /named but not packed/],
  ])('%s is told', (_what, wrong, told) => {
    expect(complaints(wrong)).toEqual([expect.stringMatching(told)]);
  });

  it('a template has sources and tests of its own', () => {
    expect(
      complaints(parcel({}, ['templates/plugin/src/index.ts', 'templates/plugin/test/a.test.ts'])),
    ).toEqual([]);
  });
});

describe('what the parcels of one release ask of each other', () => {
  const b = parcel({ name: '@kora/b', version: '0.2.0' });

  it.each<[string, Partial<Manifest>]>([
    ['a range that holds', { dependencies: { '@kora/b': '^0.2.0', zod: '^4.0.0' } }],
    ['a peer range that holds', { peerDependencies: { '@kora/b': '>=0.1.0 <1' } }],
  ])('%s is no strain', (_what, manifest) => {
    expect(strains([parcel(manifest), b])).toEqual([]);
  });

  it.each<[string, Partial<Manifest>, RegExp]>([
    [
      'a range of the release before',
      { dependencies: { '@kora/b': '^0.1.0' } },
      /\^0\.1\.0; 0\.2\.0 is published/,
    ],
    [
      'a peer range that ended',
      { peerDependencies: { '@kora/b': '<0.2.0' } },
      /<0\.2\.0; 0\.2\.0 is published/,
    ],
    [
      'a package that nobody publishes',
      { dependencies: { '@kora/c': '^0.2.0' } },
      /needs @kora\/c, which is not/,
    ],
  ])('%s is told', (_what, manifest, told) => {
    expect(strains([parcel(manifest), b])).toEqual([expect.stringMatching(told)]);
  });
});
