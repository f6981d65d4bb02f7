import { afterEach, expect, it } from 'vitest';
import { answer, replay, runDetail, runId } from '../testing/reason-rows.ts';
import { before } from '../testing/noon.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const talk = {
  conversationId: 3,
  channel: 'cli',
  thread: 'shop',
  turns: 2,
  startedAt: before(3_600),
  lastAt: before(60),
};

it('lists what was asked, with what each cost, and passes filters on', async () => {
  scene = await openScene({ routes: { 'GET /api/reason/runs': () => [runDetail()] } });
  const ran = await scene.run('reason', 'list', '--ticket', '7', '--status', 'answered', '--limit', '5');
  expect(ran.exit).toBe(0);
  expect(ran.stdout).toMatch(
    new RegExp(`^${runId} +1 min ago +answered +cli +swift +\\$0\\.0042 +how is the shop\\?$`, 'm'),
  );
  expect(scene.api.asked.at(-1)?.query).toEqual({ ticketId: '7', status: 'answered', limit: '5' });
});

it('shows one whole: calls, also one whose end nobody saw, tools, evidence and receipt', async () => {
  scene = await openScene({ routes: { [`GET /api/reason/runs/${runId}`]: () => runDetail() } });
  const ran = await scene.run('reason', 'show', `run:${runId}`);
  expect(ran.exit).toBe(0);
  for (const words of [
    /^asked +1 min ago by operator on cli$/m,
    /^answered by +engine reasoning$/m,
    /^receipt +2 calls · 1234 tokens in/m,
    /^how is the shop\?$/m,
    /^All is well\.$/m,
    /^1 +swift +ok +1234 in, 210 out +\$0\.0042 +310 ms$/m,
    /^2 +swift +unknown +nobody said +\$0\.009 reserved +unknown$/m,
    /^kora__list_probes +ok +12 ms +\{"limit":5\}$/m,
    /^ {2}probe:shop@noon {2}shop is healthy$/m,
  ])
    expect(ran.stdout).toMatch(words);
});

it('calls one off with a reason, and says where it does not go on here', async () => {
  let cancelled = true;
  scene = await openScene({
    routes: { [`POST /api/reason/runs/${runId}/cancel`]: () => ({ runId, cancelled }) },
  });
  expect(await scene.run('reason', 'cancel', runId, '--reason', 'too dear')).toMatchObject({ exit: 0 });
  expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'too dear' });
  cancelled = false;
  const ran = await scene.run('reason', 'cancel', runId, '--reason', 'too dear');
  expect(ran).toMatchObject({ exit: 1, stdout: expect.stringContaining('does not go on in this runtime') });
});

it('follows what is thought, without the words of the answers', async () => {
  const sign = { runId, key: null, route: 'cli' };
  scene = await openScene({
    routes: {
      'GET /api/reason/live': () => ({
        begin: (push: (event: string, data: object) => void) => {
          push('sign', { ...sign, kind: 'began', what: 'reasoning' });
          push('sign', { ...sign, kind: 'text', delta: 'private words' });
          push('sign', { ...sign, kind: 'model_call', what: 'swift' });
          push('sign', { ...sign, kind: 'ended', what: 'answered', costMicroUsd: 4_200 });
        },
      }),
    },
  });
  const live = scene.live(['reason', 'live']);
  await live.says('ended answered  $0.0042');
  live.send('SIGINT');
  const ran = await live.ended;
  expect(ran.exit).toBe(130);
  expect(ran.stdout).toContain('model call swift');
  expect(ran.stdout).not.toContain('private words');
});

it('shows a conversation by its name', async () => {
  const said = [
    { n: 1, direction: 'inbound', text: 'how is the shop?', runId, at: before(70) },
    { n: 2, direction: 'outbound', text: answer().text, runId, at: before(60) },
  ];
  scene = await openScene({
    routes: {
      'GET /api/conversations': () => [talk],
      'GET /api/conversations/3': () => ({ ...talk, said }),
    },
  });
  const listed = await scene.run('conversation', 'list');
  expect(listed.stdout).toMatch(/^ 3 +cli +shop +2 +1 min ago$/m);
  const ran = await scene.run('conversation', 'show', 'shop');
  expect(ran.stdout).toMatch(/asked\n {2}how is the shop\?\n/);
  expect(ran.stdout).toMatch(
    new RegExp(`answered {2}run ${runId}\n {2}All is well\\.\n {2}The shop answers\\.`),
  );
  expect((await scene.run('conversation', 'show', 'nowhere')).stderr).toContain('there is no conversation');
});

it('explains an answer from its record, and a difference is a finding', async () => {
  let differences: string[] = [];
  scene = await openScene({
    routes: { [`GET /api/reason/runs/${runId}/replay`]: () => replay({ differences }) },
  });
  const same = await scene.run('explain', `run:${runId}`);
  expect(same.exit).toBe(0);
  expect(same.stdout).toContain('no model was asked');
  expect(same.stdout).toContain('model: swift (default_small); now swift (default_small)');
  expect(same.stdout).toContain('it comes to the same');
  differences = ['the receipt says 2 calls, the record has 3'];
  const other = await scene.run('explain', `run:${runId}`, '--json');
  expect(other.exit).toBe(1);
  expect(other.document()).toMatchObject({ ok: true, data: { differences } });
});

it('says who was asked where nobody answered, and that a run has to be named', async () => {
  const detail = runDetail({ by: 'nobody', status: 'failed', error: 'auth', text: '' });
  scene = await openScene({ routes: { [`GET /api/reason/runs/${runId}`]: () => detail } });
  const ran = await scene.run('reason', 'show', runId);
  expect(ran.stdout).toMatch(/^answered by +nobody; engine reasoning was asked$/m);
  expect(await scene.run('explain', 'run:')).toMatchObject({
    exit: 64,
    stderr: expect.stringContaining('fix: kora reason list') as string,
  });
});
