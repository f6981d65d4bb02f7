import type { Client } from '@modelcontextprotocol/client';
import { beforeAll, expect, test } from 'vitest';
import { fileDatabase } from '../../../runtime/src/store/testing/database.ts';
import { ask, openHouse } from '../../fixtures/house.ts';
import type { House } from '../../fixtures/house.ts';
import { offeredTools } from './tools.ts';

let house: House;
let reader: Client;
const secrets: string[] = [];

beforeAll(async () => {
  const store = await fileDatabase({ empty: true });
  house = await openHouse({ databaseUrl: store.url });
  const { token } = await house.token('reader', ['read_runtime']);
  secrets.push(token);
  reader = await house.connect(token);
  return async () => {
    await house.stop();
    await store.drop();
  };
});

async function post(
  token: string,
  body: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const answer = await fetch(`${house.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      ...more,
    },
    body,
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

/** What the log says of calls and tokens, oldest first. */
async function told(type: string): Promise<Record<string, unknown>[]> {
  const events = await house.operator.events({ type, limit: 500, order: 'asc' });
  return events.map(({ payload }) => payload);
}

test('a program is told every tool with what it takes and answers, in both revisions of the protocol', async () => {
  const { token } = await house.token('old', ['read_runtime']);
  const old = await house.connect(token, 'legacy');
  expect([reader.getProtocolEra(), old.getProtocolEra()]).toEqual(['modern', 'legacy']);
  for (const client of [reader, old]) {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(offeredTools.map(({ name }) => name));
    expect(tools.every(({ outputSchema }) => outputSchema?.type === 'object')).toBe(true);
    const stop = tools.find(({ name }) => name === 'kora__request_stop');
    expect(stop?.description).toContain('the operator is asked about each call');
    expect((await ask(client, 'kora__get_operational_state')).answer).toMatchObject({
      primaryState: 'ready',
      stopLevel: 0,
    });
  }
});

test.each(offeredTools.filter(({ readOnly }) => readOnly).map(({ name }) => name))(
  '%s answers what it says that it answers',
  async (name) => {
    // The client holds the answer against the tool's own schema.
    expect((await ask(reader, name)).refused).toBeNull();
  },
);

test('resources are read by their address', async () => {
  const { resources } = await reader.listResources();
  expect(resources.map(({ uri }) => uri).sort()).toEqual([
    'kora://incidents',
    'kora://status',
    'kora://tickets',
  ]);
  for (const { uri } of resources) {
    const { contents } = await reader.readResource({ uri });
    expect(JSON.parse(String((contents[0] as { text?: string }).text))).toBeTypeOf('object');
  }
  const range = await reader.readResource({ uri: 'kora://events/2-4' });
  const { events } = JSON.parse(String((range.contents[0] as { text?: string }).text)) as {
    events: { seq: number }[];
  };
  expect(events.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  await expect(reader.readResource({ uri: 'kora://events/9-3' })).rejects.toThrow(/is no range/);
});

test('who has no grant is refused until the operator agrees to the one call, and each call is an event', async () => {
  const wish = { title: 'look at the disk', kind: 'general', objective: 'it is full' };
  const first = await ask(reader, 'kora__create_sea_ticket', wish);
  const approval = first.refused?.approval_id ?? 0;
  expect(first.refused).toMatchObject({ cause: 'approval_pending', fix: `kora approve ${approval}` });
  expect(await house.operator.tickets.list({})).toEqual([]);
  await house.operator.approve(approval, 'a test');
  const other = await ask(reader, 'kora__create_sea_ticket', {
    ...wish,
    title: 'another',
    approval_id: approval,
  });
  expect(other.refused).toMatchObject({ cause: 'approval_refused' });
  const made = await ask(reader, 'kora__create_sea_ticket', { ...wish, approval_id: approval });
  expect(made.refused).toBeNull();
  const [ticket] = await house.operator.tickets.list({});
  expect(ticket).toMatchObject({ ticketId: made.answer['ticketId'], origin: 'mcp:reader', trusted: false });
  const calls = async () =>
    (await told('mcp.tool_called')).filter(({ tool }) => tool === 'kora__create_sea_ticket');
  await expect.poll(calls).toMatchObject([
    { caller: 'reader', outcome: 'refused', code: 'approval_pending' },
    { caller: 'reader', outcome: 'refused', code: 'approval_refused' },
    {
      caller: 'reader',
      outcome: 'ok',
      argument_names: ['approval_id', 'kind', 'objective', 'title'],
    },
  ]);
  expect(JSON.stringify(await calls())).not.toContain('it is full');
});

test.each(['auto', 'legacy'] as const)(
  'a call that does not fit its tool, or is of no tool, is refused by the protocol and is an event (%s)',
  async (era) => {
    const name = `clumsy-${era}`;
    const client = await house.connect((await house.token(name, ['read_runtime'])).token, era);
    const stop = await client.callTool({
      name: 'kora__request_stop',
      arguments: { level: 9, reason: 'a secret reason', secret_word: 'levitate' },
    });
    expect(stop).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('level') }] });
    await expect(client.callTool({ name: 'secret_word', arguments: {} })).rejects.toThrow('not found');
    for (const uri of ['kora://secret_word', 'kora://events/9-3', 'kora://events/secret_word'])
      await expect(client.readResource({ uri })).rejects.toThrow(/not found|is no range/);
    const own = async () => (await told('mcp.tool_called')).filter(({ caller }) => caller === name);
    const refused = { outcome: 'refused', argument_names: [] };
    const invalid = { ...refused, code: 'KORA_REQUEST_INVALID' };
    await expect.poll(own).toMatchObject([
      { ...invalid, tool: 'kora__request_stop', argument_names: ['level', 'reason'] },
      { ...refused, tool: 'unknown', code: 'KORA_TOOL_UNKNOWN' },
      { ...refused, tool: 'unknown', code: 'KORA_TOOL_UNKNOWN' },
      { ...invalid, tool: 'kora__get_recent_chain_events' },
      { ...invalid, tool: 'kora__get_recent_chain_events' },
    ]);
    expect(JSON.stringify(await own())).not.toMatch(/secret|levitate/);
  },
);

test('whoever wants to be told of changes is refused in words, in both revisions', async () => {
  await expect(reader.listen({ resourceSubscriptions: ['kora://status'] })).rejects.toThrow(
    'tells no news over MCP',
  );
  const { token } = await house.token('news', ['read_runtime']);
  const body = { jsonrpc: '2.0', id: 3, method: 'resources/subscribe', params: { uri: 'kora://status' } };
  const { status, text } = await post(token, JSON.stringify(body));
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    id: 3,
    error: { code: -32_601, message: expect.stringContaining('kora://status') },
  });
  // Whoever only opens the stream for it is told that there is none.
  const stream = await fetch(`${house.url}/mcp`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
  });
  expect(stream.status).toBe(405);
});

test('there are no sessions to fill or to steal, and what is too large is not read', async () => {
  const { token } = await house.token('heavy', ['read_runtime']);
  const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const stolen = await post(token, list, { 'mcp-session-id': 'of-somebody-else' });
  expect(stolen.status).toBe(200);
  expect(stolen.headers.get('mcp-session-id')).toBeNull();
  const large = await post(token, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(1024 * 1024) }));
  expect(large.status).toBe(413);
  const ended = await fetch(`${house.url}/mcp`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}`, 'mcp-session-id': 'of-somebody-else' },
  });
  expect(ended.status).toBe(405);
});

