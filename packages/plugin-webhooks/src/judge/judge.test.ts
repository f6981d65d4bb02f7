import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seal, unseal } from '../keep/sealing.ts';
import { Pace } from './pace.ts';
import { proofOf, signatureOf } from './signature.ts';
import type { Scheme } from './signature.ts';

const at = 1_531_420_618;
const now = at * 1_000;
const body = Buffer.from('{"a":1}');

function headersOf(scheme: Scheme, secret: string, over: object = {}): Record<string, string> {
  const timestamp = String(at);
  const signature = signatureOf(scheme, secret, timestamp, body);
  const sent = {
    generic: { 'x-kora-timestamp': timestamp, 'x-kora-signature': signature },
    github: { 'x-hub-signature-256': signature },
    slack: { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature },
  };
  return { ...sent[scheme], ...over };
}

function faultOf(scheme: Scheme, headers: object, secrets = ['right'], time = now): string | undefined {
  const given = { headers: headers as Record<string, string>, body };
  return proofOf(scheme, given, secrets, { now: time, freshSeconds: 300 }).fault;
}

test('the schemes are those that Slack and GitHub document', () => {
  const slack =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  expect(signatureOf('slack', '8f742231b10e8888abcd99yyyzzz85a5', '1531420618', Buffer.from(slack))).toBe(
    'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  );
  expect(signatureOf('github', "It's a Secret to Everybody", '', Buffer.from('Hello, World!'))).toBe(
    'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  );
});

const schemes: Scheme[] = ['generic', 'github', 'slack'];

test.each(schemes)('%s: what one of several secrets signed holds, and no other', (scheme) => {
  expect(faultOf(scheme, headersOf(scheme, 'right'))).toBeUndefined();
  expect(faultOf(scheme, headersOf(scheme, 'old'), ['new', 'old'])).toBeUndefined();
  expect(faultOf(scheme, headersOf(scheme, 'old'), ['new'])).toBe('signature_mismatch');
  expect(faultOf(scheme, headersOf(scheme, 'right'), [])).toBe('signature_mismatch');
  expect(faultOf(scheme, {})).toBe('signature_missing');
});

test.each(['generic', 'slack'] as const)('%s: late, early, and without a time', (scheme) => {
  const good = headersOf(scheme, 'right');
  const name = scheme === 'slack' ? 'x-slack-request-timestamp' : 'x-kora-timestamp';
  expect(faultOf(scheme, good, ['right'], now + 301_000)).toBe('stale');
  expect(faultOf(scheme, good, ['right'], now - 301_000)).toBe('stale');
  expect(faultOf(scheme, good, ['right'], now + 299_000)).toBeUndefined();
  expect(faultOf(scheme, { ...good, [name]: undefined })).toBe('timestamp_missing');
  expect(faultOf(scheme, { ...good, [name]: '-1' })).toBe('timestamp_malformed');
  expect(faultOf(scheme, { ...good, [name]: String(at + 1) })).toBe('signature_mismatch');
});

test.each(['sha1=00', 'sha256=', `sha256=${'g'.repeat(64)}`, `sha256=${'0'.repeat(63)}`, ''])(
  'a signature that is none: %s',
  (signature) => {
    expect(faultOf('github', { 'x-hub-signature-256': signature })).toBe('signature_malformed');
  },
);

test('no other body, time or secret has the same signature, and the digest names what was signed alone', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
      const signed = signatureOf('generic', 'right', '1', one);
      expect(signatureOf('generic', 'right', '1', other) === signed).toBe(Buffer.compare(one, other) === 0);
    }),
  );
  const options = { now, freshSeconds: 300 };
  const digest = (headers: Record<string, string>, secret: string): string =>
    proofOf('generic', { headers, body }, [secret], options).digest;
  const sent = headersOf('generic', 'right');
  expect(digest({ ...sent, 'x-kora-delivery': 'other' }, 'right')).toBe(digest(sent, 'right'));
  expect(digest(headersOf('generic', 'new'), 'new')).toBe(digest(sent, 'right'));
});

test('who asks too often waits, each for itself', () => {
  const pace = new Pace();
  const asked = Array.from({ length: 61 }, () => pace.ask('a', 60, now));
  expect(asked.slice(0, 60).every((wait) => wait === 0)).toBe(true);
  expect(asked[60]).toBe(1_000);
  expect(pace.ask('b', 60, now)).toBe(0);
  expect(pace.ask('a', 60, now + 1_000)).toBe(0);
  expect(pace.ask('a', 60, now + 1_000)).toBeGreaterThan(0);
  // A clock that goes back gives nothing.
  expect(pace.ask('a', 60, now - 60_000)).toBeGreaterThan(0);
});

test('callers are forgotten one by one, and never all', () => {
  const pace = new Pace();
  pace.ask('first', 1, now);
  for (let n = 0; n < 10_000; n += 1) pace.ask(`other ${n}`, 1, now);
  expect(pace.ask('first', 1, now)).toBe(0);
  expect(pace.ask('other 9999', 1, now)).toBeGreaterThan(0);
});

test('a body opens with the secret that sealed it, where it belongs, and unchanged', () => {
  const sealed = seal(body, 'right', 'github 12');
  expect(unseal(sealed, ['new', 'right'], 'github 12').equals(body)).toBe(true);
  expect(sealed.includes(body)).toBe(false);
  expect(() => unseal(sealed, ['new'], 'github 12')).toThrow('the secret that sealed it is gone');
  expect(() => unseal(sealed, ['right'], 'github 13')).toThrow('cannot be opened');
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  expect(() => unseal(sealed, ['right'], 'github 12')).toThrow('cannot be opened');
  expect(() => unseal(Buffer.alloc(3), ['right'], 'github 12')).toThrow('cannot be opened');
});
