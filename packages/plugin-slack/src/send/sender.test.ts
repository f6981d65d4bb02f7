import type { OutboundMessage } from '@kora/runtime/plugin';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { artifact, houseAt, outbound } from '../../fixtures/house.ts';
import type { HouseOptions } from '../../fixtures/house.ts';
import { SlackServer } from '../../fixtures/slack-server.ts';
import type { Posted } from '../../fixtures/slack-workspace.ts';
import { slackChannel } from '../channel.ts';

let slack: SlackServer;
beforeEach(async () => {
  slack = await SlackServer.start();
});
afterEach(() => slack[Symbol.asyncDispose]());

const never = new AbortController().signal;
/** Accepted so long ago that a runtime of before may have told it. */
const longAgo = new Date(Date.now() + 3_600_000).toISOString();

function sending(options: HouseOptions = {}): (message: OutboundMessage) => Promise<string> {
  const channel = slackChannel(houseAt(slack, options), { socket: true, requests: false });
  return async (message) => (await channel.send(message, never)).receipt;
}

test('a message is told in the direct message of the operator, which is opened once (daemon defect W78)', async () => {
  const send = sending();
  const receipts = [await send(outbound()), await send(outbound())];
  const { direct, messages } = slack.workspace;
  expect(receipts).toEqual(messages.map(({ ts }) => `${direct}/${ts}`));
  expect(slack.calls('conversations.open')).toHaveLength(1);
  expect(messages[0]?.text).toBe('🟠 The disk is full\n98 % of /var are taken.');
  expect(JSON.stringify(messages[0]?.blocks)).toContain('warning · probe_investigation');
});

test('what stands in a message mentions nobody and hides no address', async () => {
  await sending()(outbound({ body: '<!channel> <https://evil.example|your bank> & more' }));
  const [message] = slack.workspace.messages;
  expect(message?.text).toContain('&lt;!channel&gt; &lt;https://evil.example|your bank&gt; &amp; more');
  const sections = (message?.blocks ?? []).filter(({ type }) => type === 'section');
  expect(sections).toMatchObject([{ text: { type: 'mrkdwn', verbatim: true } }]);
});

/** What the operator reads of a message: the text of its sections. */
function shown({ blocks }: Posted): string {
  const sections = blocks.filter(({ type }) => type === 'section');
  return sections.map((section) => String(Reflect.get(Object(section['text']), 'text'))).join('\n');
}

test('a long message goes on under itself, cut at lines as Slack counts them, each part once', async () => {
  const lines = Array.from({ length: 500 }, (_, at) => `${at} ${'<'.repeat(40)}`);
  const decision = { code: 'K7Q2M4TR', expiresAt: '2026-01-01T12:00:00.000Z' };
  const send = sending();
  const message = outbound({ body: lines.join('\n'), decision });
  slack.fail('chat.postMessage', {});
  slack.fail('chat.postMessage', { lost: true });
  await expect(send(message)).rejects.toMatchObject({ code: expect.stringMatching(/^PLUGIN_SLACK_/) });
  await expect(send({ ...message, attempt: 2 })).rejects.toMatchObject({ code: 'PLUGIN_SLACK_UNREACHABLE' });
  await send({ ...message, attempt: 3 });
  const { messages } = slack.workspace;
  const [first, ...rest] = messages;
  expect(messages.map(shown).join('\n').replaceAll('&lt;', '<').split('\n')).toEqual(lines);
  expect(Math.max(...messages.map((each) => shown(each).length))).toBeLessThanOrEqual(10_000);
  expect(rest.length).toBeGreaterThan(5);
  expect(rest.map((each) => each.thread_ts)).toEqual(rest.map(() => first?.ts));
  expect(first?.text).toMatch(/more characters: kora inbox\napprove K7Q2M4TR/);
  expect(JSON.stringify(first?.blocks)).toContain('kora_approve');
});

test('what pressing means is asked where the message does not ask it, and goes with the buttons', async () => {
  const channel = slackChannel(houseAt(slack), { socket: true, requests: false });
  const question = 'incident 1: the disk. Do you know of it? (deny: quiet for an hour) <!channel>';
  const labels = { approve: 'I know of it', deny: 'Quiet for an hour' };
  const decision = { code: 'K7Q2M4TR', expiresAt: '2026-01-01T12:00:00.000Z', question };
  const { receipt } = await channel.send(outbound({ decision: { ...decision, labels } }), never);
  const [message] = slack.workspace.messages;
  const text = 'incident 1: the disk. Do you know of it? (deny: quiet for an hour) &lt;!channel&gt;';
  expect(message?.blocks).toContainEqual(
    expect.objectContaining({ block_id: 'kora_question', elements: [expect.objectContaining({ text })] }),
  );
  // A button says what it does; one that says nothing else approves or denies.
  const buttons = (blocks: unknown): string[] =>
    [...JSON.stringify(blocks).matchAll(/"text":\{"type":"plain_text","text":"([^"]*)"\},"value"/g)].map(
      ([, text]) => text ?? '',
    );
  expect(buttons(message?.blocks)).toEqual(['I know of it', 'Quiet for an hour']);
  await channel.send(outbound({ decision, key: 'plain' }), never);
  expect(buttons(slack.workspace.messages[1]?.blocks)).toEqual(['Approve', 'Deny']);
  await channel.settle?.(receipt, 'approved', never);
  expect(JSON.stringify(message?.blocks)).not.toContain('Do you know of it');
  await channel.send(outbound({ decision, title: question }), never);
  expect(JSON.stringify(slack.workspace.messages[2]?.blocks)).not.toContain('kora_question');
});

