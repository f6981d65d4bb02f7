import { promotionApproveSchema, promotionDeedSchema } from '@kora/runtime/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Route } from '../../testing/api-server.ts';
import { promotion, promotionDetail, promotionLoop, promotionRun } from '../../testing/promotion-rows.ts';
import { before } from '../../testing/rows.ts';
import { openScene } from '../../testing/scene.ts';
import type { Scene } from '../../testing/scene.ts';

const onTrial = {
  decision: 'approved',
  application: 'applied',
  decidedAt: before(600),
  decidedBy: 'operator',
  appliedAt: before(600),
  trialUntil: before(-7_200),
} as const;
const over = promotion({ id: 9, decision: 'rejected', title: 'answer "how is it"' });

/** Bodies go through the very schemas the runtime parses them with. */
const routes: Record<string, Route> = {
  'GET /api/promotions': ({ query }) =>
    [promotion(), promotion({ id: 11, ...onTrial }), over].filter(
      ({ decision, application }) =>
        (query['decision'] ?? decision) === decision && (query['application'] ?? application) === application,
    ),
  'GET /api/promotions/12': () => promotionDetail(),
  'GET /api/promotions/11': () =>
    promotionDetail({
      id: 11,
      ...onTrial,
      rollbackTo: { value: { reply: 'so far' }, revision: 3 },
      next: null,
    }),
  'GET /api/promotions/12/diff': ({ query }) => ({
    from: Number(query['from']),
    to: 2,
    lines: [{ path: 'reply', before: 'yes', after: '{snapshot.health.shop}' }],
  }),
  'POST /api/promotions/12/approve': ({ body }) => {
    promotionApproveSchema.parse(body);
    return promotionDetail({ ...onTrial, next: 'kora promotion show 12' });
  },
  'POST /api/promotions/11/rollback': ({ body }) => {
    promotionDeedSchema.parse(body);
    return promotionDetail({ id: 11, ...onTrial, application: 'rolled_back', trialUntil: null });
  },
  'GET /api/promotions/loops': () => [promotionLoop()],
  'POST /api/promotions/loops/promote_phrasebook/run': () => promotionRun(),
};

let scene: Scene;
beforeEach(async () => {
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

it('lists what waits and what is on trial, and what is over only when it is asked for', async () => {
  const { stdout } = await scene.run('promotion', 'list');
  expect(stdout).toMatch(/12 +pending +phrasebook +low +\$0\.41 and 3 min 20 s a day +212 +1 h ago +in 1 d/);
  expect(stdout).toMatch(/11 +approved, applied .+ in 2 h/);
  expect(stdout).not.toContain('\u001b');
  expect(stdout).not.toContain('how is it');
  expect((await scene.run('promotion', 'list', '--all')).stdout).toMatch(/9 +rejected/);
});

it('shows one whole, with the one command that leads on', async () => {
  const { stdout } = await scene.run('promotion', 'show', '#12');
  for (const said of [
    '- reply: as you wrote it',
    '+ reply: {snapshot.health.shop}',
    'is shop up? -> healthy  run 01J',
    'cost_per_question_micro_usd 5200 -> 0 on 212',
    'on what the loop did not see: passed, precision 1 of at least 0.98',
    'precision 1 on 41',
    "kora promotion approve 12 --revision 2 --reason '...'",
  ])
    expect(stdout).toContain(said);
  expect(stdout).toMatch(/^is felt +questions on slack_dm$/m);
});

it('agrees to exactly what was read', async () => {
  const words = ['promotion', 'approve', '12', '--reason', 'right'];
  const blind = await scene.run(...words);
  expect(blind.stderr).toContain('names the revision that was read');
  expect(scene.api.asked).toEqual([]);
  const { exit, stdout } = await scene.run(...words, '--revision', '2', '--digest', '3f9a');
  expect([exit, stdout]).toEqual([0, expect.stringContaining('on trial; ends in 2 h')]);
  expect(scene.api.asked.at(-1)?.body).toMatchObject({ revision: 2, digest: promotion().digest });
});

it('what changed since it was read is not agreed to, and it says what is other', async () => {
  const { exit, stderr } = await scene.run('promotion', 'approve', '12', '--revision', '1', '--reason', 'r');
  expect(exit).not.toBe(0);
  expect(stderr).toContain('revision 1 then, 2 now');
  expect(stderr).toContain('+ reply: {snapshot.health.shop}');
  expect(stderr).toContain('kora promotion show 12');
  expect(scene.api.asked.some(({ path }) => path.endsWith('approve'))).toBe(false);
});

it('takes a change back with a reason, and says what stands there again', async () => {
  expect((await scene.run('promotion', 'rollback', '11')).stderr).toContain('needs --reason');
  const { stdout } = await scene.run('promotion', 'rollback', '11', '--reason', 'wrong shop');
  expect(stdout).toContain('stands there now: what was learned before, revision 3: {"reply":"so far"}');
});

it('says what each loop last came to, and starts one by its short name', async () => {
  const { stdout } = await scene.run('promotion', 'loops');
  expect(stdout).toMatch(
    /promote_phrasebook +on +24 h +14 d +1 min ago +9000 read, 3 found, 1 proposed, 412 ms/,
  );
  const ran = await scene.run('promotion', 'run', 'phrasebook', '--reason', 'now');
  expect(ran.stdout).toContain('answer "how is it": precision 0.91 of at least 0.98');
});
