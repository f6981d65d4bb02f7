import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileDatabase } from '../../runtime/src/store/testing/database.ts';
import { Living, signingSecret } from '../fixtures/living.ts';
import { SlackServer } from '../fixtures/slack-server.ts';
import type { Posted } from '../fixtures/slack-workspace.ts';
import { signatureOf } from './hear/signature.ts';

test('a runtime tells Slack, hears it and is killed: an incident in one thread, a decision by its button, and each word of the operator answered once (daemon defect W71)', async () => {
  const { slack, living } = await opened();
  const { workspace } = slack;
  const saying = (words: string): Promise<Posted> => found(slack, words);
  const types = async (type: string): Promise<unknown[]> =>
    (await living.operator.events({ type, limit: 200, order: 'asc' })).map(({ payload }) => payload);

  // A test has Slack's receipt, waits where Slack asks for patience, and is none where another channel told it.
  slack.fail('chat.postMessage', { status: 429, headers: { 'retry-after': '1' } });
  const test = await living.operator.testChannel('slack');
  expect(test).toMatchObject({
    delivered: true,
    receipt: `${workspace.direct}/${workspace.messages[0]?.ts}`,
  });
  expect(slack.calls('chat.postMessage')).toHaveLength(2);
  const revoked = { body: { ok: false, error: 'token_revoked' } };
  slack.fail('chat.postMessage', revoked);
  const error = 'slack refused it for good; inbox told it instead';
  expect(await living.operator.testChannel('slack')).toMatchObject({ delivered: false, error });
  slack.fail('auth.test', revoked);
  expect(await living.operator.findings()).toContainEqual(
    expect.objectContaining({ id: 'channel.slack', severity: 'error', hint: 'kora channel setup slack' }),
  );

  // Who tells first is said while it runs, and counts at once, for what comes now and after the next start.
  const first = async (): Promise<unknown> =>
    (await living.operator.channels()).find(({ place }) => place === 1)?.name;
  expect(await living.operator.tellFirst('inbox', 'a test')).toMatchObject({ channels: ['inbox', 'slack'] });
  expect(await first()).toBe('inbox');
  expect(await living.operator.tellFirst('slack', 'a test')).toMatchObject({ channels: ['slack', 'inbox'] });
  expect(await first()).toBe('slack');
  expect(JSON.parse(readFileSync(join(living.home, 'kora.json'), 'utf8'))).toMatchObject({
    messages: { channels: ['slack', 'inbox'] },
  });
  expect((await living.operator.findings()).map(({ id }) => id)).not.toContain('channel.order');

  // What is wrong mentions nobody, and what becomes of it stands under it.
  living.door('<!channel> see <https://evil.example|the log>');
  const told = await saying('Probe alert');
  expect(JSON.stringify(told)).toContain('&lt;!channel&gt; see &lt;https://evil.example|the log&gt;');
  expect(JSON.stringify(told)).not.toContain('<!channel>');
  expect(JSON.stringify(told)).toContain('Do you know of it? (deny: quiet for an hour)');
  for (const label of ['I know of it', 'Quiet for an hour'])
    expect(JSON.stringify(told)).toContain(`"text":"${label}"`);
  living.door(undefined);
  expect(await saying('Recovered · door')).toMatchObject({ thread_ts: told.ts });

  // Known questions are answered where they stand; strangers are refused, and what they said is nowhere.
  const asked = workspace.written('how are you');
  slack.event(asked);
  slack.operatorWrites('let me in', { user: 'U0STRANGER' });
  expect(await saying('daemons run')).toMatchObject({ thread_ts: asked['ts'] });
  await expect
    .poll(() => types('kora.message.refused'))
    .toMatchObject([{ channel: 'slack', reason: 'not_operator', sender: 'U0STRANGER' }]);

  // A call that waits for leave is decided by the operator's finger, and by nobody else's.
  await living.operator.tickets.add({ kind: 'sweep', title: 'Sweep', payload: {}, idempotencyKey: 'sweep' });
  const question = await saying('broom');
  slack.press(question.ts, 'kora_approve', 'U0STRANGER');
  slack.press(question.ts, 'kora_approve', workspace.operator);
  const swept = await saying('🔵 Swept');
  await expect.poll(() => JSON.stringify(question.blocks)).toContain('approved (slack)');
  expect(JSON.stringify(question.blocks)).not.toContain('kora_approve');
  await expect
    .poll(() => workspace.messages.find(({ files }) => files !== undefined))
    .toMatchObject({ files: [{ title: 'swept.txt' }], thread_ts: swept.ts });

  // Acknowledged and not yet handled, over a connection that broke: nothing of it is lost with the process.
  await living.operator.pause('a test');
  slack.drop();
  const waits = workspace.written('status');
  slack.event(waits);
  const signed = signedEvent(slack, 'are you ok?');
  expect(await signed.send(living)).toBe(200);
  await expect
    .poll(async () => (await living.operator.inbound.list({})).map(({ state }) => state))
    .toEqual(['waiting', 'waiting', 'answered']);
  await expect.poll(() => slack.acknowledged.length).toBe(5);
  await living.kill();

  // Whatever comes again makes nothing: the same gesture, and the same signed bytes to a process that has not seen them.
  await living.up();
  await expect.poll(() => slack.connections).toBe(3);
  slack.event(waits);
  expect(await signed.send(living)).toBe(200);
  expect(await signed.send(living)).toBe(401);
  expect(await signed.send(living, 'v0=forged')).toBe(401);
  await living.operator.resume('a test');
  await expect
    .poll(async () => (await living.operator.inbound.list({})).map(({ state, outcome }) => [state, outcome]))
    .toEqual([
      ['answered', 'phrasebook'],
      ['answered', 'phrasebook'],
      ['answered', 'phrasebook'],
    ]);
  await expect.poll(() => slack.acknowledged.length).toBe(6);
  const under = [asked, waits, signed.event].map(({ ts }) => ts);
  const answers = (): string[] =>
    workspace.messages
      .filter(({ text, thread_ts: at }) => under.includes(at) && !text.includes('is kept and will be'))
      .map(({ thread_ts: at }) => String(at))
      .toSorted();
  await expect.poll(answers).toEqual(under.map(String).toSorted());
  const refused = await types('kora.message.refused');
  expect(refused.map((payload) => Reflect.get(Object(payload), 'reason'))).toEqual(
    expect.arrayContaining(['not_operator', 'replayed', 'signature_mismatch']),
  );
}, 60_000);