test.each([
  ['a title', { title: '<!channel> & <@U1>' }],
  ['a body', { body: '<!channel> & <@U1>' }],
  ['a source', { source: '<!channel> & <@U1>' }],
  [
    'an answer',
    { body: '<!channel> & <@U1>', inReplyTo: { conversation: 'x', providerId: 'x', details: {} } },
  ],
])('%s mentions nobody, also once its decision is over', async (_what, given) => {
  const channel = slackChannel(houseAt(slack), { socket: true, requests: false });
  const decision = { code: 'K7Q2M4TR', expiresAt: '2026-01-01T12:00:00.000Z' };
  const { receipt } = await channel.send(outbound({ ...given, decision }), never);
  await channel.settle?.(receipt, 'approved: <!channel> & <@U1>', never);
  const [message] = slack.workspace.messages;
  const read = message?.blocks.filter(({ type }) => type !== 'header');
  for (const markup of [message?.text, JSON.stringify(read)]) expect(markup).not.toMatch(/<[!@]/);
  const asked = [...slack.calls('chat.postMessage'), ...slack.calls('chat.update')];
  expect(asked.map(({ args }) => args['parse'])).toEqual(['none', 'none']);
});

test('what belongs to a thread stands under its first message', async () => {
  const send = sending();
  const first = await send(outbound());
  const threadReceipt = first;
  const second = await send(outbound({ threadReceipt }));
  await send(outbound({ threadReceipt: second }));
  const [root, ...under] = slack.workspace.messages;
  expect(under.map((message) => message.thread_ts)).toEqual([root?.ts, root?.ts]);
  expect(second).toBe(`${slack.workspace.direct}/${under[0]?.ts}/${root?.ts}`);
});

test('an answer stands where the question was, as speech; never in the direct message of another', async () => {
  const send = sending();
  await send(outbound());
  const { direct, messages } = slack.workspace;
  const asked = `${messages[0]?.ts}`;
  const inReplyTo = { conversation: `${direct}:${asked}`, providerId: 'x', details: {} };
  await send(outbound({ inReplyTo, body: 'All is well.' }));
  expect(messages[1]).toMatchObject({ thread_ts: asked, text: 'All is well.' });
  await send(outbound({ inReplyTo: { ...inReplyTo, conversation: `D0FORMER:${asked}` } }));
  await send(outbound({ threadReceipt: `D0FORMER/${asked}` }));
  expect(messages.slice(2).map(({ channel, thread_ts: under }) => [channel, under])).toEqual([
    [direct, undefined],
    [direct, undefined],
  ]);
});

test('a thread whose first message was deleted is begun anew', async () => {
  await sending()(outbound({ threadReceipt: `${slack.workspace.direct}/1700000000.000001` }));
  expect(slack.workspace.messages).toMatchObject([{ thread_ts: undefined }]);
});

test('a decision has buttons that carry its code, and words for who cannot press', async () => {
  const decision = { code: 'K7Q2M4TR', expiresAt: '2026-01-01T12:00:00.000Z' };
  await sending()(outbound({ decision }));
  const [message] = slack.workspace.messages;
  const actions = message?.blocks.find(({ type }) => type === 'actions');
  expect(actions).toMatchObject({
    elements: [
      { action_id: 'kora_approve', value: 'K7Q2M4TR' },
      { action_id: 'kora_deny', value: 'K7Q2M4TR' },
    ],
  });
  expect(message?.text).toContain('approve K7Q2M4TR / deny K7Q2M4TR');
});

test.each([true, false])(
  'told, and the answer lost: not told again (Slack remembers ids: %s)',
  async (remembersIds) => {
    slack.workspace.remembersIds = remembersIds;
    const send = sending();
    const message = outbound();
    slack.fail('chat.postMessage', { lost: true });
    await expect(send(message)).rejects.toMatchObject({ code: 'PLUGIN_SLACK_UNREACHABLE' });
    const receipt = await send({ ...message, attempt: 2 });
    expect(slack.workspace.messages).toHaveLength(1);
    expect(receipt).toBe(`${slack.workspace.direct}/${slack.workspace.messages[0]?.ts}`);
  },
);

