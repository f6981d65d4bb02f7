import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stopSchema } from '@kora/runtime/client';
import { afterEach, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import * as row from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const routes: Record<string, Route> = {
  'POST /api/stop': ({ body }) => {
    const { level, reason } = stopSchema.parse(body);
    return {
      commandId: '0196b7a0-0000-7000-8000-000000000009',
      sequence: 7,
      level,
      kind: 'abort',
      reason,
      issuerActor: 'operator',
      issuerKind: 'operator',
      via: 'api',
      createdAt: row.noon,
      expiresAt: null,
    };
  },
};

const sentinelFile = (): string => join(scene.home, 'STOP');
const sentinel = (): unknown => JSON.parse(readFileSync(sentinelFile(), 'utf8'));
const why = ['--reason', 'it does the wrong thing'];

it('a runtime that answers is stopped over its API, and the home stays as it is', async () => {
  scene = await openScene({ routes });
  const ran = await scene.run('stop', '--level', 'L3', ...why, '--json');
  expect(ran.exit).toBe(0);
  expect(ran.document().data).toMatchObject({ via: 'api', level: 3, sequence: 7 });
  expect(scene.api.asked.at(-1)?.body).toEqual({ level: 3, reason: 'it does the wrong thing' });
  expect(existsSync(sentinelFile())).toBe(false);
});

it('a runtime that does not answer in time is stopped through its home', async () => {
  const fetch: typeof globalThis.fetch = async (_, init) =>
    await new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error), { once: true });
    });
  scene = await openScene({ host: { fetch } });
  const ran = await scene.run('stop', '--level', 'L2', ...why, '--json');
  expect(ran.exit).toBe(0);
  expect(ran.document().data).toMatchObject({ via: 'sentinel', level: 2, killed: null });
  expect(ran.stderr).toContain('did not answer in time; the stop goes through the home');
  expect(sentinel()).toMatchObject({ level: 2, reason: 'it does the wrong thing', by: 'operator' });
});

it.each([
  ['whose store is away', 503, 'KORA_STORE_UNREACHABLE'],
  ['whose token is gone', 401, 'KORA_AUTH_MISSING'],
  ['that broke', 500, 'KORA_INTERNAL'],
])('a runtime %s is stopped through its home', async (_, refuse, code) => {
  scene = await openScene({ routes: { 'POST /api/stop': () => ({ refuse, code, message: 'no' }) } });
  const ran = await scene.run('stop', '--level', 'L1', ...why, '--json');
  expect(ran.document().data).toMatchObject({ via: 'sentinel', level: 1 });
});

it('a runtime that says no is not gone past', async () => {
  const no = { refuse: 403, code: 'KORA_CONTROL_DENIED', message: 'not for you' };
  scene = await openScene({ routes: { 'POST /api/stop': () => no } });
  const ran = await scene.run('stop', '--level', 'L3', ...why);
  expect(ran.exit).not.toBe(0);
  expect(existsSync(sentinelFile())).toBe(false);
});

it('a kill asks for consent on the terminal, and without an answer nothing is done (defect 37)', async () => {
  const asked: string[] = [];
  const answers = ['', 'yes', 'L4'];
  const ask = (question: string): Promise<string | undefined> => {
    asked.push(question);
    return Promise.resolve(answers.shift());
  };
  scene = await openScene({ running: false, host: { ask } });
  const kill = ['stop', '--level', 'L4', ...why] as const;
  for (const _ of [1, 2]) {
    expect(await scene.run(...kill)).toMatchObject({ exit: 64 });
    expect(existsSync(sentinelFile())).toBe(false);
  }
  expect(await scene.run(...kill)).toMatchObject({ exit: 0 });
  expect(sentinel()).toMatchObject({ level: 4 });
  expect(asked[0]).toContain('L4: the process ends within 10 s.');
});

it('a kill without a terminal wants --yes; a milder stop asks nobody', async () => {
  scene = await openScene({ running: false });
  expect(await scene.run('stop', '--level', 'L5', ...why)).toMatchObject({
    exit: 64,
    stderr: expect.stringContaining('--yes'),
  });
  expect(existsSync(sentinelFile())).toBe(false);
  expect(await scene.run('stop', '--level', 'L5', ...why, '--yes')).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('the next start comes up stopped'),
  });
});

it.each([[['--level', 'L0', ...why]], [['--level', '4', ...why]], [why], [['--level', 'L3']]])(
  '%j is refused',
  async (argv) => {
    scene = await openScene({ running: false });
    expect(await scene.run('stop', ...argv)).toMatchObject({ exit: 64 });
  },
);

it('a stop that is milder than the one in force says that the other stays', async () => {
  scene = await openScene({ running: false });
  await scene.run('stop', '--level', 'L3', ...why);
  const ran = await scene.run('stop', '--level', 'L1', ...why);
  expect(ran.stdout).toContain('L3 was in force already and stays');
  expect(sentinel()).toMatchObject({ level: 3 });
});

it('resume takes the sentinel away where no runtime runs, and says what that does not touch', async () => {
  scene = await openScene({ running: false });
  await scene.run('stop', '--level', 'L3', ...why);
  const ran = await scene.run('resume', '--reason', 'it is well again');
  expect(ran).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('stops and holds of the store stay'),
  });
  expect(existsSync(sentinelFile())).toBe(false);
  expect(await scene.run('resume', '--reason', 'again')).toMatchObject({ exit: 69 });
});

it('resume of a runtime in trouble takes the sentinel away, and never for one hold', async () => {
  const away = { refuse: 503, code: 'KORA_STORE_UNREACHABLE', message: 'the store is away' };
  scene = await openScene({ routes: { 'POST /api/resume': () => away } });
  await writeFile(sentinelFile(), 'damaged');
  expect(await scene.run('resume', '--hold', '4', '--reason', 'one')).toMatchObject({ exit: 75 });
  const ran = await scene.run('resume', '--reason', 'all', '--json');
  expect(ran.document().data).toEqual({ via: 'sentinel', level: 3 });
});
