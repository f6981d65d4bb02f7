import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badGuests, guestEnvironment, installGuests, isDealtWith, probe, rowOf } from './harness/guests.ts';
import type { Outcome } from './harness/guests.ts';
import { House } from './harness/house.ts';
import type { Up } from './harness/house.ts';
import { until } from './harness/wait.ts';

/** The table of docs/security.md: what a guest tries, and what becomes of it by who started the runtime. */
function saidOf(who: 'root' | 'anybody else'): Map<string, string> {
  const page = readFileSync(fileURLToPath(new URL('../docs/security.md', import.meta.url)), 'utf8');
  const rows = page.slice(page.indexOf('| a guest tries to')).split('\n\n')[0]?.split('\n').slice(2) ?? [];
  return new Map(
    rows.map((row) => {
      const [, what = '', root = '', others = ''] = row.split('|').map((cell) => cell.trim());
      return [what, who === 'root' ? root : others];
    }),
  );
}

describe('nine bad guests, a good one and one that tries everything, in one runtime', () => {
  const house = new House();
  let up: Up;
  let outcomes: Outcome[];

  beforeAll(async () => {
    installGuests(house, ['good', 'probing', ...badGuests.map(({ id }) => id)]);
    up = await house.up([], { env: guestEnvironment });
    await until('the good one to be proven', async () => {
      const rows = await house.api().plugins();
      return rowOf(rows, 'good').state === 'proven' && rowOf(rows, 'probing').state === 'loaded';
    });
    outcomes = await probe(house);
  });

  afterAll(() => house[Symbol.asyncDispose]());

  it.each(badGuests)('$does: it is dealt with, and shown with its reason', async (guest) => {
    expect(await until(`${guest.id} to be dealt with`, () => isDealtWith(house, guest))).toBe(true);
  });

  it('harm none of the others: the good one works and answers, the runtime is ready and its words are its own', async () => {
    const rows = await house.api().plugins();
    const good = rowOf(rows, 'good');
    expect(good).toMatchObject({
      state: 'proven',
      reason: null,
      usage: { errors: 0, crashes: 0, restarts: 0 },
    });
    expect(await (await fetch(good.urls[0] ?? '')).text()).toMatch(/^[1-9]\d* ticks$/);
    expect(await house.api().status()).toMatchObject({
      primaryState: 'ready',
      degradationReasons: [],
      holds: [],
    });
    for (const row of rows.filter(({ origin }) => origin === 'bundled')) expect(row.reason).toBeNull();
    // What a guest prints is no word of the runtime.
    expect(up.child.stdout.match(/"event":"ready"/g)).toHaveLength(1);
    expect(up.child.stdout).not.toContain('127.0.0.1:1"');
  });

  it('fill no log: what a flood may write is bounded', () => {
    const lines = readFileSync(join(house.home, 'logs', 'kora.log'), 'utf8').split('\n');
    const flood = lines.filter((line) => line.includes('a line that nobody asked for'));
    expect(flood.length).toBeGreaterThan(0);
    // 50 a second and a burst of 100, for as long as this house has been up, in each of a few lives.
    expect(flood.length).toBeLessThan(10_000);
  });

  it('docs/security.md says of each attempt what came of it', () => {
    const isRoot = process.getuid?.() === 0;
    const said = saidOf(isRoot ? 'root' : 'anybody else');
    const came = new Map(outcomes.map(({ what, done }) => [what, done ? 'possible' : 'refused']));
    expect([...came.keys()].length).toBeGreaterThan(30);
    expect(Object.fromEntries(came)).toEqual(Object.fromEntries(said));
  });

  it('keep it from stopping no more than from starting: nothing is left', async () => {
    house.remember(up.ready.pid);
    expect((await house.kora('down')).code).toBe(0);
    await house.empty();
  });
});