test('it pauses, lifts what is its own, stops at level 2 and never at 3; it reads and asks while paused', async () => {
  const { token } = await house.token('desk', [
    'pause_request',
    'resume_request',
    'stop_request',
    'read_runtime',
    'ticket_create',
  ]);
  const desk = await house.connect(token);
  expect((await ask(desk, 'kora__request_resume', { reason: 'none of mine' })).refused).toMatchObject({
    code: 'KORA_HOLD_UNKNOWN',
    fix: "kora resume --reason '...'",
  });
  expect((await ask(desk, 'kora__request_pause', { reason: 'a deploy' })).answer).toMatchObject({
    cause: 'operator',
    owner: 'mcp:desk',
  });
  await house.operator.pause('the operator too');
  expect((await ask(desk, 'kora__get_operational_state')).answer).toMatchObject({ primaryState: 'paused' });
  expect((await ask(desk, 'kora__create_sea_ticket', { title: 'for later' })).refused).toBeNull();
  expect((await ask(desk, 'kora__request_resume', { reason: 'deployed' })).answer['lifted']).toHaveLength(1);
  expect((await house.operator.status()).holds.map(({ owner }) => owner)).toEqual(['operator']);
  expect((await ask(desk, 'kora__request_stop', { level: 3, reason: 'all of it' })).refused).toMatchObject({
    code: 'KORA_STOP_REFUSED',
    fix: "kora stop --level L3 --reason '...'",
  });
  expect((await ask(desk, 'kora__request_stop', { level: 2, reason: 'drain' })).answer).toMatchObject({
    level: 2,
    kind: 'drain',
  });
  await house.operator.resume('over');
  await expect
    .poll(async () => (await told('mcp.tool_called')).filter(({ code }) => code === 'KORA_STOP_REFUSED'))
    .toMatchObject([{ caller: 'desk', tool: 'kora__request_stop', outcome: 'refused' }]);
});

