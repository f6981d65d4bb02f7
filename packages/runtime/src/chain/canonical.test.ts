import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyHash, canonicalJson, eventHash, genesisHash } from './canonical.ts';
import type { HashedFields } from './canonical.ts';

// RFC 8785, sections 3.2.2 to 3.2.4 and appendix B.
test('the example of RFC 8785 is written as the RFC writes it', () => {
  const value: unknown = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`);
  expect(canonicalJson(value)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
      String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test('keys are sorted by their UTF-16 code units, as RFC 8785 sorts them', () => {
  const keys = { '\u20ac': 5, '\r': 1, '\ufb33': 7, '1': 2, '\u{1f600}': 6, '\u0080': 3, '\u00f6': 4 };
  expect(Object.values(JSON.parse(canonicalJson(keys)) as object)).toHaveLength(7);
  expect(canonicalJson(keys).match(/:(\d)/g)).toEqual([':1', ':2', ':3', ':4', ':5', ':6', ':7']);
});

test.each([
  [0, '0'],
  [-0, '0'],
  [5e-324, '5e-324'],
  [-5e-324, '-5e-324'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [9007199254740992, '9007199254740992'],
  [295147905179352830000, '295147905179352830000'],
  [9.999999999999997e22, '9.999999999999997e+22'],
  [1e23, '1e+23'],
  [1e21, '1e+21'],
  [999999999999999700000, '999999999999999700000'],
  [9.999999999999997e-7, '9.999999999999997e-7'],
  [0.000001, '0.000001'],
  [333333333.3333332, '333333333.3333332'],
])('the number %d is written as RFC 8785 writes it', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test('law: the canonical text means the same value, and says it in one way', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});

test('law: the order in which keys were added does not show', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
    }),
  );
});

const text = fc.string({ maxLength: 12 });
const optional = fc.option(text, { nil: null });
const fields: fc.Arbitrary<HashedFields> = fc.record({
  workspaceId: fc.nat(),
  seq: fc.nat(),
  eventId: text,
  type: text,
  schemaVersion: fc.nat(),
  actorId: text,
  runtimeId: text,
  sessionId: optional,
  correlationId: optional,
  causationId: optional,
  ticketId: fc.option(fc.nat(), { nil: null }),
  fence: fc.option(fc.nat(), { nil: null }),
  occurredAt: text,
});
const known: HashedFields = {
  workspaceId: 1,
  seq: 1,
  eventId: '01990000-0000-7000-8000-000000000001',
  type: 'test.noted',
  schemaVersion: 1,
  actorId: 'kora',
  runtimeId: '01990000-0000-7000-8000-000000000002',
  sessionId: null,
  correlationId: 'wake-ä',
  causationId: null,
  ticketId: 7,
  fence: 2,
  occurredAt: '2026-01-01T00:00:00.000001Z',
};
const body = bodyHash('{}');
const hashOf = (event: HashedFields): string => eventHash(event, body, genesisHash).toString('hex');

test('law: two events that differ in any field differ in their hash', () => {
  fc.assert(
    fc.property(fields, fields, (one, other) => {
      const same = canonicalJson(one) === canonicalJson(other);
      expect(hashOf(one) === hashOf(other)).toBe(same);
    }),
  );
});

test('law: changing one field alone changes the hash', () => {
  const names = Object.keys(fc.sample(fields, 1)[0] ?? {}) as (keyof HashedFields)[];
  expect(names).toHaveLength(13);
  fc.assert(
    fc.property(fields, fields, fc.constantFrom(...names), (one, other, name) => {
      fc.pre(one[name] !== other[name]);
      expect(hashOf({ ...one, [name]: other[name] })).not.toBe(hashOf(one));
    }),
  );
});

test('law: letters moved from one field into its neighbour change the hash', () => {
  fc.assert(
    fc.property(fields, text, fc.nat(12), (event, whole, at) => {
      const cut = at % (whole.length + 1);
      const left = { ...event, actorId: whole, runtimeId: '' };
      const split = { ...event, actorId: whole.slice(0, cut), runtimeId: whole.slice(cut) };
      expect(hashOf(left) === hashOf(split)).toBe(cut === whole.length);
    }),
  );
});

test('an absent field is another than an empty one', () => {
  expect(hashOf({ ...known, sessionId: null })).not.toBe(hashOf({ ...known, sessionId: '' }));
  expect(hashOf({ ...known, ticketId: null })).not.toBe(hashOf({ ...known, ticketId: 0 }));
});

test('the body and the hash before are part of the hash', () => {
  const hash = eventHash(known, body, genesisHash);
  expect(eventHash(known, bodyHash('{ }'), genesisHash).equals(hash)).toBe(false);
  expect(eventHash(known, body, hash).equals(hash)).toBe(false);
});

// The form is a promise to whoever verifies an export: should this fail, the version byte must rise.
test('the hash of a known event is what it always was', () => {
  expect(eventHash(known, bodyHash('{"n":1}'), genesisHash).toString('hex')).toBe(
    'c6fd648b4803832557a08bcde3a10b462e11fea301a44f744895a91162171b74',
  );
});
