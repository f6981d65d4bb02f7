import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { OutboundMessage } from './message/index.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import { testDatabase } from './store/testing/database.ts';

/** What the plugin shares with the test: they are in one process. */
interface Desk {
  readonly told: OutboundMessage[];
  readonly settled: string[];
  isDown: boolean;
  /** Tools as an MCP server offers them, in the panel where they wait. */
  readonly tools: { tool: string; state: string; sha256: string }[];
}

const asker = entryOf(
  'mcp',
  `
  const desk = globalThis.koraDesk;
  await context.registerChannel({ name: 'chat',
    send: async (message) => {
      if (desk.isDown) throw new Error('503');
      desk.told.push(message);
      return { receipt: 'r' + message.messageId };
    },
    check: async () => ({ ok: !desk.isDown, detail: desk.isDown ? 'away' : 'signed in' }),
    settle: async (receipt, outcome) => void desk.settled.push(receipt + ' ' + outcome) });
  const seen = new Set();
  await context.registerTicketHandler({ kind: 'errand', work: async ({ ticketId }) => {
    if (seen.has(ticketId)) return { resolution: 'completed', summary: 'done' };
    seen.add(ticketId);
    return { resolution: 'blocked_needs_operator', summary: 'which of the two?' };
  } });
  await context.registerCockpitPanel({ id: 'servers', title: 'MCP servers',
    view: async () => ({ kind: 'table', columns: ['server', 'tool', 'state', 'sha256'].map((name) => ({ name, label: name })),
      rows: desk.tools.map((each) => ({ cells: { server: 'gauge', ...each } })) }),
    actions: [{ id: 'approve', title: 'Approve a tool', run: async ({ tool, sha256 }) => {
      for (const each of desk.tools) if (each.tool === tool && each.sha256 === sha256) each.state = 'approved';
      return { message: 'offered' };
    } }] });
`,
);
const manifest = {
  id: 'mcp',
  contributes: { ticketKinds: ['errand'], channels: ['chat'], events: [] },
};

const soon = { timeout: 30_000, interval: 50 };

async function living(): Promise<{ readonly api: KoraClient; readonly desk: Desk }> {
  const desk: Desk = { told: [], settled: [], isDown: false, tools: [] };
  Object.assign(globalThis, { koraDesk: desk });
  const packages = await PackagesOnDisk.create();
  onTestFinished(() => packages[Symbol.asyncDispose]());
  const plugin = await packages.plugin('mcp', manifest, asker);
  const { url } = await testDatabase({ empty: true });
  const env = { KORA_DATABASE_URL: url };
  const home = testFolder();
  await writeFile(join(home, 'kora.json'), JSON.stringify({ messages: { channels: ['chat', 'inbox'] } }));
  const kora = await createKora({ home, cwd: home, env, port: 0, bundled: [plugin] });
  onTestFinished(() => kora.stop('the test ends'));
  const { token } = await openHome(home, systemClock());
  return { desk, api: createKoraClient({ url: kora.ready.url, token }) };
}