test('under a hard stop nothing is added; reading goes on', async () => {
  const { token } = await house.token('night', ['read_runtime', 'ticket_create']);
  const night = await house.connect(token);
  await house.operator.stop(3, 'a test');
  expect((await ask(night, 'kora__create_sea_ticket', { title: 'now' })).refused).toMatchObject({
    cause: 'stop_l3',
  });
  expect((await ask(night, 'kora__get_health_rollup')).refused).toBeNull();
  await house.operator.resume('over');
});

test('a remote worker claims, keeps, tells and resolves; whoever reads never sees what it holds by (daemon defect W76)', async () => {
  const made = await house.token('mailroom', ['ticket_work', 'event_append', 'read_runtime'], {
    kinds: ['mail'],
  });
  const worker = await house.connect(made.token);
  const { ticketId } = await house.operator.tickets.add({ kind: 'mail', title: 'a letter' });
  const { answer } = await ask(worker, 'kora__claim_sea_ticket', { kinds: ['mail'] });
  const [ticket] = answer['tickets'] as { claim: string; ticketId: number }[];
  const claim = ticket?.claim ?? '';
  expect(ticket).toMatchObject({ ticketId, claim: expect.stringMatching(/^[\w-]{88}$/) });
  expect(ticket).not.toHaveProperty('fence');
  secrets.push(claim);
  expect((await ask(worker, 'kora__refresh_claim', { claims: [claim] })).answer).toMatchObject({
    held: [true],
  });
  expect(
    (await ask(worker, 'kora__append_event', { claim, name: 'stamped', data: { at: 'noon' } })).refused,
  ).toBeNull();
  const seen = JSON.stringify([
    await ask(reader, 'kora__list_active_sea_tickets'),
    await ask(reader, 'kora__get_recent_chain_events', { limit: 200 }),
    await ask(reader, 'kora__daemon_status'),
    await reader.readResource({ uri: 'kora://tickets' }),
  ]);
  expect(seen).toContain('a letter');
  for (const secret of [claim, made.token, '"fence"', 'under fence', '"session"'])
    expect(seen).not.toContain(secret);
  // Another caller cannot do anything with it.
  const thief = await house.connect((await house.token('thief', ['ticket_work'], { kinds: ['mail'] })).token);
  expect(
    (await ask(thief, 'kora__resolve_sea_ticket', { claim, resolution: 'completed', summary: 'mine' }))
      .refused,
  ).toMatchObject({
    code: 'KORA_TICKET_STALE_FENCE',
  });
  const done = { claim, resolution: 'completed', summary: 'sent' };
  expect((await ask(worker, 'kora__resolve_sea_ticket', done)).answer).toEqual({ verdict: 'ok' });
  expect((await ask(worker, 'kora__resolve_sea_ticket', done)).answer).toEqual({ verdict: 'already' });
  expect(await house.operator.tickets.show(ticketId)).toMatchObject({ status: 'completed', summary: 'sent' });
});

test('a token that is taken back gives back what was held with it', async () => {
  const made = await house.token('faxroom', ['ticket_work'], { kinds: ['fax'] });
  const worker = await house.connect(made.token);
  const { ticketId } = await house.operator.tickets.add({ kind: 'fax', title: 'a page' });
  const { answer } = await ask(worker, 'kora__claim_sea_ticket');
  expect(answer).toMatchObject({ result: 'claimed', tickets: [{ ticketId }] });
  await house.operator.mcpTokens.revoke(made.keyId, 'the machine is gone');
  expect(await house.operator.tickets.show(ticketId)).toMatchObject({ status: 'released', deadline: null });
});

