import { expect, test } from 'vitest';
import { z } from 'zod';
import { ownCapabilities } from '../../capability/own.ts';
import { neverOfTools } from './contract.ts';
import { house, reading, toolbox } from './testing/toolbox.ts';

const register = (part: object, owner = house): unknown =>
  toolbox().tools.registry.register(reading(part), owner);

test.each(neverOfTools)('nothing of %s can be a tool, whoever brings it', (capability) => {
  // The matrix knows it: it is refused for what it is.
  expect(ownCapabilities.map(({ id }) => id)).toContain(capability);
  for (const owner of [house, { id: 'engine', trusted: true } as never]) {
    expect(() => register({ capability }, owner)).toThrow(/nobody who thinks stops, pauses or resumes/);
  }
});

test('every capability that pauses, resumes or stops is on the list', () => {
  const words = /(?:\b|_)(?:pause|resume|lift|stop|kill)/;
  const stopping = ownCapabilities.filter(({ id, title }) => words.test(id) || words.test(title));
  expect(stopping.map(({ id }) => id).sort()).toEqual([...neverOfTools].sort());
});

test.each([
  ['a capability that nobody declares', { capability: 'cap_teleport' }, /nobody declares/],
  ['a name with a capital', { name: 'Look' }, /malformed/],
  ['a name that is too long', { name: 'a'.repeat(65) }, /malformed/],
  ['no description', { description: ' ' }, /malformed/],
  ['effects nobody knows', { sideEffects: 'some' }, /malformed/],
  ['a minute and more', { timeoutMs: 60_001 }, /malformed/],
  ['more bytes than any model is shown', { maxBytes: 65_537 }, /malformed/],
  ['a route that is none', { routes: ['fax'] }, /malformed/],
  ['no function', { run: 'rm' }, /malformed/],
  ['an input that is no object', { input: z.string() }, /must take an object/],
])('a tool with %s is refused', (_, part, why) => {
  expect(() => register(part)).toThrow(why);
});

test('a plugin takes neither a name of the house nor one that is taken, and what goes makes room', () => {
  const { tools } = toolbox();
  const plugin = { id: 'tides', trusted: false } as const;
  expect(() => tools.registry.register(reading({ name: 'kora__look' }), plugin)).toThrow(/only the runtime/);
  const gone = tools.registry.register(reading(), plugin);
  expect(() => tools.registry.register(reading(), house)).toThrow(
    expect.objectContaining({ code: 'KORA_TOOL_TAKEN' }),
  );
  gone();
  tools.registry.register(reading(), house);
  // An undoing that comes late undoes nothing of another's.
  gone();
  expect(tools.registry.list().map(({ owner }) => owner)).toEqual(['kora']);
});

test('a model is told of a tool in JSON Schema, and reads may run side by side by default', () => {
  const { tools } = toolbox();
  tools.registry.register(reading({ description: 'Looks\u202e.' }), house);
  tools.registry.register(reading({ name: 'write', sideEffects: 'once' }), house);
  expect(tools.registry.list().map(({ view }) => view)).toMatchObject([
    {
      name: 'look',
      description: 'Looks\ufffd.',
      parallel: true,
      inputSchema: { type: 'object', properties: { at: { type: 'string', default: 'here' } } },
    },
    { name: 'write', parallel: false, sideEffects: 'once' },
  ]);
});