test('whoever asks the operator is told over the channels in their order, answered by a code once, and goes on', async () => {
  const { api, desk } = await living();
  const told = async (about: string): Promise<OutboundMessage> => {
    const of = () => desk.told.find(({ title }) => title.includes(about));
    await expect.poll(of, soon).toBeDefined();
    const message = of();
    assert.ok(message);
    return message;
  };

  // The ways out, and a real message with its receipt over each.
  expect((await api.channels()).map(({ name, here, place }) => [name, here, place])).toEqual([
    ['chat', true, 1],
    ['inbox', true, 2],
  ]);
  expect(await api.checkChannel('chat')).toMatchObject({ ok: true, detail: 'signed in' });
  for (const [name, receipt] of [
    ['chat', /^r\d+$/],
    ['inbox', /^inbox:\d+$/],
  ] as const)
    expect(await api.testChannel(name)).toMatchObject({
      delivered: true,
      receipt: expect.stringMatching(receipt),
    });

  // A ticket that stands.
  const { ticketId } = await api.tickets.add({ kind: 'errand', title: 'an errand', payload: {} });
  const asked = await told(`Ticket ${ticketId} waits for you`);
  expect(asked).toMatchObject({ thread: `ticket:${ticketId}`, severity: 'warning' });
  expect((await api.status()).decisionsWaiting).toBe(1);
  const code = asked.decision?.code ?? '';
  expect(await api.answerDecision({ code, verdict: 'approve', note: 'the left one' })).toMatchObject({
    status: 'answered',
  });
  expect((await api.decisions({ all: true }))[0]).toMatchObject({ note: 'the left one' });
  expect(await api.answerDecision({ code, verdict: 'deny' })).toMatchObject({ status: 'answered_before' });
  await expect.poll(async () => (await api.tickets.show(ticketId)).status, soon).toBe('completed');
  expect((await api.status()).decisionsWaiting).toBe(0);
  await expect
    .poll(() => desk.settled.join('\n'), soon)
    .toMatch(/^r\d+ approved \(terminal or page\): ticket \d+/m);

  // Tools that an MCP server offers and nobody approved: those that were asked about, and no others.
  const heldOf = async (tool: string) =>
    (await api.decisions()).find((each) => each.kind === 'held_tools' && each.title.includes(tool));
  desk.tools.push({ tool: 'open', state: 'new', sha256: 'a'.repeat(64) });
  await expect.poll(() => heldOf('open'), soon).toMatchObject({ asker: 'plugin:mcp', status: 'open' });
  const first = await heldOf('open');
  // One message, and the code is in it.
  const asks = await told('MCP server gauge: 1 tool waits');
  expect(asks).toMatchObject({ severity: 'info', decision: { code: expect.any(String) } });
  expect(asks.body).toContain('new: open\n');
  desk.tools.push({ tool: 'shut', state: 'new', sha256: 'b'.repeat(64) });
  await expect.poll(() => heldOf('open, shut'), soon).toBeDefined();
  const both = await heldOf('open, shut');
  await expect.poll(async () => (await api.decision(first?.decisionId ?? 0)).status, soon).toBe('withdrawn');
  const late = await api.answerDecision({ decisionId: first?.decisionId ?? 0, verdict: 'approve' });
  expect(late.status).toBe('over');
  expect(desk.tools.map(({ state }) => state)).toEqual(['new', 'new']);
  const offered = await api.answerDecision({ decisionId: both?.decisionId ?? 0, verdict: 'approve' });
  expect(offered.status).toBe('answered');
  expect(desk.tools.map(({ state }) => state)).toEqual(['approved', 'approved']);
  expect(desk.told.filter(({ title }) => title.startsWith('MCP server'))).toHaveLength(2);

  // A drill, over the channel that is up first.
  const drill = await api.startDrill({ reason: 'monthly', waitMs: 3_600_000 });
  expect(drill.channels).toEqual(['chat', 'inbox']);
  const page = await told('A drill');
  await api.answerDecision({ code: page.decision?.code ?? '', verdict: 'approve' });
  expect(await api.decision(drill.decisionId)).toMatchObject({
    kind: 'drill',
    status: 'answered',
    verdict: 'approve',
  });

  // The first channel is away: doctor says so, and the next one in the order tells it.
  desk.isDown = true;
  expect(await api.checkChannel('chat')).toMatchObject({ ok: false, detail: 'away' });
  expect(await api.findings()).toContainEqual(
    expect.objectContaining({ id: 'channel.chat', severity: 'error' }),
  );
  const other = await api.tickets.add({ kind: 'errand', title: 'another', payload: {} });
  await expect
    .poll(
      async () => (await api.messages({ limit: 50 })).find(({ title }) => title.includes('another')),
      soon,
    )
    .toMatchObject({ channel: 'inbox', status: 'delivered' });
  const [open] = await api.decisions();
  expect(open).toMatchObject({ kind: 'ticket', subject: String(other.ticketId) });
  const denied = await api.answerDecision({ decisionId: open?.decisionId ?? 0, verdict: 'deny' });
  expect(denied.status).toBe('answered');
  await expect.poll(async () => (await api.tickets.show(other.ticketId)).status, soon).toBe('cancelled');
}, 120_000);
