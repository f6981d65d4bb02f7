import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';
import { bodyHash, eventHash, genesisHash } from './form.ts';
import type { HashedFields } from './form.ts';

const text = fc.string({ maxLength: 12 });
const optional = fc.option(text, { nil: null });
const optionalId = fc.option(fc.uuid(), { nil: null });
const fields: fc.Arbitrary<HashedFields> = fc.record({
  workspaceId: fc.nat(),
  seq: fc.nat(),
  eventId: fc.uuid(),
  type: text,
  schemaVersion: fc.nat(),
  actorId: text,
  runtimeId: fc.uuid(),
  sessionId: optionalId,
  correlationId: optional,
  causationId: optionalId,
  ticketId: fc.option(fc.nat(), { nil: null }),
  fence: fc.option(fc.nat(), { nil: null }),
  occurredAt: fc.nat(),
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
  occurredAt: 820_540_800_000_001,
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
      const left = { ...event, actorId: whole, correlationId: '' };
      const split = { ...event, actorId: whole.slice(0, cut), correlationId: whole.slice(cut) };
      expect(hashOf(left) === hashOf(split)).toBe(cut === whole.length);
    }),
  );
});

test('an absent field is another than an empty one', () => {
  expect(hashOf({ ...known, correlationId: null })).not.toBe(hashOf({ ...known, correlationId: '' }));
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
    '0cfd82aba068682d85d22a72bced0356983aac4a8defa73da3f84d2701547019',
  );
});
