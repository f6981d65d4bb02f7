import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { event } from './testing/rows.ts';
import { sampleRoutes } from './testing/routes.ts';
import { openScene } from './testing/scene.ts';
import type { Scene } from './testing/scene.ts';
import { spawnKora } from './testing/spawned.ts';

let scene: Scene;
let cache: string;
const kora = (...argv: string[]) => spawnKora(argv, { KORA_HOME: scene.home, NODE_COMPILE_CACHE: cache });

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'kora-cli-cache-'));
  scene = await openScene({ routes: sampleRoutes });
});
afterAll(async () => {
  await scene.close();
  await rm(cache, { recursive: true, force: true });
});

describe('the kora process', { timeout: 30_000 }, () => {
  it('--version answers with the version alone', async () => {
    const ended = await kora('--version').ended;
    expect(ended).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/),
    });
    expect(await kora('--version', '--json').ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"ok":true'),
    });
  });

  it('--help goes to stdout and exits 0; a missing verb to stderr and exits 64', async () => {
    expect(await kora('--help').ended).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('Usage: kora'),
    });
    expect(await kora('ticket').ended).toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringContaining('Usage: kora ticket'),
    });
  });

  it('an unknown command exits 64 with the nearest, as a document with --json', async () => {
    const plain = await kora('statsu').ended;
    expect(plain).toMatchObject({
      code: 64,
      stdout: '',
      stderr: "kora: unknown command 'statsu' (KORA_USAGE)\n fix: did you mean status?\n",
    });
    const json = await kora('statsu', '--json').ended;
    expect(json).toMatchObject({ code: 64, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      ok: false,
      error: { type: 'usage', code: 'KORA_USAGE' },
    });
  });

  it('status reads from the running runtime, and exits 69 without one', async () => {
    expect(await kora('status').ended).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^ready {2}claims normal/),
    });
    expect(await kora('status', '--home', join(scene.folder, 'none')).ended).toMatchObject({
      code: 69,
      stdout: '',
    });
  });

  it('never colours a pipe', async () => {
    const ended = await spawnKora(['ticket', 'list'], { KORA_HOME: scene.home, FORCE_COLOR: '3' }).ended;
    expect(ended.stdout).toContain('Rotate');
    expect(ended.stdout + ended.stderr).not.toContain('\u001b');
  });

  it('a reader that goes away is quiet', async () => {
    const { child, ended } = kora('event', 'tail', '--follow');
    await scene.api.opened(1);
    child.stdout.destroy();
    const timer = setInterval(() => scene.api.tell(event({ seq: next++ })), 20);
    let next = 1_000;
    const { code, signal, stderr } = await ended;
    clearInterval(timer);
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('following ends 130 on %s, without a word', async (name) => {
    const before = scene.api.asked.filter(({ path }) => path === '/api/events/stream').length;
    const { child, ended } = kora('event', 'tail', '--follow', '--json');
    await scene.api.opened(before + 1);
    child.kill(name);
    expect(await ended).toMatchObject({ code: 130, signal: null, stderr: '' });
  });
});
