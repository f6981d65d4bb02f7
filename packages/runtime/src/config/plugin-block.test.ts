import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testFolder } from '../home/testing/folder.ts';
import { readBlock, writeBlock } from './index.ts';

const now = Date.now();
const write = (file: string, block: Record<string, unknown> | undefined, isExpected = () => true) =>
  writeBlock(file, { pluginId: 'tides', block, now, isExpected });

function fileWith(text: string): string {
  const file = join(testFolder(), 'kora.json');
  writeFileSync(file, text);
  return file;
}

test('only the block changes: comments, order and the rest stay as they were', async () => {
  const file = fileWith(`{
  // where it listens
  "http": { "port": 1001 },
  "plugins": { "config": { "other": { "a": 1 }, /* mine */ "tides": { "place": "Brest" }, }, },
}
`);
  await write(file, { place: 'Dover', everyMs: 5 });
  expect(await readBlock(file, 'tides')).toEqual({ place: 'Dover', everyMs: 5 });
  expect(await readBlock(file, 'other')).toEqual({ a: 1 });
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('// where it listens\n  "http": { "port": 1001 },');
  expect(text).toContain('/* mine */');
});

test('of a list only what came and went changes: a comment stays beside what it is about', async () => {
  const file = fileWith(`{
  "plugins": {
    "config": {
      "tides": {
        // the ports of the west
        "ports": [
          { "name": "brest" }, // since May
          /* a harbour, really */
          { "name": "dover", "everyMs": 5 },
        ],
      },
    },
  },
}
`);
  const ports = [{ name: 'brest' }, { name: 'dover', everyMs: 7 }, { name: 'cadiz' }];
  await write(file, { ports });
  expect(await readBlock(file, 'tides')).toEqual({ ports });
  const text = (): string => readFileSync(file, 'utf8');
  expect(text()).toContain('// the ports of the west');
  expect(text()).toContain('{ "name": "brest" }, // since May');
  expect(text()).toMatch(/\/\* a harbour, really \*\/\s+\{\s+"name": "dover",\s+"everyMs": 7\s+\}/);
  await write(file, { ports: ports.slice(1) });
  expect(await readBlock(file, 'tides')).toEqual({ ports: ports.slice(1) });
  expect(text()).toContain('/* a harbour, really */');
  await write(file, { ports: ports.slice(1, 2) });
  expect(await readBlock(file, 'tides')).toEqual({ ports: [{ name: 'dover', everyMs: 7 }] });
  expect(text()).toContain('// the ports of the west');
});

test('a file that is not there begins with the block, closed to others; one that is there keeps its mode', async () => {
  const file = join(testFolder(), 'kora.json');
  expect(await readBlock(file, 'tides')).toBeUndefined();
  await write(file, { place: 'Brest' });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    plugins: { config: { tides: { place: 'Brest' } } },
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  chmodSync(file, 0o644);
  await write(file, undefined);
  expect(await readBlock(file, 'tides')).toBeUndefined();
  expect(statSync(file).mode & 0o777).toBe(0o644);
  expect(existsSync(`${file}.new`)).toBe(false);
});

test('who read something else writes nothing', async () => {
  const file = fileWith('{"plugins":{"config":{"tides":{"place":"Brest"}}}}');
  const before = readFileSync(file, 'utf8');
  const refused = write(file, { place: 'Dover' }, () => false);
  await expect(refused).rejects.toMatchObject({
    code: 'KORA_CONFIG_CHANGED',
    fix: 'kora plugin config tides',
  });
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect(existsSync(`${file}.new`)).toBe(false);
});

test('of two who write at once over what both had read, one does', async () => {
  const file = fileWith('{}');
  const first = (block: unknown): boolean => block === undefined;
  const writes = ['Brest', 'Dover', 'Cadiz'].map((place) =>
    writeBlock(file, { pluginId: 'tides', block: { place }, now, isExpected: first }),
  );
  const ends = await Promise.allSettled(writes);
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const codes = ends.flatMap((end) =>
    end.status === 'rejected' ? [(end.reason as { readonly code: string }).code] : [],
  );
  expect(codes).toEqual(['KORA_CONFIG_CHANGED', 'KORA_CONFIG_CHANGED']);
  expect(await readBlock(file, 'tides')).toMatchObject({ place: expect.any(String) as string });
});

test('a draft that a dead writer left is waited for shortly, and then taken over', async () => {
  const file = fileWith('{}');
  writeFileSync(`${file}.new`, 'half');
  await expect(write(file, { a: 1 })).rejects.toMatchObject({ code: 'KORA_CONFIG_CHANGED' });
  const later = { pluginId: 'tides', block: { a: 1 }, now: Date.now() + 60_000, isExpected: () => true };
  await writeBlock(file, later);
  expect(await readBlock(file, 'tides')).toEqual({ a: 1 });
});

test('a file that is no configuration is left alone', async () => {
  const file = fileWith('{"htpp": {}}');
  await expect(write(file, { a: 1 })).rejects.toMatchObject({ code: 'KORA_CONFIG_UNKNOWN_KEY' });
  expect(readFileSync(file, 'utf8')).toBe('{"htpp": {}}');
});

test('law: what is written is what is read, and the neighbours stay', async () => {
  const file = fileWith('{"workspace":"mine","plugins":{"config":{"other":{"keep":[1]}}}}');
  const key = fc.stringMatching(/^[a-zA-Z_][\w-]{0,8}$/).filter((name) => name !== '__proto__');
  const blocks = fc.dictionary(key, fc.jsonValue({ stringUnit: 'binary' }), { maxKeys: 5 });
  await fc.assert(
    fc.asyncProperty(blocks, async (block) => {
      await write(file, block);
      expect(await readBlock(file, 'tides')).toEqual(JSON.parse(JSON.stringify(block)));
      expect(await readBlock(file, 'other')).toEqual({ keep: [1] });
    }),
    { numRuns: 60 },
  );
});
