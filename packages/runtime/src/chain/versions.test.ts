import { expect, test } from 'vitest';
import { z } from 'zod';
import { eventType, readPayload, Vocabulary } from './index.ts';
import type { ChainEvent, EventType } from './index.ts';

/** Version 1 had `name`, version 2 `first` and `last`; version 3 counts visits. */
const visitor = eventType(
  'test.visited',
  'Somebody came by.',
  z.strictObject({ first: z.string(), last: z.string(), visits: z.number() }),
  {
    version: 3,
    upcast: {
      1: ({ name, ...rest }) => {
        const [first = '', last = ''] = String(name).split(' ');
        return { ...rest, first, last };
      },
      2: (payload) => ({ ...payload, visits: 1 }),
    },
  },
);

function stored(type: EventType, schemaVersion: number, payload: Record<string, unknown>): ChainEvent {
  return {
    seq: 1,
    eventId: 'e',
    type: type.type,
    schemaVersion,
    actorId: 'kora',
    runtimeId: 'r',
    sessionId: null,
    correlationId: null,
    causationId: null,
    ticketId: null,
    fence: null,
    hash: 'h',
    payload,
    occurredAt: '2026-01-01T00:00:00.000000Z',
  };
}

function knowing(...types: readonly EventType[]): Vocabulary {
  const vocabulary = new Vocabulary();
  vocabulary.register('test', types);
  return vocabulary;
}

test.each([
  [1, { name: 'Ada Lovelace' }],
  [2, { first: 'Ada', last: 'Lovelace' }],
  [3, { first: 'Ada', last: 'Lovelace', visits: 1 }],
])('an event of version %i is read in the form of today', (version, payload) => {
  const current = knowing(visitor).current(stored(visitor, version, payload));
  expect(current).toMatchObject({
    schemaVersion: 3,
    payload: { first: 'Ada', last: 'Lovelace', visits: 1 },
  });
  expect(readPayload(visitor, current)).toEqual({ first: 'Ada', last: 'Lovelace', visits: 1 });
});

test('a newer event is kept as it is, with the fields that this reader does not know', () => {
  const newer = { first: 'Ada', last: 'Lovelace', visits: 4, mood: 'calm' };
  const current = knowing(visitor).current(stored(visitor, 4, newer));
  expect(current).toMatchObject({ schemaVersion: 4, payload: newer });
  expect(readPayload(visitor, current)).toEqual(newer);
});

test('a version whose change needs no step is read by the next one’s', () => {
  const gaps = eventType('test.gaps', 'Gaps.', z.object({}), {
    version: 4,
    upcast: { 2: (payload) => ({ ...payload, two: true }) },
  });
  expect(knowing(gaps).current(stored(gaps, 1, { one: true })).payload).toEqual({ one: true, two: true });
});

test('an event of a type that nobody here declared is read as it stands', () => {
  const event = stored(visitor, 1, { name: 'Ada Lovelace' });
  expect(new Vocabulary().current(event)).toBe(event);
});

test('a step that fails costs the form and not the event', () => {
  const brittle = eventType('test.brittle', 'Brittle.', z.object({}), {
    version: 2,
    upcast: {
      1: () => {
        throw new Error('not like this');
      },
    },
  });
  const event = stored(brittle, 1, { n: 1 });
  expect(knowing(brittle).current(event)).toBe(event);
});

test('a payload that is another thing altogether does not pass for one of its type', () => {
  expect(readPayload(visitor, stored(visitor, 3, {}))).toBeUndefined();
  expect(readPayload(visitor, stored(visitor, 9, { first: 1 }))).toBeUndefined();
});
