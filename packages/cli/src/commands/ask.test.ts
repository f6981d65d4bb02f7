import { afterEach, expect, it } from 'vitest';
import type { Sink } from '../host.ts';
import type { Route } from '../testing/api-server.ts';
import { answer, refused, receipt, runId } from '../testing/reason-rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const nobodyListens: Route = () => ({ begin: () => undefined });

async function answering(said: unknown): Promise<Scene> {
  scene = await openScene({
    routes: { 'GET /api/reason/live': nobodyListens, 'POST /api/reason/ask': () => said },
  });
  return scene;
}

it('prints the answer, and beside it what it took', async () => {
  await answering(answer());
  const ran = await scene.run('ask', 'how is the shop?');
  expect(ran).toMatchObject({ exit: 0, stdout: 'All is well.\nThe shop answers.\n' });
  expect(ran.stderr).toBe(
    `2 calls · 1234 tokens in (and 800 from the cache), 210 out · $0.0042 · 3.2 s · rung normal · ` +
      `small swift (default_small) · tools kora__list_probes · woke for kora ask · run ${runId}\n`,
  );
  const asked = scene.api.asked.find(({ path }) => path === '/api/reason/ask');
  expect(asked?.body).toEqual({ text: 'how is the shop?', key: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});

it('is one document with --json, also for an answer that is not whole', async () => {
  await answering(answer({ status: 'incomplete', error: 'timeout' }));
  const ran = await scene.run('ask', 'how is the shop?', '--json');
  expect(ran).toMatchObject({ exit: 1, stderr: '' });
  expect(ran.lines()).toHaveLength(1);
  expect(ran.document()).toMatchObject({ ok: true, data: { status: 'incomplete', receipt: { calls: 2 } } });
});

it('names the model, goes on with a conversation, and asks for a verdict', async () => {
  const claims = [
    { text: 'it is up', evidence: ['probe:shop@noon'], proven: true, unread: [] },
    { text: 'it was up', evidence: ['event:9'], proven: false, unread: ['event:9'] },
    { text: 'it will be', evidence: [], proven: false, unread: [] },
  ];
  await answering(answer({ verdict: { claims, confidence: 1 / 3 } }));
  const ran = await scene.run('ask', 'up?', '--model', 'grand', '--conversation', 'shop', '--verdict');
  expect(scene.api.asked.at(-1)?.body).toMatchObject({
    text: '/model grand up?',
    conversation: { channel: 'cli', thread: 'shop' },
    verdict: true,
  });
  expect(ran.stdout).toContain(
    [
      '1 of 3 claims proven, confidence 0.33',
      '  proven    it is up  probe:shop@noon',
      '  unproven  it was up  was not read: event:9',
      '  unproven  it will be  nothing was cited',
    ].join('\n'),
  );
});

it.each([
  ['cost_ladder_halted', 79, 'the money for models is spent', 'kora cost'],
  ['cost_capped', 79, 'this question may cost no more: budget_paced (pace)', 'kora cost'],
  ['operational_state_paused', 1, 'Kora is paused', 'kora control'],
  [
    'auth',
    1,
    'the provider refuses the key',
    'kora probe list says which provider, kora plugin config reasoning ',
  ],
  ['transport', 1, 'the provider does not answer', 'kora probe list\n'],
] as const)('%s ends with %i, and says what it was and where to look', async (error, exit, words, hint) => {
  const refusal = error === 'cost_capped' ? { refusal: { cause: 'budget_paced', scope: 'pace' } } : {};
  await answering(refused({ error, ...refusal }));
  const ran = await scene.run('ask', 'how is the shop?');
  expect(ran).toMatchObject({ exit, stdout: '' });
  expect(ran.stderr).toContain(`kora: ${words} (${error})\n fix: ${hint}`);
  expect(ran.stderr).toContain('\n0 calls · $0.00 · 2 ms');
});

it('a model that nobody has priced is told apart from money that is gone', async () => {
  const refusal = { cause: 'budget_unknown', scope: 'price' };
  await answering(refused({ error: 'cost_ladder_halted', refusal }));
  const ran = await scene.run('ask', 'how is the shop?');
  expect(ran.exit).toBe(79);
  expect(ran.stderr).toContain('kora: nobody has said what this model costs, so it is not asked');
  expect(ran.stderr).toContain('price of plugins.config.reasoning.models');
});

it('where nobody thinks it says what to set, and that the phrasebook had nothing', async () => {
  await answering(refused({ status: 'failed', error: 'unconfigured', why: 'no provider has a key' }));
  const ran = await scene.run('ask', 'how is the shop?');
  expect(ran.exit).toBe(1);
  expect(ran.stderr).toContain('the phrasebook has no answer to this: no provider has a key (unconfigured)');
  expect(ran.stderr).toContain('KORA_PLUGIN_REASONING_ANTHROPIC_API_KEY');
  expect(ran.stderr).toContain('plugins.config.reasoning.providers');
});

it('an answer of the phrasebook says which version, and that it cost nothing', async () => {
  const took = { calls: 0, costMicroUsd: 0, model: null, tools: [], phrasebookVersion: 4 };
  await answering(answer({ by: 'phrasebook', text: 'ready', receipt: receipt(took) }));
  const ran = await scene.run('ask', 'state?');
  expect(ran).toMatchObject({ exit: 0, stdout: 'ready\n' });
  expect(ran.stderr).toContain('0 calls · $0.00 · 3.2 s · rung normal · phrasebook 4 · woke for kora ask');
});

type Push = (event: string, data: object) => void;

/** A runtime that streams, and then answers when it is told to. */
async function streaming(): Promise<{
  push: Promise<Push>;
  reply: (said: unknown) => void;
  asked: Promise<void>;
}> {
  const push = Promise.withResolvers<Push>();
  const asked = Promise.withResolvers<void>();
  const said = Promise.withResolvers<unknown>();
  scene = await openScene({
    routes: {
      'GET /api/reason/live': () => ({ begin: (given: Push) => push.resolve(given) }),
      'POST /api/reason/ask': () => {
        asked.resolve();
        return said.promise;
      },
      [`POST /api/reason/runs/${runId}/cancel`]: () => {
        said.resolve(answer({ status: 'failed', error: 'cancelled', text: '' }));
        return { runId, cancelled: true };
      },
    },
  });
  return { push: push.promise, reply: said.resolve, asked: asked.promise };
}

const sign = { runId, key: 'k', route: 'cli' };
const terminal = (write: (text: string) => void): Sink => ({
  isTTY: true,
  columns: 80,
  write,
  closed: new AbortController().signal,
});

it('on a terminal the words come as they come, and are not said twice', async () => {
  const server = await streaming();
  let shown = '';
  const live = scene.live(['ask', 'how is the shop?'], { stdout: terminal((text) => (shown += text)) });
  const push = await server.push;
  await server.asked;
  push('sign', { ...sign, kind: 'began', what: 'swift' });
  push('sign', { ...sign, kind: 'tool_call', what: 'kora__list_probes' });
  push('sign', { ...sign, kind: 'text', delta: 'All is\u001b[31m well.\n' });
  await expect.poll(() => shown).toBe('All is [31m well.\n');
  push('sign', { ...sign, kind: 'text', delta: 'The shop answers.' });
  push('sign', { ...sign, kind: 'ended', what: 'answered', costMicroUsd: 4_200 });
  server.reply(answer({ text: 'The shop answers.' }));
  const ran = await live.ended;
  expect(ran.exit).toBe(0);
  expect(shown).toBe('All is [31m well.\nThe shop answers.\n');
  expect(ran.stderr).toContain('-- kora__list_probes');
  expect(ran.stderr).toContain('2 calls');
});

it('an answer that is not what was streamed is said whole', async () => {
  const server = await streaming();
  let shown = '';
  const live = scene.live(['ask', 'how is the shop?'], { stdout: terminal((text) => (shown += text)) });
  const push = await server.push;
  await server.asked;
  push('sign', { ...sign, kind: 'text', delta: 'perhaps it is down' });
  await expect.poll(() => shown).toContain('perhaps');
  push('sign', { ...sign, kind: 'ended', what: 'answered', costMicroUsd: 4_200 });
  server.reply(answer());
  const ran = await live.ended;
  expect(shown).toBe('perhaps it is down\nAll is well.\nThe shop answers.\n');
  expect(ran.stderr).toContain('-- the answer in the end');
});

it('Ctrl-C calls the question off over there, and shows what it had cost by then', async () => {
  const server = await streaming();
  const live = scene.live(['ask', 'how is the shop?']);
  const push = await server.push;
  await server.asked;
  push('sign', { ...sign, kind: 'began', what: 'swift' });
  live.send('SIGINT');
  const ran = await live.ended;
  expect(ran.exit).toBe(130);
  expect(ran.stderr).toContain('it was called off (cancelled)');
  expect(ran.stderr).toContain('$0.0042');
});

it('an answer that was cut off is none of a provider that is away, and what nobody counted has no number', async () => {
  const uncounted = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, durationMs: 0, estimated: true };
  await answering(
    answer({
      status: 'incomplete',
      text: 'half of',
      error: 'transport',
      receipt: receipt({ calls: 1, ...uncounted }),
    }),
  );
  const ran = await scene.run('ask', 'how is the shop?');
  expect(ran.exit).toBe(1);
  expect(ran.stderr).toContain('kora: the provider broke off in the middle of the answer (transport)');
  expect(ran.stderr).toContain('\n1 call · $0.0042 estimated · rung normal · ');
});

it('whoever names a model that is not there is told who answered instead', async () => {
  await answering(answer({ receipt: receipt({ routing: 'override_unknown' }) }));
  const ran = await scene.run('ask', 'up?', '--model', 'grand');
  expect(ran.exit).toBe(0);
  expect(ran.stderr).toContain('no model is called grand, so swift was asked: kora cost prices');
});
