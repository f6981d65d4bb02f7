import { expect, test } from 'vitest';
import { z } from 'zod';
import { recordable } from './recorded.ts';
import { withoutMarked } from './without-marked.ts';

const key = z.string().meta({ sensitivity: 'secret' });
const schemaOf = (input: z.ZodType): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(input, { io: 'input', reused: 'inline' });

test.each([
  ['a field', z.object({ key }), { key: 'k' }, { key: '[secret]' }],
  ['one that may be null', z.object({ key: key.nullable() }), { key: 'k' }, { key: '[secret]' }],
  [
    'one of two kinds',
    z.object({ at: z.union([z.object({ key }), z.number()]) }),
    { at: { key: 'k' } },
    { at: { key: '[secret]' } },
  ],
  [
    'a value of a record',
    z.object({ keys: z.record(z.string(), key) }),
    { keys: { a: 'k' } },
    { keys: { a: '[secret]' } },
  ],
  [
    'a place in a list',
    z.object({ pair: z.tuple([z.string(), key]) }),
    { pair: ['u', 'k'] },
    { pair: ['u', '[secret]'] },
  ],
  ['what came as text', z.object({ key }), '{"key":"k"', '[secret]'],
  ['nothing of what is not marked', z.object({ key, of: z.string() }), { of: 'k' }, { of: 'k' }],
] as const)('of what is kept with a run is taken out: %s', (_what, input, given, kept) => {
  expect(recordable(schemaOf(input), given)).toEqual(kept);
});

test('what a model asks of such a tool is kept with none of its calls', () => {
  const view = { description: 'logs in', parallel: false, sideEffects: 'once' } as const;
  const tools = [{ ...view, name: 'log_in', inputSchema: schemaOf(z.object({ key, of: z.string() })) }];
  const input = { key: 'k', of: 'shop' };
  const kept = { key: '[secret]', of: 'shop' };
  expect(withoutMarked({ wishes: [{ id: '1', name: 'log_in', input }] }, tools)).toEqual({
    wishes: [{ id: '1', name: 'log_in', input: kept }],
  });
  const asked = {
    messages: [{ role: 'assistant', content: [{ type: 'tool-call', toolName: 'log_in', input }] }],
  };
  expect(JSON.stringify(withoutMarked(asked, tools))).toContain(JSON.stringify(kept));
  expect(withoutMarked({ name: 'look', input }, tools)).toEqual({ name: 'look', input });
});
