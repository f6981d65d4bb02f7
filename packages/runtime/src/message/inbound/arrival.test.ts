import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readArrival, writtenAck, writtenDecision } from './arrival.ts';
import { threadOf, titleOf } from './reply.ts';

const code = fc
  .array(fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'.split('')), { minLength: 8, maxLength: 8 })
  .map((letters) => letters.join(''));

test('a decision is read as it is written, whatever stands below it', () => {
  fc.assert(
    fc.property(
      code,
      fc.constantFrom('approve', 'deny'),
      fc.boolean(),
      fc.string(),
      (is, verdict, small, rest) => {
        const line = `${verdict} ${is}`;
        const text = `${small ? line.toLowerCase() : line}\n${rest}`;
        expect(writtenDecision(text)).toEqual({ verdict, code: is });
      },
    ),
  );
});

test.each(['approve K7Q2-M4TR', 'Approve k7q2 m4tr.', 'approve K7Q2M4TR!'])(
  '%s is read as it was meant',
  (text) => expect(writtenDecision(text)).toEqual({ verdict: 'approve', code: 'K7Q2M4TR' }),
);

test('an O and an L are the digits that they look like', () =>
  expect(writtenDecision('deny k7q2-oilr')).toEqual({ verdict: 'deny', code: 'K7Q2011R' }));

test.each([
  'approve',
  'approve it',
  'please approve K7Q2M4TR',
  'approve K7Q2M4T',
  'approve K7Q2M4TRX',
  'deny K7Q2M4TU',
  'approve vacation',
  'ack done 2day',
  'deny them cash',
  'approve K7Q-2M4TR',
])('%s is no decision', (text) => expect(writtenDecision(text)).toBeUndefined());

test('what a channel hands in is refused by name where it does not fit', () => {
  const message = {
    providerId: 'm',
    conversation: 'c',
    sender: { id: 'U1' },
    text: 't',
    authenticatedBy: 'slack_user',
    trusted: true,
  };
  const wrong = (change: object): unknown => {
    try {
      return readArrival.message({ ...message, ...change });
    } catch (error) {
      return error;
    }
  };
  for (const [change, word] of [
    [{ providerId: 'x'.repeat(301) }, 'providerId'],
    [{ providerId: 'a\u0000b' }, 'providerId'],
    [{ conversation: '' }, 'conversation'],
    [{ text: 'x'.repeat(100_001) }, 'text'],
    [{ details: { a: 'x'.repeat(16_384) } }, 'details'],
    [{ authenticatedBy: 'Not A Word' }, 'authenticatedBy'],
    [{ sentAt: 'yesterday' }, 'sentAt'],
  ] as const)
    expect(wrong(change)).toMatchObject({
      code: 'KORA_REQUEST_INVALID',
      message: expect.stringContaining(word),
    });
  expect(readArrival.message(message)).toMatchObject({ attachments: [], details: {} });
});

test('names stay short and titles are one line', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 300 }), (text) => {
      expect(threadOf(text).length).toBeLessThanOrEqual(150);
      expect(titleOf(text)).not.toContain('\n');
      expect(titleOf(text).length).toBeGreaterThan(0);
      expect(titleOf(text).length).toBeLessThanOrEqual(80);
    }),
  );
});

test.each([
  ['ack', null, null],
  [' Ack.\n\n> Kora is paused', null, null],
  ['ack 4', 4, null],
  ['ACK #12', 12, null],
  ['ack looking at it\nmore', null, 'looking at it'],
  ['Ack, 3 of us are on it', null, '3 of us are on it'],
  ['ack 4: on it', 4, 'on it'],
])('%j says that it is known', (text, alertId, why) => expect(writtenAck(text)).toEqual({ alertId, why }));

test.each(['acknowledge it', 'acks', 'please ack', 'ack 12345678', 'ack 0'])('%j is no ack', (text) =>
  expect(writtenAck(text)).toBeUndefined(),
);

test('a code that is acknowledged is approved', () =>
  expect(writtenDecision('ack K7Q2M4TR')).toEqual({ verdict: 'approve', code: 'K7Q2M4TR' }));
