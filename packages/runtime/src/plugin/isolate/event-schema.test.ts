import { expect, test } from 'vitest';
import { z } from 'zod';
import { classified, Vocabulary } from '../../chain/index.ts';
import { payloadSchema } from './event-schema.ts';

function crossed(schema: z.ZodType): z.ZodType<object> {
  return payloadSchema('tide.turned', z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

test('a payload schema says on this side what it said on the other', () => {
  const schema = crossed(
    z.object({ height: z.number(), place: z.string().nullable(), notes: z.array(z.string()).optional() }),
  );
  expect(schema.safeParse({ height: 1, place: null }).success).toBe(true);
  expect(schema.safeParse({ height: 1, place: 'x', notes: ['a'] }).success).toBe(true);
  expect(schema.safeParse({ height: '1', place: null }).success).toBe(false);
  expect(schema.safeParse([]).success).toBe(false);
});

test('a regular expression of a guest is never run here', () => {
  const schema = crossed(z.object({ slow: z.string().regex(/^(a+)+$/) }));
  const begin = performance.now();
  expect(schema.safeParse({ slow: `${'a'.repeat(50)}!` }).success).toBe(true);
  expect(performance.now() - begin).toBeLessThan(500);
});

test('a property may be called as a keyword is', () => {
  const schema = crossed(
    z.object({ pattern: z.string(), $ref: z.number(), properties: z.object({ type: z.boolean() }) }),
  );
  expect(schema.safeParse({ pattern: 'x', $ref: 1, properties: { type: true } }).success).toBe(true);
  expect(schema.safeParse({ pattern: 1, $ref: 1, properties: { type: true } }).success).toBe(false);
});

test('what refers to itself, is too large or is no schema is refused with its name', () => {
  const refused = { code: 'KORA_PLUGIN_INVALID', message: expect.stringContaining('tide.turned') };
  const self = { type: 'object', properties: { child: { $ref: '#' } } };
  const large = { type: 'object', description: 'x'.repeat(70_000) };
  const odd = { type: 'object', properties: { a: { not: { type: 'string' } } } };
  for (const schema of [self, large, odd, { properties: { a: 7 } }]) {
    expect(() => payloadSchema('tide.turned', schema)).toThrow(expect.objectContaining(refused));
  }
});

test('the classes of a guest’s fields cross too: a secret is taken out on this side', () => {
  const payload = crossed(
    classified({
      public: { place: z.string() },
      internal: { keeper: z.string() },
      secret: { key: z.string(), old: z.string().nullable() },
    }),
  );
  const vocabulary = new Vocabulary();
  vocabulary.register('tide', [{ type: 'tide.turned', version: 1, means: 'The tide turned.', payload }]);
  const said = { place: 'harbour', keeper: 'ada', key: 'planted-secret', old: null };
  expect(vocabulary.parse({ type: 'tide.turned', payload: said }).payload).toEqual({
    ...said,
    key: '[secret]',
  });
  expect(
    vocabulary
      .list()[0]
      ?.shape.fields.map(({ sensitivity }) => sensitivity)
      .sort(),
  ).toEqual(['internal', 'public', 'secret', 'secret']);
});
