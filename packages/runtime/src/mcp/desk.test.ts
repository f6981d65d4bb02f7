import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Admission } from '../admission/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { FakeClock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import type { Database } from '../store/index.ts';
import { McpDesk } from './desk.ts';

const secret = 's'.repeat(43);
const token = `kora_mcp_4_${secret}`;

/** A desk whose door is open, over one token; it keeps what it recorded. */
function bench(deed: () => Promise<object> = async () => ({}), mostPerMinute = 3) {
  const clock = new FakeClock();
  const told: EventDraft[] = [];
  const errors: unknown[] = [];
  const hash = createHash('sha256').update(secret).digest();
  const row = { keyId: 4, name: 'claude', workerTokenId: null, hash, expires: new Date(1e13), why: null };
  const asked: unknown[] = [];
  const admission = {
    admit: (_door: string, context: object) => {
      asked.push(context);
      return Promise.resolve({ allow: true, pass: {} });
    },
    redeem: () => ({}),
  } as unknown as Admission;
  const desk = new McpDesk({
    database: {
      query: async (sql: string) => (sql.startsWith('select') ? [row] : []),
    } as unknown as Database,
    workspaceId: 1,
    clock,
    admission,
    leave: {
      isGranted: (caller, capability) =>
        Promise.resolve(caller === 'mcp:claude' && capability === 'cap_read_runtime'),
    },
    deeds: { carryOut: deed },
    record: async (event) => void told.push(event),
    onError: (_where, error) => errors.push(error),
    mostPerMinute,
  });
  const status = () => desk.call(token, { tool: 'kora__daemon_status', input: {} });
  return { desk, clock, told, errors, asked, status };
}

test('a flood is refused, told once, and over with the minute', async () => {
  const { status, clock, told } = bench();
  for (let calls = 0; calls < 3; calls += 1) await status();
  for (let calls = 0; calls < 50; calls += 1)
    await expect(status()).rejects.toMatchObject({ code: 'KORA_MCP_TOO_MANY' });
  expect(told.map(({ payload }) => payload['outcome'])).toEqual(['ok', 'ok', 'ok', 'refused']);
  await clock.advance(60_000);
  await expect(status()).resolves.toEqual({});
});

test('a flood of tokens that are none is told once in a minute', async () => {
  const { desk, clock, told } = bench();
  const guess = (n: number): Promise<unknown> => desk.caller(`kora_mcp_4_${String(n).padStart(43, '0')}`);
  for (let tries = 0; tries < 50; tries += 1)
    await expect(guess(tries)).rejects.toMatchObject({ code: 'KORA_AUTH_MISSING' });
  expect(told.map(({ payload }) => payload)).toEqual([{ why: 'unknown' }]);
  await clock.advance(60_000);
  await expect(guess(1)).rejects.toMatchObject({ code: 'KORA_AUTH_MISSING' });
  expect(told).toHaveLength(2);
});

test('what the protocol refused counts as a call of its caller, and only our own names of it are kept', async () => {
  const { desk, status, told } = bench();
  await desk.turnedAway(token, { tool: 'kora__request_stop', argumentNames: ['reason', 'level'] });
  await desk.turnedAway(token, { tool: undefined, argumentNames: [] });
  await status();
  for (let calls = 0; calls < 50; calls += 1)
    await desk.turnedAway(token, { tool: 'kora__request_stop', argumentNames: [] });
  await expect(status()).rejects.toMatchObject({ code: 'KORA_MCP_TOO_MANY' });
  const caller = { caller: 'claude', key_id: 4 };
  expect(told.map(({ payload }) => payload)).toMatchObject([
    {
      ...caller,
      tool: 'kora__request_stop',
      code: 'KORA_REQUEST_INVALID',
      outcome: 'refused',
      argument_names: ['level', 'reason'],
    },
    { ...caller, tool: 'unknown', code: 'KORA_TOOL_UNKNOWN', outcome: 'refused' },
    { ...caller, tool: 'kora__daemon_status', outcome: 'ok' },
    { ...caller, outcome: 'refused', code: 'KORA_MCP_TOO_MANY' },
  ]);
  await expect(
    desk.turnedAway('kora_mcp_4_no', { tool: undefined, argumentNames: [] }),
  ).rejects.toMatchObject({ code: 'KORA_AUTH_MISSING' });
});

test('the servers that are asked are as they were said last', async () => {
  const { desk } = bench();
  expect(desk.servers()).toEqual([]);
  const gauge = { name: 'gauge', state: 'away', error: 'no answer', held: 1 } as const;
  await desk.showServers([gauge]);
  expect(desk.servers()).toEqual([gauge]);
});

test('what is refused and what breaks are told apart, with their codes', async () => {
  const stale = bench(() => Promise.reject(fault('KORA_TICKET_STALE_FENCE', 'not held')));
  await expect(stale.status()).rejects.toMatchObject({ code: 'KORA_TICKET_STALE_FENCE' });
  expect(stale.told[0]?.payload).toMatchObject({ outcome: 'refused', code: 'KORA_TICKET_STALE_FENCE' });
  const broken = bench(() => Promise.reject(new TypeError('undefined is no function')));
  await expect(broken.status()).rejects.toThrow('undefined is no function');
  expect(broken.told[0]?.payload).toMatchObject({ outcome: 'failed', code: 'KORA_INTERNAL' });
  expect(JSON.stringify(broken.told)).not.toContain('no function');
});

test('a caller is told the tools that its grants are for', async () => {
  const { tools } = await bench().desk.caller(token);
  expect(tools).toContain('kora__list_active_sea_tickets');
  expect(
    tools.every(
      (tool) => tool.startsWith('resource:') || /_(?:status|state|rollup|entries|events|tickets)$/.test(tool),
    ),
  ).toBe(true);
});

test('the operator who is asked about a call reads what it says, and is not asked about what may never be', async () => {
  const { desk, asked } = bench();
  const stop = (level: number) =>
    desk.call(token, { tool: 'kora__request_stop', input: { level, reason: 'a "leak"', forMs: 1 } });
  await stop(2);
  expect(asked).toMatchObject([{ reason: String.raw`level 2, reason "a \"leak\""` }]);
  await expect(stop(3)).rejects.toMatchObject({ code: 'KORA_STOP_REFUSED' });
  expect(asked).toHaveLength(1);
  const [title, kind, reason] = ['"', '"', '"'].map((quote) => quote.repeat(200));
  await desk.call(token, { tool: 'kora__create_sea_ticket', input: { title, kind, reason } as never });
  expect(asked[1]).toMatchObject({ reason: expect.stringMatching(/^.{1000}$/) });
});
