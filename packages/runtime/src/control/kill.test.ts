import { expect, test } from 'vitest';
import { Kill, killBySentinel } from './index.ts';
import type { KillPorts, Sentinel } from './index.ts';

function dying(ports: Partial<KillPorts> = {}): { kill: Kill; done: string[]; errors: unknown[] } {
  const done: string[] = [];
  const errors: unknown[] = [];
  const says = (what: string) => (): Promise<void> => Promise.resolve(void done.push(what));
  const kill = new Kill({
    exitBy: (ms, level) => void done.push(`exit by ${ms} L${level}`),
    stopped: says('stopped'),
    abort: (reason) => Promise.resolve(done.push(`abort ${reason}`)),
    dropCredentials: says('credentials'),
    end: (reason) => Promise.resolve(void done.push(`end ${reason}`)),
    onError: (_where, error) => void errors.push(error),
    ...ports,
  });
  return { kill, done, errors };
}

test('the hard end is armed before anything else; doors close, work is given back, and the process ends once (defect 19)', async () => {
  const { kill, done } = dying();
  await Promise.all([kill.carryOut({ level: 4, reason: 'x' }), kill.carryOut({ level: 4, reason: 'y' })]);
  expect(done).toEqual(['exit by 10000 L4', 'stopped', 'abort STOP-KORA L4: x', 'end STOP-KORA L4: x']);
  expect(kill.level).toBe(4);
});

test('level 5 drops the credentials at once, also after a level 4 had begun', async () => {
  const { kill, done } = dying();
  await kill.carryOut({ level: 4, reason: 'x' });
  await kill.carryOut({ level: 5, reason: 'y' });
  expect(done.slice(-2)).toEqual(['exit by 10000 L5', 'credentials']);
  const whole = dying();
  await whole.kill.carryOut({ level: 5, reason: 'z' });
  expect(whole.done.slice(0, 2)).toEqual(['exit by 10000 L5', 'credentials']);
});

test('nothing that hangs or fails keeps the end from coming', async () => {
  const hangs = (): Promise<never> => new Promise(() => undefined);
  const { kill, done } = dying({ stopped: hangs, abort: hangs, dropCredentials: hangs });
  await kill.carryOut({ level: 5, reason: 'x' });
  expect(done.at(-1)).toBe('end STOP-KORA L5: x');
  const fails = (): Promise<never> => Promise.reject(new Error('no'));
  const failing = dying({ stopped: fails, abort: fails, dropCredentials: fails });
  await failing.kill.carryOut({ level: 5, reason: 'x' });
  expect(failing.done.at(-1)).toBe('end STOP-KORA L5: x');
  await expect.poll(() => failing.errors).toHaveLength(3);
});

test('a sentinel kills when the keeper says so: at once if it lies there, else when it comes', () => {
  const { kill, done } = dying();
  const listeners: ((sentinel: Sentinel | undefined) => void)[] = [];
  let kills = false;
  const keeper = {
    kills: () => kills,
    level: () => 4,
    sentinel: () => ({ reason: 'nothing answers' }) as Sentinel,
    onSentinel: (listener: (sentinel: Sentinel | undefined) => void) => {
      listeners.push(listener);
      return { [Symbol.dispose]: () => void listeners.pop() };
    },
  };
  const listening = killBySentinel(keeper, kill);
  for (const listener of listeners) listener(undefined);
  expect(done).toEqual([]);
  kills = true;
  for (const listener of listeners) listener(undefined);
  expect(done.at(-1)).toBe('end STOP-KORA L4: nothing answers');
  listening[Symbol.dispose]();
  expect(listeners).toEqual([]);
  const next = dying();
  killBySentinel(keeper, next.kill);
  expect(next.done.at(-1)).toBe('end STOP-KORA L4: nothing answers');
});