async function opened(): Promise<{ readonly slack: SlackServer; readonly living: Living }> {
  const store = await fileDatabase();
  onTestFinished(store.drop);
  const slack = await SlackServer.start();
  onTestFinished(() => slack[Symbol.asyncDispose]());
  const living = await Living.at(store.url, slack);
  onTestFinished(() => living.end());
  await expect.poll(() => slack.connections).toBe(1);
  return { slack, living };
}

/** The message that says so, once it is there. */
async function found({ workspace }: SlackServer, words: string): Promise<Posted> {
  const look = (): Posted | undefined =>
    workspace.messages.find((message) => JSON.stringify(message).includes(words));
  await expect.poll(look, { message: words }).toBeDefined();
  const message = look();
  assert.ok(message);
  return message;
}

/** An event as Slack signs it once; sent again, it is the same bytes. */
function signedEvent({ workspace }: SlackServer, text: string) {
  const event = workspace.written(text);
  const body = JSON.stringify(workspace.callback(event));
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const good = signatureOf(timestamp, Buffer.from(body), signingSecret);
  return {
    event,
    send: async ({ eventsPort }: Living, signature = good): Promise<number> => {
      const headers = {
        'content-type': 'application/json',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signature,
      };
      const url = `http://127.0.0.1:${eventsPort}/slack/events`;
      return (await fetch(url, { method: 'POST', body, headers })).status;
    },
  };
}
