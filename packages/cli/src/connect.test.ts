import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleRoutes } from './testing/routes.ts';
import { announceRunning, openScene } from './testing/scene.ts';
import type { Scene } from './testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

describe('no runtime', () => {
  it('is 69 with the command that starts it, in the envelope too', async () => {
    scene = await openScene({ running: false });
    const ran = await scene.run('status', '--json');
    expect(ran).toMatchObject({ exit: 69, stderr: '' });
    expect(ran.document()).toEqual({
      schemaVersion: 1,
      ok: false,
      error: {
        type: 'unreachable',
        code: 'KORA_UNREACHABLE',
        message: `no runtime is running for ${scene.home}`,
        hint: 'kora up',
      },
    });
    const flagged = await scene.run('status', '--home', '/nowhere/at/all');
    expect(flagged).toMatchObject({
      exit: 69,
      stdout: '',
      stderr: expect.stringContaining('fix: kora up --home /nowhere/at/all'),
    });
  });

  it('is what a dead pid means', async () => {
    scene = await openScene();
    await announceRunning(scene.home, scene.api.url, 2 ** 22 + 1);
    expect((await scene.run('status')).exit).toBe(69);
  });

  it('is what a port where nobody listens means', async () => {
    scene = await openScene();
    await announceRunning(scene.home, 'http://127.0.0.1:1');
    const ran = await scene.run('status');
    expect(ran).toMatchObject({
      exit: 69,
      stderr: expect.stringContaining('does not answer at http://127.0.0.1:1'),
    });
  });
});

describe('a runtime that answers', () => {
  it('with no answer in time is 75', async () => {
    const late = async (): Promise<Response> =>
      await Promise.reject(new DOMException('too late', 'TimeoutError'));
    scene = await openScene({ host: { fetch: late } });
    const ran = await scene.run('status', '--json');
    expect(ran.exit).toBe(75);
    expect(ran.document().error).toMatchObject({
      code: 'KORA_TIMEOUT',
      type: 'temporary',
      hint: 'kora doctor',
    });
  });

  it('with a shape of another version says so, in a sentence', async () => {
    scene = await openScene({ routes: { 'GET /api/status': () => ({ primaryState: 'perplexed' }) } });
    const ran = await scene.run('status');
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toMatch(
      /^kora: the runtime answered in a shape that this command .* does not know: primaryState/,
    );
  });

  it('that refuses the token is 77', async () => {
    scene = await openScene({ routes: sampleRoutes });
    await writeFile(join(scene.home, 'api-token'), 'another\n');
    expect((await scene.run('status')).exit).toBe(77);
  });

  it('with something that is no JSON is an internal fault, with the status', async () => {
    const broken = async (): Promise<Response> =>
      await Promise.resolve(new Response('<html>', { status: 502 }));
    scene = await openScene({ host: { fetch: broken } });
    expect(await scene.run('status')).toMatchObject({ exit: 1, stderr: expect.stringContaining('HTTP 502') });
  });
});

describe('--workspace', () => {
  it('lets the runtime’s own pass and refuses another', async () => {
    scene = await openScene({ routes: sampleRoutes });
    expect((await scene.run('ticket', 'list', '--workspace', 'default')).exit).toBe(0);
    const ran = await scene.run('ticket', 'list', '--workspace', 'staging');
    expect(ran).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('serves the workspace default, not staging'),
    });
  });
});
