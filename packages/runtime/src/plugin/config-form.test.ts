import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { testFolder } from '../home/testing/folder.ts';
import { configFields, configValues, withHidden } from './config-form.ts';
import { configProblems, manifestSchema } from './config-schema.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { readManifest } from './manifest.ts';
import { formFieldSchema } from './panel/contract.ts';

const schema = jsonSchemaOf(
  z.object({
    place: z.string().meta({ title: 'Place', description: 'Where the tide is reckoned.' }),
    everyMs: z.number().int().min(100).default(1_000),
    unit: z.enum(['m', 'ft']).default('m'),
    loud: z.boolean().optional(),
    watch: z.array(z.string()).optional(),
    stations: z.array(z.object({ id: z.string() })).optional(),
    password: z.string().meta({ sensitivity: 'secret' }).optional(),
  }),
);
const block = { place: 'Brest', password: 'hunter2', extra: 1 };

test('each key has its value and who says it; a key the schema does not know is shown too', () => {
  expect(configValues(schema, block)).toEqual([
    { key: 'place', value: 'Brest', origin: 'kora.json', secret: false },
    { key: 'everyMs', value: 1_000, origin: 'default', secret: false },
    { key: 'unit', value: 'm', origin: 'default', secret: false },
    { key: 'loud', value: null, origin: 'unset', secret: false },
    { key: 'watch', value: null, origin: 'unset', secret: false },
    { key: 'stations', value: null, origin: 'unset', secret: false },
    { key: 'password', value: '[secret]', origin: 'kora.json', secret: true },
    { key: 'extra', value: 1, origin: 'kora.json', secret: false },
  ]);
  expect(JSON.stringify([configValues(schema, block), configFields(schema, block)])).not.toContain('hunter2');
});

test('the form has a field of its own kind for each key, with title, help and choices', () => {
  const fields = configFields(schema, block);
  expect(fields.map(({ name, kind, required }) => [name, kind, required])).toEqual([
    ['place', 'text', true],
    ['everyMs', 'number', false],
    ['unit', 'choice', false],
    ['loud', 'boolean', false],
    ['watch', 'lines', false],
    ['stations', 'json', false],
    ['password', 'text', false],
    ['extra', 'number', false],
  ]);
  expect(fields[0]).toMatchObject({ label: 'Place', help: 'Where the tide is reckoned.', value: 'Brest' });
  expect(fields[2]).toMatchObject({
    value: 'm',
    choices: [
      { value: 'm', label: 'm' },
      { value: 'ft', label: 'ft' },
    ],
  });
});

test('a hidden value that comes back untouched is what stood there; another one is taken', () => {
  expect(withHidden(schema, { place: 'Dover', password: '[secret]' }, block)).toEqual({
    place: 'Dover',
    password: 'hunter2',
  });
  expect(withHidden(schema, { password: 'new' }, block)).toEqual({ password: 'new' });
  expect(withHidden(schema, { place: '[secret]' }, block)).toEqual({ place: '[secret]' });
});

test('what does not fit is named as the operator wrote it', () => {
  const said = schema ?? {};
  expect(configProblems('tides', said, { place: 'Brest', everyMs: 5 })).toMatchObject([
    { path: 'plugins.config.tides.everyMs' },
  ]);
  expect(configProblems('tides', said, undefined)).toMatchObject([{ path: 'plugins.config.tides.place' }]);
  expect(configProblems('tides', said, { place: 'Brest' })).toEqual([]);
});

test('law: whatever the schema and the block, the fields are fields', () => {
  const odd = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(odd, fc.jsonValue(), (properties, given) => {
      const fields = configFields({ properties, required: ['a'] }, given);
      for (const field of fields.filter(({ name }) => name !== '' && name.trim() !== ''))
        expect(formFieldSchema.safeParse(field).error).toBeUndefined();
    }),
  );
});

function packaged(directory: string, configSchema: string): Parameters<typeof manifestSchema>[0] {
  const reading = readManifest({
    name: 'x',
    version: '1.0.0',
    kora: { id: 'tides', api: 1, entry: './index.js', configSchema },
  });
  if (reading.kind !== 'plugin') throw new Error('it is one');
  return { id: 'tides', directory, manifest: reading.manifest };
}

test('the manifest’s schema is read from its file, without any code of the package', async () => {
  const directory = join(testFolder(), 'tides');
  await mkdir(directory);
  await writeFile(join(directory, 'config.json'), JSON.stringify(schema));
  expect(await manifestSchema(packaged(directory, './config.json'))).toMatchObject({ kind: 'schema' });
  await writeFile(join(directory, 'bad.json'), '{"properties": {"a": {"$ref": "#"}}}');
  await writeFile(join(directory, '../outside.json'), '{}');
  await symlink('../outside.json', join(directory, 'link.json'));
  const problems = await Promise.all(
    ['./none.json', './bad.json', './link.json'].map(async (path) => {
      const found = await manifestSchema(packaged(directory, path));
      return found.kind === 'unreadable' ? found.problem : found.kind;
    }),
  );
  expect(problems).toEqual([
    expect.stringContaining('./none.json of plugin tides does not exist'),
    expect.stringContaining('./bad.json of plugin tides refers to itself'),
    expect.stringContaining('./link.json of plugin tides leads out of the package'),
  ]);
});
