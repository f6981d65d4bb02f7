import { describe, expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { KoraError } from '../fault/index.ts';
import { Access } from './access.ts';
import { scriptedSessions } from './session/testing/keeper.ts';

const browser = { device: 'Chrome on Linux' };
const away = (): never => {
  throw new Error('no store yet');
};

function open(clock = new FakeClock()): { access: Access; clock: FakeClock } {
  const errors = (_: string, error: unknown): void => {
    throw error;
  };
  return { access: new Access({ token: 'secret', clock, onError: errors }), clock };
}

/** The word for why a code was refused, as the page is told. */
async function refusal(tried: Promise<unknown>): Promise<unknown> {
  const error: unknown = await tried.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof KoraError ? error.details['reason'] : error;
}

async function session(access: Access, code = access.mintCode().code): Promise<string> {
  return access.pair(code, browser);
}

describe('a code', () => {
  test('opens one session, once, also when it is typed by hand', async () => {
    const { access } = open();
    const { code, typed } = access.mintCode();
    expect(typed).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
    const secret = await access.pair(
      ` ${typed.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')} `,
      browser,
    );
    expect(access.sessions.find(secret)?.device).toBe('Chrome on Linux');
    expect(await refusal(access.pair(code, browser))).toBe('used');
  });

  test('is worth nothing after two minutes', async () => {
    const { access, clock } = open();
    const { code } = access.mintCode();
    clock.jump(120_001);
    expect(await refusal(access.pair(code, browser))).toBe('expired');
  });

  test('is burned by a wrong try, as every open one is', async () => {
    const { access } = open();
    const codes = [access.mintCode().code, access.mintCode().code];
    expect(await refusal(access.pair('guess', browser))).toBe('wrong');
    for (const code of codes) expect(await refusal(access.pair(code, browser))).toBe('wrong');
  });

  test('that was used is still told as that after a wrong try', async () => {
    const { access } = open();
    const { code } = access.mintCode();
    await access.pair(code, browser);
    expect(await refusal(access.pair('guess', browser))).toBe('wrong');
    expect(await refusal(access.pair(code, browser))).toBe('used');
  });

  test('of an earlier run is refused as such, and burns nothing', async () => {
    const { access } = open();
    const { code } = access.mintCode();
    expect(await refusal(access.pair(open().access.mintCode().code, browser))).toBe('restarted');
    expect(access.sessions.find(await access.pair(code, browser))).toBeDefined();
  });

  test('tried wrongly five times in a minute makes the next wait, and locks nobody out', async () => {
    const { access, clock } = open();
    for (let tries = 0; tries < 5; tries += 1)
      expect(await refusal(access.pair('guess', browser))).toBe('wrong');
    const { code } = access.mintCode();
    expect(await refusal(access.pair(code, browser))).toBe('too_many');
    await clock.advance(1_000);
    expect(access.sessions.find(await access.pair(code, browser))).toBeDefined();
    for (const waitMs of [2_000, 4_000, 8_000, 16_000, 30_000]) {
      expect(await refusal(access.pair('guess', browser))).toBe('wrong');
      await clock.advance(waitMs - 1);
      expect(await refusal(access.pair('guess', browser))).toBe('too_many');
      await clock.advance(1);
    }
  });
});

describe('a session', () => {
  test('is not what no code bought', () => {
    expect(open().access.sessions.find('made up')).toBeUndefined();
  });

  test('ends when its browser is paired again', async () => {
    const { access } = open();
    const before = await session(access);
    const { code } = access.mintCode({ scopes: ['read'] });
    const after = await access.pair(code, { ...browser, before });
    expect([access.sessions.find(before), access.sessions.find(after)?.scopes]).toEqual([
      undefined,
      ['read'],
    ]);
  });

  test('gives way to the hundred-and-first', async () => {
    const { access } = open();
    const secrets: string[] = [];
    for (let n = 0; n < 101; n += 1) secrets.push(await session(access));
    expect(access.sessions.find(secrets[0] ?? '')).toBeUndefined();
    expect(secrets.slice(1).every((secret) => access.sessions.find(secret) !== undefined)).toBe(true);
  });

  test('outlives a restart, unless it was revoked', async () => {
    const keeper = scriptedSessions();
    const { access: first, clock } = open();
    first.attach(keeper);
    const [kept, revoked] = [await session(first), await session(first)];
    const { sessionId } = first.sessions.find(revoked) ?? {};
    first.sessions.end((each) => each.sessionId === sessionId, { why: 'revoked', by: null, reason: 'lost' });
    await clock.advance(0);
    const { access: second } = open(clock);
    await expect(second.session(kept, away)).rejects.toThrow('no store yet');
    second.attach(keeper);
    expect(await second.session(kept, away)).toMatchObject({ device: 'Chrome on Linux' });
    expect(await second.session(revoked, away)).toBeUndefined();
  });

  test('opened before the store stood is kept once it does', async () => {
    const { access, clock } = open();
    await session(access);
    const keeper = scriptedSessions();
    access.attach(keeper);
    await clock.advance(0);
    const { access: second } = open(clock);
    const other = new Access({ token: 'another', clock, onError: () => undefined });
    for (const each of [second, other]) {
      each.attach(keeper);
      await each.session('unknown', away);
    }
    expect([second.sessions.list().length, other.sessions.list().length]).toEqual([1, 0]);
  });

  test('has four streams at most, and loses them with itself', async () => {
    const { access, clock } = open();
    const found = access.sessions.find(await session(access));
    if (found === undefined) throw new Error('no session');
    const passes = Array.from({ length: 4 }, () => access.sessions.stream(found));
    expect(() => access.sessions.stream(found)).toThrow(/4 streams/);
    passes[0]?.leave();
    const fifth = access.sessions.stream(found);
    clock.jump(11 * 3_600_000);
    expect(fifth.goesOn()).toBe(true);
    clock.jump(2 * 3_600_000);
    expect(access.sessions.list()).toHaveLength(1);
    access.sessions.end(() => true, { why: 'revoked', by: null, reason: 'enough' });
    expect([fifth.signal.reason, passes[1]?.signal.reason]).toEqual(['revoked', 'revoked']);
  });
});

test('only the whole token is the token', () => {
  const { access } = open();
  expect(access.isToken('secret')).toBe(true);
  for (const wrong of ['', 'secre', 'secrets', 'SECRET']) expect(access.isToken(wrong)).toBe(false);
});

test('what was revoked opens nothing any more: not the token, no session, no code that was minted before or after', async () => {
  const { access } = open();
  const secret = await session(access);
  const { code } = access.mintCode();
  access.revoke();
  expect([access.isToken('secret'), access.sessions.find(secret)]).toEqual([false, undefined]);
  for (const minted of [code, access.mintCode().code])
    expect(await refusal(access.pair(minted, browser))).toBe('wrong');
});

test('who is turned away is counted by why, and told once a minute', async () => {
  const { access, clock } = open();
  const told: unknown[] = [];
  access.attach({ ...scriptedSessions(), refused: async (...word) => void told.push(word) });
  for (let n = 0; n < 3; n += 1) access.refusals.note('host');
  await clock.advance(60_000);
  access.refusals.note('host');
  access.refusals.note('wrong_token');
  await clock.advance(0);
  expect(told).toEqual([
    ['host', 1],
    ['host', 3],
    ['wrong_token', 1],
  ]);
  expect(access.refusals.read()).toMatchObject({
    total: 5,
    causes: [{ cause: 'host', count: 4 }, { count: 1 }],
  });
});