test('who may work no tickets is told how it may', async () => {
  await house.operator.grantCapability({
    capability: 'cap_ticket_work',
    to: { kind: 'mcp', subject: 'reader' },
    reason: 'a test',
  });
  expect((await ask(reader, 'kora__claim_sea_ticket')).refused).toMatchObject({
    code: 'KORA_MCP_NOT_WORKER',
    fix: 'kora mcp token add reader --grant ticket_work --kind KIND',
  });
});

test('a token that is over, revoked or nobody’s is refused in the same words, and the log says which (daemon defect W77)', async () => {
  const expired = await house.token('brief', ['read_runtime'], { expiresInMs: 1 });
  const revoked = await house.token('gone', ['read_runtime']);
  await house.operator.mcpTokens.revoke(revoked.keyId, 'a test');
  const post = async (token: string | undefined): Promise<readonly [number, string]> => {
    const answer = await fetch(`${house.url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: '{}',
    });
    return [answer.status, await answer.text()];
  };
  const home = await fetch(`${house.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const answers = [
    await post(expired.token),
    await post(revoked.token),
    await post('kora_mcp_9_x'),
    await post(undefined),
  ];
  expect(new Set(answers.map(([status]) => status))).toEqual(new Set([401, home.status]));
  expect(new Set(answers.map(([, body]) => body)).size).toBe(1);
  await expect
    .poll(() => told('kora.mcp.token_refused'))
    .toEqual(
      expect.arrayContaining([
        { why: 'expired', key_id: expired.keyId, caller: 'brief' },
        { why: 'revoked', key_id: revoked.keyId, caller: 'gone' },
        { why: 'unknown' },
      ]),
    );
  const rows = await house.operator.mcpTokens.list({ all: true });
  expect(rows.find(({ name }) => name === 'gone')).toMatchObject({ status: 'revoked', capabilities: [] });
  expect(rows.find(({ name }) => name === 'brief')).toMatchObject({ status: 'expired' });
});

test('one token follows another of the same name, and the last one takes its grants along', async () => {
  const [old, young] = [
    await house.token('turning', ['read_runtime']),
    await house.token('turning', ['read_runtime']),
  ];
  const left = await house.operator.mcpTokens.revoke(old.keyId, 'turned');
  expect(left.capabilities).toEqual(['cap_read_runtime']);
  const client = await house.connect(young.token);
  expect((await ask(client, 'kora__daemon_status')).refused).toBeNull();
  expect((await house.operator.mcpTokens.revoke(young.keyId, 'over')).capabilities).toEqual([]);
});

test('what a token may not be made for is refused before it is made', async () => {
  await expect(house.token('odd', ['levitate'])).rejects.toMatchObject({ code: 'KORA_CAPABILITY_UNKNOWN' });
  await expect(house.token('odd', ['autofix'])).rejects.toMatchObject({ code: 'KORA_CAPABILITY_UNKNOWN' });
  await expect(house.token('odd', ['ticket_work'])).rejects.toMatchObject({ code: 'KORA_REQUEST_INVALID' });
  await expect(house.token('odd', ['read_runtime'], { kinds: ['mail'] })).rejects.toMatchObject({
    code: 'KORA_REQUEST_INVALID',
  });
  expect((await house.operator.mcpTokens.list({ all: true })).filter(({ name }) => name === 'odd')).toEqual(
    [],
  );
});

test('the operator is told, once for a key, and by whom', async () => {
  const { token } = await house.token('teller', ['message_operator', 'alert_test']);
  const teller = await house.connect(token);
  const message = { title: 'backup', body: 'it is done', idempotency_key: 'monday' };
  const [first, again] = [
    await ask(teller, 'kora__send_message', message),
    await ask(teller, 'kora__send_message', message),
  ];
  expect(again.answer).toEqual(first.answer);
  expect((await ask(teller, 'kora__send_test_alert')).refused).toBeNull();
  const own = (await house.operator.messages({ limit: 100 })).filter(({ source }) => source === 'mcp');
  expect(own.map(({ title }) => title)).toEqual(['backup', 'test alert, asked for by the MCP caller teller']);
  expect(own[0]?.body).toContain('sent by the MCP caller teller');
});

test('whatever was said above, no secret stands on the log or in a message', async () => {
  const kept = JSON.stringify([
    await house.operator.events({ limit: 500, order: 'desc' }),
    await house.operator.messages({}),
  ]);
  expect(secrets.length).toBeGreaterThan(1);
  for (const secret of secrets) expect(kept).not.toContain(secret);
});
