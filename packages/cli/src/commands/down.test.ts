import { afterEach, expect, it } from 'vitest';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const routes = { 'POST /api/down': () => ({ accepted: true, eventSeq: 9 }) };

it('asks, waits until the process is gone, and says how long it took', async () => {
  let looks = 0;
  scene = await openScene({ routes, host: { alive: () => looks++ < 3 } });
  const ran = await scene.run('down', '--reason', 'moving house', '--json');
  expect(ran.exit).toBe(0);
  expect(ran.document().data).toEqual({ pid: process.pid, stopped: true, tookMs: 0 });
  expect(looks).toBe(4);
  expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'moving house' });
});

it('a process that stays past the timeout is 75, with the way to end it', async () => {
  let now = 0;
  scene = await openScene({ routes, host: { alive: () => true, now: () => (now += 1_000) } });
  const ran = await scene.run('down', '--timeout', '3');
  expect(ran.exit).toBe(75);
  expect(ran.stderr).toContain(`pid ${process.pid} is still there after 3 s`);
  expect(ran.stderr).toContain(`kill -TERM ${process.pid}`);
});

it('an answer that was cut off by the end itself is no failure', async () => {
  scene = await openScene({
    routes,
    host: { fetch: async () => await Promise.reject(new TypeError('fetch failed')) },
  });
  expect((await scene.run('down')).exit).toBe(0);
});

it('a runtime that lives and does not answer is 69, with its pid', async () => {
  let now = 0;
  const fetch = async (): Promise<Response> => await Promise.reject(new TypeError('fetch failed'));
  scene = await openScene({ routes, host: { fetch, alive: () => true, now: () => (now += 1_000) } });
  const ran = await scene.run('down');
  expect(ran).toMatchObject({ exit: 69, stderr: expect.stringContaining(`kill -TERM ${process.pid}`) });
});

it('nothing running is 69 and a plain sentence', async () => {
  scene = await openScene({ running: false });
  const ran = await scene.run('down');
  expect(ran).toMatchObject({
    exit: 69,
    stdout: '',
    stderr: expect.stringContaining(`no runtime is running for ${scene.home}`),
  });
});
