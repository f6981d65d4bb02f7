import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idInNames, readManifest, reservedIds } from './manifest.ts';

function packageWith(kora: unknown): unknown {
  return { name: 'x', version: '1.0.0', kora };
}

test('only id, api and entry are required; what is absent is empty', () => {
  const reading = readManifest(packageWith({ id: 'tide', api: 1, entry: './dist/index.js' }));
  expect(reading).toMatchObject({
    kind: 'plugin',
    facts: { name: 'x', version: '1.0.0', peerDependencies: {}, keywords: [] },
    manifest: { contributes: { daemons: [], loops: [] }, capabilities: [], needs: { network: false } },
  });
});

test('a package without a kora block is ordinary, whatever it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const isObject = typeof value === 'object' && value !== null;
      fc.pre(!isObject || !('kora' in value));
      expect(readManifest(value).kind).toBe('ordinary');
    }),
  );
});

test('no block, however odd, makes the reader throw, and every problem has a key', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (block) => {
      const reading = readManifest(packageWith(block));
      const problems = reading.kind === 'malformed' ? reading.problems : [];
      expect(problems.length > 0).toBe(reading.kind === 'malformed');
      for (const problem of problems) expect(problem.key).toMatch(/^(kora|name|version)/);
    }),
  );
});

test('an id is accepted exactly when it fits the rule and is not reserved', () => {
  const rule = /^[a-z][a-z0-9-]{1,39}$/;
  const near = fc.stringMatching(/^[a-zA-Z0-9_-]{0,42}$/);
  fc.assert(
    fc.property(fc.oneof(near, fc.string(), fc.constantFrom(...reservedIds)), (id) => {
      const reading = readManifest(packageWith({ id, api: 1, entry: './i.js' }));
      expect(reading.kind === 'plugin').toBe(rule.test(id) && !reservedIds.includes(id));
    }),
  );
});

test('an id in SQL and event types has no dash', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{1,39}$/), (id) => {
      expect(idInNames(id)).toMatch(/^[a-z][a-z0-9_]{1,39}$/);
    }),
  );
});

test('an entry never leaves the package', () => {
  const segment = fc.constantFrom('..', '.', 'dist', 'a', '');
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (segments) => {
      const entry = segments.join('/');
      const reading = readManifest(packageWith({ id: 'tide', api: 1, entry }));
      if (reading.kind !== 'plugin') return;
      const { pathname } = new URL(entry, 'file:///package/root/');
      expect(pathname.startsWith('/package/root/')).toBe(true);
    }),
  );
});

test.each(['/etc/passwd', '../out.js', 'a/../../out.js', 'C:\\x.js', '', '.'])(
  'the entry %j is refused',
  (entry) => {
    expect(readManifest(packageWith({ id: 'tide', api: 1, entry }))).toMatchObject({
      kind: 'malformed',
      problems: [{ key: 'kora.entry' }],
    });
  },
);

test('several problems are reported at once', () => {
  const reading = readManifest({
    name: '',
    version: 7,
    kora: { id: 'X', api: 0, contributes: { daemons: [3] } },
  });
  expect(reading).toMatchObject({ kind: 'malformed' });
  const keys = reading.kind === 'malformed' ? reading.problems.map(({ key }) => key) : [];
  expect(keys).toEqual([
    'name',
    'version',
    'kora.id',
    'kora.api',
    'kora.entry',
    'kora.contributes.daemons.0',
  ]);
});
