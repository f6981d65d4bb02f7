import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { isRunning, readProcess, sendSignal, waitGone } from './process-table.ts';

it('knows this process, and neither pid 0, 1 nor nonsense', () => {
  expect(readProcess(process.pid)).toMatchObject({ pid: process.pid, folder: process.cwd() });
  for (const pid of [0, 1, -1, 1.5, Number.NaN, 2 ** 30]) expect(readProcess(pid)).toBeUndefined();
});

it('sees a process end, and a zombie as ended', async () => {
  const child = spawn('sleep', ['60']);
  const exit = once(child, 'exit');
  const one = readProcess(child.pid ?? 0);
  if (one === undefined) throw new Error('the child does not run');
  expect(await waitGone(one, 0)).toBe(false);
  sendSignal(one, 'SIGKILL');
  expect(await waitGone(one, 5_000)).toBe(true);
  await exit;
});

it('takes a pid that changed hands for another process', () => {
  const now = readProcess(process.pid);
  if (now === undefined) throw new Error('this process runs');
  const earlier = { ...now, started: '1' };
  expect(isRunning(earlier)).toBe(false);
  // Would end this very test.
  sendSignal(earlier, 'SIGKILL');
});
