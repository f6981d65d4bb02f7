import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reservedIds } from '../packages/runtime/src/plugin/manifest.ts';
import { manifestPage, published } from './manifest-page.ts';

const text = readFileSync(published, 'utf8');

test('the published schema of manifests is the one that reads them (daemon defect §20.2 W14)', () => {
  expect(text).toBe(manifestPage());
});

test('it is a door of the package, and lies in its parcel', () => {
  const manifest = JSON.parse(
    readFileSync(new URL('../packages/runtime/package.json', import.meta.url), 'utf8'),
  ) as {
    readonly exports: object;
    readonly files: string[];
    readonly publishConfig: { readonly exports: object };
  };
  const door = { './manifest.schema.json': './manifest.schema.json' };
  expect(manifest.exports).toMatchObject(door);
  expect(manifest.publishConfig.exports).toMatchObject(door);
  expect(manifest.files).toContain('manifest.schema.json');
});

test('what a check by code refuses is refused by the schema too', () => {
  const { properties } = JSON.parse(text) as {
    readonly properties: { readonly kora: { readonly properties: Record<string, Record<string, unknown>> } };
  };
  const { id, entry } = properties.kora.properties;
  expect(id).toMatchObject({ not: { enum: reservedIds } });
  const path = new RegExp(String(entry?.['pattern']), 'u');
  for (const out of ['', '.', './', '/x', '../x', './a/../x', 'a/..', 'a\\b', '\0'])
    expect(out).not.toMatch(path);
  for (const inside of ['x', './dist/index.js', 'a/./b', '.x', './..x/y...', 'a/b.c'])
    expect(inside).toMatch(path);
});
