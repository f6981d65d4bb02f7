import { afterEach, expect, it } from 'vitest';
import { message } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

it('follows: each message once, in order, over a refusal that passes', async () => {
  const told = [message({ messageId: 7, title: 'seventh' })];
  let booting = false;
  scene = await openScene({
    routes: {
      'GET /api/messages': ({ query }) => {
        if (booting) return { refuse: 503, code: 'KORA_NOT_READY', message: 'still booting' };
        return told.filter(({ messageId }) => messageId > Number(query['after'] ?? 0)).toReversed();
      },
    },
  });
  const live = scene.live(['inbox', '--follow', '--json']);
  await live.says('seventh');
  booting = true;
  await live.says('waiting for it');
  told.push(message({ messageId: 8, title: 'eighth' }), message({ messageId: 9, title: 'ninth' }));
  booting = false;
  await live.says('ninth');
  live.send('SIGINT');
  const ran = await live.ended;
  expect(ran.exit).toBe(130);
  expect(ran.lines().map((line) => (JSON.parse(line) as { messageId: number }).messageId)).toEqual([7, 8, 9]);
});

it('a refusal that no waiting mends ends it', async () => {
  let asked = 0;
  scene = await openScene({
    routes: {
      'GET /api/messages': () =>
        asked++ === 0 ? [] : { refuse: 401, code: 'KORA_AUTH_MISSING', message: 'no valid token' },
    },
  });
  const ran = await scene.live(['inbox', '--follow']).ended;
  expect(ran).toMatchObject({
    exit: 77,
    stderr: expect.stringContaining('no valid token (KORA_AUTH_MISSING)'),
  });
});

it('shows the newest, and which of them never reached the operator', async () => {
  const failed = message({
    messageId: 2,
    title: 'second',
    status: 'failed',
    channel: 'slack',
    attempts: 5,
    error: 'HTTP 401',
  });
  scene = await openScene({ routes: { 'GET /api/messages': () => [failed, message()] } });
  const ran = await scene.run('inbox', '--limit', '1');
  expect(ran.stdout).toContain('second');
  expect(ran.stdout).toContain('(failed on slack, 5 tries: HTTP 401)');
  expect(ran.stdout).not.toContain('checkout is unreachable');
});
