import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { Access } from './access.ts';

function open(): { access: Access; clock: FakeClock } {
  const clock = new FakeClock();
  return { access: new Access({ token: 'secret', clock }), clock };
}

test('a code opens one session, once', () => {
  const { access } = open();
  const { code } = access.mintCode();
  expect(access.isSession(access.pair(code))).toBe(true);
  expect(() => access.pair(code)).toThrow(/used before/);
});

test('a code is worth nothing after two minutes', () => {
  const { access, clock } = open();
  const { code } = access.mintCode();
  clock.jump(120_001);
  expect(() => access.pair(code)).toThrow(/expired/);
});

test('a wrong try burns every open code', () => {
  const { access } = open();
  const codes = [access.mintCode().code, access.mintCode().code];
  expect(() => access.pair('guess')).toThrow(/wrong/);
  for (const code of codes) expect(() => access.pair(code)).toThrow(/wrong/);
});

test('a secret that no code bought is no session', () => {
  expect(open().access.isSession('made up')).toBe(false);
});

test('the hundred-and-first page takes the place of the first', () => {
  const { access } = open();
  const secrets = Array.from({ length: 101 }, () => access.pair(access.mintCode().code));
  expect(access.isSession(secrets[0] ?? '')).toBe(false);
  expect(secrets.slice(1).every((secret) => access.isSession(secret))).toBe(true);
});

test('only the whole token is the token', () => {
  const { access } = open();
  expect(access.isToken('secret')).toBe(true);
  for (const wrong of ['', 'secre', 'secrets', 'SECRET']) expect(access.isToken(wrong)).toBe(false);
});

test('what was revoked opens nothing any more: not the token, no session, no code that was minted before or after', () => {
  const { access } = open();
  const session = access.pair(access.mintCode().code);
  const { code } = access.mintCode();
  access.revoke();
  expect([access.isToken('secret'), access.isSession(session)]).toEqual([false, false]);
  for (const minted of [code, access.mintCode().code]) expect(() => access.pair(minted)).toThrow(/wrong/);
});
