import { identitySchema } from '@kora/runtime/client';
import { afterEach, expect, it } from 'vitest';
import { identity } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const broken = identity({
  name: 'eddie',
  pluginName: 'eddie',
  active: false,
  agentName: '',
  agentVersion: '',
  hash: '',
  soulMd: '',
  systemPrompt: '',
  problem: 'identity eddie of plugin eddie threw: no file',
});

it('one that cannot speak is listed with why, and showing it says so', async () => {
  const rows = [identity(), broken].map((row) => identitySchema.parse(row));
  scene = await openScene({ routes: { 'GET /api/identities': () => rows } });
  const list = await scene.run('identity', 'list');
  expect(list).toMatchObject({ exit: 0, stdout: expect.stringMatching(/eddie +no .*threw: no file/) });
  expect((await scene.run('identity', 'show')).stdout).toContain('Brain the size of a planet.');
  expect(await scene.run('identity', 'show', 'eddie')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('threw: no file'),
  });
});
