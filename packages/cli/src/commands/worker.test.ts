import {
  newWorkerTokenSchema,
  reasonSchema,
  workerTokenMadeSchema,
  workerTokenSchema,
} from '@kora/runtime/client';
import type { WorkerTokenRow } from '@kora/runtime/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import { before, noon } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

function row(over: Partial<WorkerTokenRow> = {}): WorkerTokenRow {
  return workerTokenSchema.parse({
    workerTokenId: 3,
    name: 'mailroom',
    kinds: ['mail', 'fax'],
    status: 'live',
    reason: 'letters',
    createdAt: before(60),
    expiresAt: before(-3 * 86_400),
    revokedAt: null,
    revokeReason: null,
    sessions: 1,
    held: 2,
    ...over,
  });
}

const routes: Record<string, Route> = {
  'GET /api/worker-tokens': ({ query }) =>
    query['all'] === '1'
      ? [row(), row({ workerTokenId: 2, status: 'expired', expiresAt: before(60) })]
      : [row()],
  'POST /api/worker-tokens': ({ body }) => {
    const { name, kinds, expiresInMs } = newWorkerTokenSchema.parse(body);
    return workerTokenMadeSchema.parse({
      ...row({ name, kinds, expiresAt: before(-expiresInMs / 1_000) }),
      token: 'kora_worker_3_secret',
    });
  },
  'POST /api/worker-tokens/3/revoke': ({ body }) =>
    row({ status: 'revoked', revokedAt: noon, revokeReason: reasonSchema.parse(body).reason }),
};

let scene: Scene;
beforeEach(async () => {
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

it('a token is made for its kinds and its time, and shown on a line of its own', async () => {
  const ran = await scene.run(
    'worker',
    'add',
    'mailroom',
    '--kind',
    'mail',
    '--kind',
    'fax',
    '--expires',
    '30d',
  );
  expect(ran.exit).toBe(0);
  expect(ran.lines()[0]).toBe('kora_worker_3_secret');
  expect(ran.stdout).toContain('may work mail, fax in 30 d');
  const month = 30 * 86_400_000;
  expect(scene.api.asked.at(-1)?.body).toMatchObject({
    name: 'mailroom',
    kinds: ['mail', 'fax'],
    expiresInMs: month,
  });
  await scene.run('worker', 'add', 'mailroom', '--kind', 'mail', '--reason', 'letters');
  expect(scene.api.asked.at(-1)?.body).toEqual({ name: 'mailroom', kinds: ['mail'], reason: 'letters' });
});

it('a list shows what is held with each, and no token', async () => {
  const ran = await scene.run('worker', 'list');
  expect(ran).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/#3 +mailroom +live +mail fax +1 +2 +in 3 d/),
  });
  expect((await scene.run('worker', 'list', '--all')).stdout).toMatch(/#2 .*expired.*ended 1 min ago/);
});

it.each([['3'], ['#3'], ['mailroom'], ['mail']])('worker %s is revoked', async (typed) => {
  const ran = await scene.run('worker', 'revoke', typed, '--reason', 'lost');
  expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('revoked  #3 of worker mailroom') });
  expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'lost' });
});

it.each([
  [['worker', 'add', 'mailroom'], 64, '--kind'],
  [['worker', 'add', 'mailroom', '--kind', 'mail', '--expires', 'soon'], 64, '--expires'],
  [['worker', 'revoke', '3'], 64, '--reason'],
  [['worker', 'revoke', 'nobody', '--reason', 'r'], 1, 'kora worker list'],
] as const)('%j is refused', async (argv, exit, words) => {
  expect(await scene.run(...argv)).toMatchObject({ exit, stderr: expect.stringContaining(words) });
});
