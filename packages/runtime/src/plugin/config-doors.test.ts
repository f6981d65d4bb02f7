import { expect, test } from 'vitest';
import { z } from 'zod';
import { blockKeyClosed, boundsOfKey } from './config-doors.ts';
import { jsonSchemaOf } from './json-schema.ts';

const schema = jsonSchemaOf(
  z.object({
    loud: z.boolean().default(false),
    everyMs: z.number().int().min(100).max(9_000).default(1_000),
    unit: z.enum(['m', 'ft']),
    listenPort: z.number().int(),
    place: z.string(),
    greeting: z.string().meta({ page: true }),
    watch: z.array(z.string()),
    servers: z.record(z.string(), z.object({ command: z.string() })),
    token: z.enum(['a']).meta({ sensitivity: 'secret' }),
  }),
);

test('a page may switch, count and choose; it may not write what could be a command, a path or an address', () => {
  const open = ['loud', 'everyMs', 'unit', 'greeting'];
  const closed = ['listenPort', 'place', 'watch', 'servers', 'token', 'unknown', 'constructor'];
  expect(open.filter((key) => blockKeyClosed(schema, key) === undefined)).toEqual(open);
  expect(closed.filter((key) => blockKeyClosed(schema, key) !== undefined)).toEqual(closed);
  expect(blockKeyClosed(undefined, 'loud')).toBeDefined();
});

test('bounds and what is usual are told', () => {
  expect(boundsOfKey(schema, 'everyMs')).toEqual({ min: 100, max: 9_000, integer: true, usual: '1000' });
  expect(boundsOfKey(schema, 'loud')).toEqual({ usual: 'false' });
  expect(boundsOfKey(undefined, 'loud')).toEqual({});
});
