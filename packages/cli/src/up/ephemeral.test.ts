import { existsSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import type { StartOptions } from '../runtime.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

it('says first that nothing is kept, leaves configured databases alone, and removes its home', async () => {
  const given: StartOptions[] = [];
  scene = await openScene({
    running: false,
    starter: async (options) => {
      given.push(options);
      expect(existsSync(options.home)).toBe(true);
      const ready = { url: 'http://127.0.0.1:1', cockpitUrl: null, pid: 1, bootMs: 1, primaryState: 'ready' };
      const closed = Promise.resolve({ exitCode: 0, reason: 'done' });
      return await Promise.resolve({ ready, closed, stop: async () => await Promise.resolve() });
    },
  });
  const ran = await scene.run('up', '--ephemeral');
  const [options] = given;
  expect(options).toMatchObject({ ephemeral: true, openEmbeddedPostgres: expect.any(Function) });
  expect(options?.home).not.toBe(scene.home);
  expect(ran.exit).toBe(0);
  expect(ran.stderr.split('\n')[0]).toBe(
    `ephemeral: nothing is kept; the home until it ends is ${options?.home}`,
  );
  expect(existsSync(options?.home ?? scene.home)).toBe(false);
});

it.each([
  { flags: ['--detach'], says: 'not with --detach' },
  { flags: ['--home', '/srv/kora'], says: 'makes a home of its own' },
])('refuses $flags beside it', async ({ flags, says }) => {
  scene = await openScene({ running: false });
  expect(await scene.run('up', '--ephemeral', ...flags)).toMatchObject({
    exit: 64,
    stderr: expect.stringContaining(says),
  });
});