test('told by a process that died before it wrote that down: not told again', async () => {
  slack.workspace.remembersIds = false;
  const message = outbound();
  await sending()(message);
  await sending()(message);
  await sending()({ ...message, key: 'another' });
  expect(slack.workspace.messages).toHaveLength(2);
});

test('what this process is the first to see costs no look back', async () => {
  await sending()(outbound({ createdAt: longAgo }));
  expect(slack.calls('conversations.history')).toHaveLength(0);
});

test.each([
  [{ 'retry-after': '30' }, 30_000],
  [{ 'retry-after': '86400' }, 600_000],
  [{ 'retry-after': '0' }, 1_000],
  [{}, 30_000],
  [{ 'retry-after': 'soon' }, 30_000],
])(
  'a rate limit %j is waited for %d ms, and the library waits for nothing (daemon defect W78)',
  async (headers, ms) => {
    slack.fail('chat.postMessage', { status: 429, headers, body: { ok: false, error: 'ratelimited' } });
    await expect(sending()(outbound())).rejects.toMatchObject({
      code: 'KORA_CHANNEL_REFUSED',
      details: { retryAfterMs: ms },
    });
    expect(slack.calls('chat.postMessage')).toHaveLength(1);
  },
);

test.each([
  'invalid_auth',
  'account_inactive',
  'channel_not_found',
  'not_in_channel',
  'missing_scope',
  'is_archived',
])('%s is for good: the next channel tells it', async (error) => {
  slack.fail('chat.postMessage', { body: { ok: false, error, needed: 'chat:write' } });
  await expect(sending()(outbound())).rejects.toMatchObject({
    code: 'KORA_CHANNEL_REFUSED',
    details: { permanent: true },
    message: expect.stringContaining(error),
  });
});

test.each([
  [{ body: { ok: false, error: 'internal_error' } }, 'PLUGIN_SLACK_REFUSED'],
  [{ status: 503 }, 'PLUGIN_SLACK_UNREACHABLE'],
  [{ body: '<html>' }, 'PLUGIN_SLACK_REFUSED'],
])('%j passes, and is tried again at the pace of the outbox', async (trouble, code) => {
  slack.fail('chat.postMessage', trouble);
  const refused = sending()(outbound());
  await expect(refused).rejects.toMatchObject({ code });
  await expect(refused).rejects.not.toHaveProperty('details.permanent');
  expect(slack.calls('chat.postMessage')).toHaveLength(1);
});

test('blocks that Slack does not take are left out, the words are told', async () => {
  slack.fail('chat.postMessage', { body: { ok: false, error: 'invalid_blocks' } });
  await sending()(outbound());
  expect(slack.workspace.messages).toMatchObject([{ blocks: [], text: expect.stringContaining('98 %') }]);
});

test('without an operator or a token nothing is sent to anybody', async () => {
  const permanent = { code: 'KORA_CHANNEL_REFUSED', details: { permanent: true } };
  await expect(sending({ config: { operatorUserId: undefined } })(outbound())).rejects.toMatchObject(
    permanent,
  );
  await expect(sending({ secrets: {} })(outbound())).rejects.toMatchObject(permanent);
  expect(slack.workspace.calls).toEqual([]);
});

test('files stand under their message, each once, and what cannot go is said', async () => {
  const artifacts = [artifact('art_1', 'log.txt', 'one\ntwo'), artifact('art_2', 'empty.txt', '')];
  const send = sending({ artifacts });
  const message = outbound({ attachments: ['art_1', 'art_2', 'art_3'] });
  slack.fail('files.completeUploadExternal', { lost: true });
  await expect(send(message)).rejects.toMatchObject({ code: 'PLUGIN_SLACK_UNREACHABLE' });
  await send({ ...message, attempt: 2 });
  const { messages } = slack.workspace;
  const [told, ...under] = messages;
  expect(under.map((each) => each.thread_ts)).toEqual([told?.ts, told?.ts]);
  expect(under[0]?.files).toMatchObject([{ title: 'log.txt' }]);
  expect(under[1]?.text).toBe('Not attached:\nempty.txt (art_2): it is empty\nart_3: no longer kept');
  expect(slack.workspace.uploads.get('F1')?.bytes).toBeGreaterThan(7);
});

test('a file that Slack will not have does not keep the message from being told', async () => {
  slack.fail('files.getUploadURLExternal', { body: { ok: false, error: 'file_uploads_disabled' } });
  await sending({ artifacts: [artifact('art_1', 'log.txt', 'one')] })(outbound({ attachments: ['art_1'] }));
  expect(slack.workspace.messages.at(-1)?.text).toContain('log.txt (art_1): Slack refused it');
});

test('a send ends with its signal', async () => {
  const channel = slackChannel(houseAt(slack), { socket: true, requests: false });
  await expect(channel.send(outbound(), AbortSignal.abort())).rejects.toMatchObject({
    code: 'PLUGIN_SLACK_UNREACHABLE',
  });
  expect(slack.workspace.messages).toEqual([]);
});
