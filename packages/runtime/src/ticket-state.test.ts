import { expect, test } from 'vitest';
import { FakeClock } from './clock/index.ts';
import { Scope } from './scope/index.ts';
import { OperationalStateHolder } from './state/index.ts';
import { ClaimsObserver } from './ticket-state.ts';

function observed(): { clock: FakeClock; claims: ClaimsObserver; live: () => number } {
  const clock = new FakeClock();
  const raise = (_: string, error: unknown): never => {
    throw error;
  };
  let n = 0;
  const numbers = { next: () => (n += 1) };
  const record = (): Promise<void> => Promise.resolve();
  const holder = new OperationalStateHolder({ clock, runtimeId: 'r', numbers, record, onError: raise });
  const claims = new ClaimsObserver({ clock, scope: new Scope('test'), onError: raise }, holder);
  return { clock, claims, live: () => holder.inputs.liveClaims };
}

test('the last claim is over for the state when none has followed it for a second', async () => {
  const { clock, claims, live } = observed();
  claims.changed(1, false);
  expect(live()).toBe(1);
  claims.changed(0, false);
  await clock.advance(900);
  expect(live()).toBe(1);
  await clock.advance(200);
  expect(live()).toBe(0);
});

test('a worker of one ticket after the other is active all the while, and one timer watches it', async () => {
  const { clock, claims, live } = observed();
  for (let n = 0; n < 100; n += 1) {
    claims.changed(1, false);
    claims.changed(0, false);
    await clock.advance(50);
    expect(live()).toBe(1);
  }
  await clock.advance(1_000);
  expect(live()).toBe(0);
  claims.changed(1, false);
  expect(live()).toBe(1);
});
