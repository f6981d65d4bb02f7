import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offeredName } from './name.ts';
import { hashOf, stateOf } from './pins.ts';

const tool = fc.record({
  name: fc.string({ minLength: 1, maxLength: 40 }),
  description: fc.option(fc.string({ maxLength: 80 }), { nil: undefined }),
  inputSchema: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 })),
});

/** The same, with every object's members the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toReversed();
  return Object.fromEntries(members.map(([key, each]) => [key, turned(each)]));
}

test('law: a tool is known by what is said of it, in whatever order that is sent', () => {
  fc.assert(
    fc.property(tool, (one) => {
      expect(hashOf(turned(one) as typeof one)).toBe(hashOf(one));
    }),
  );
});

/** The one text of a value, whatever order its members came in. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

test('law: another word, anywhere, is another tool', () => {
  fc.assert(
    fc.property(tool, tool, (one, other) => {
      expect(hashOf(one) === hashOf(other)).toBe(sorted(one) === sorted(other));
    }),
  );
  const plain = { name: 'read', description: 'Reads.', inputSchema: { type: 'object' } };
  expect(hashOf({ ...plain, description: 'Reads. ' })).not.toBe(hashOf(plain));
  expect(hashOf({ ...plain, annotations: { readOnlyHint: true } })).not.toBe(hashOf(plain));
  expect(hashOf({ ...plain, outputSchema: { type: 'object' } })).not.toBe(hashOf(plain));
});

test('law: two tools of a server are never offered under one name, and each name is one that tools may have', () => {
  const allowed = /^[a-z][a-z0-9]*(_{1,2}[a-z0-9]+)*$/;
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 90 }),
      fc.string({ minLength: 1, maxLength: 90 }),
      (a, b) => {
        const [one, other] = [offeredName('gauge', a), offeredName('gauge', b)];
        expect(one).toMatch(allowed);
        expect(one.length).toBeLessThanOrEqual(64);
        expect(one === other).toBe(a === b);
      },
    ),
  );
  expect(offeredName('gauge', 'read_level')).toBe('mcp__gauge__read_level');
});

test.each([
  [{ there: true, approved: null, sha256: 'a' }, 'new'],
  [{ there: true, approved: 'a', sha256: 'a' }, 'approved'],
  [{ there: true, approved: 'a', sha256: 'b' }, 'changed'],
  [{ there: false, approved: 'a', sha256: 'a' }, 'gone'],
] as const)('%j is %s', (pin, state) => {
  expect(stateOf(pin)).toBe(state);
});
