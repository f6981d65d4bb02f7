import { mcpTokenMadeSchema, mcpTokenSchema, newMcpTokenSchema, reasonSchema } from '@kora/runtime/client';
import type { McpTokenRow } from '@kora/runtime/client';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Route } from '../../testing/api-server.ts';
import { before, noon } from '../../testing/rows.ts';
import { openScene } from '../../testing/scene.ts';
import type { Scene } from '../../testing/scene.ts';

function row(over: Partial<McpTokenRow> = {}): McpTokenRow {
  return mcpTokenSchema.parse({
    keyId: 3,
    name: 'claude',
    status: 'live',
    capabilities: ['cap_read_runtime', 'cap_ticket_create'],
    kinds: [],
    reason: 'reads along',
    createdAt: before(60),
    expiresAt: before(-3 * 86_400),
    usedAt: null,
    revokedAt: null,
    revokeReason: null,
    ...over,
  });
}

const cells = (tool: string, state: string, sha256: string): object => ({
  cells: {
    server: 'gauge',
    there: 'connected',
    tool,
    state,
    'offered-as': null,
    sha256,
    description: 'Reads.\u001b[31m',
  },
});
const approved: unknown[] = [];
const wished: unknown[] = [];

const routes: Record<string, Route> = {
  'GET /api/mcp-tokens': () => [row()],
  'POST /api/mcp-tokens': ({ body }) => {
    wished.push(body);
    const { name, expiresInMs } = newMcpTokenSchema.parse(body);
    return mcpTokenMadeSchema.parse({
      ...row({ name, expiresAt: before(-expiresInMs / 1_000) }),
      token: 'kora_mcp_3_secret',
    });
  },
  'POST /api/mcp-tokens/3/revoke': ({ body }) =>
    row({
      status: 'revoked',
      capabilities: [],
      revokedAt: noon,
      revokeReason: reasonSchema.parse(body).reason,
    }),
  'GET /api/plugins/mcp/panels/servers': () => ({
    plugin: 'mcp',
    id: 'servers',
    title: 'MCP servers',
    everyMs: 5_000,
    actions: [],
    takenAt: noon,
    view: {
      kind: 'table',
      columns: [{ name: 'server', label: 'server' }],
      rows: [cells('read_level', 'changed', 'a'.repeat(64)), cells('open', 'approved', 'b'.repeat(64))],
    },
  }),
  'GET /api/plugins/mcp/panels/words': () => ({
    plugin: 'mcp',
    id: 'words',
    title: 'Words',
    everyMs: 5_000,
    actions: [],
    takenAt: noon,
    view: { kind: 'text', text: 'gauge read aa\nReads.\ninput: {}\n\nother open bb\nOpens.\ninput: {}' },
  }),
  'POST /api/plugins/mcp/panels/servers/actions/approve': ({ body }) => {
    approved.push(body);
    return { message: 'done' };
  },
};

let scene: Scene;
beforeEach(async () => {
  approved.length = 0;
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

it('a token is made for what it may and its time, and shown on a line of its own', async () => {
  const ran = await scene.run(
    'mcp',
    'token',
    'add',
    'claude',
    '--grant',
    'read_runtime,ticket_create',
    '--expires',
    '30d',
  );
  expect(ran).toMatchObject({ exit: 0, stderr: '' });
  expect(ran.stdout.split('\n')[0]).toBe('kora_mcp_3_secret');
  expect(ran.stdout).toContain('claude may ask for read_runtime, ticket_create');
  expect(wished.at(-1)).toMatchObject({
    grants: ['read_runtime', 'ticket_create'],
    expiresInMs: 30 * 86_400_000,
  });
});

it('a token for nothing is none', async () => {
  expect(await scene.run('mcp', 'token', 'add', 'claude')).toMatchObject({ exit: 64, stdout: '' });
});

it('tokens are listed with when they were used, and taken back by the name of their caller', async () => {
  const listed = await scene.run('mcp', 'token', 'list');
  expect(listed.stdout).toMatch(/#3\s+claude\s+live\s+read_runtime, ticket_create\s+-\s+never/);
  const ran = await scene.run('mcp', 'token', 'revoke', 'claude', '--reason', 'gone');
  expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('#3 of claude and its grants') });
});

it('every word of the tools that wait is shown, of one server or of all', async () => {
  expect((await scene.run('mcp', 'tool', 'show')).stdout).toMatch(/gauge read[\s\S]*other open/);
  const { stdout } = await scene.run('mcp', 'tool', 'show', 'gauge');
  expect(stdout).toBe('gauge read aa\nReads.\ninput: {}\n');
  expect((await scene.run('mcp', 'tool', 'show', 'nobody')).stdout).toContain('no tool of nobody waits');
});

it('a tool that waits is approved by the hash that was shown, and no other is', async () => {
  const listed = await scene.run('mcp', 'tool', 'list');
  expect(listed.stderr).toBe('');
  expect(listed.stdout).toMatch(/gauge\s+connected\s+read_level\s+changed/);
  expect(listed.stdout).not.toContain('\u001b[31m');
  const ran = await scene.run('mcp', 'tool', 'approve', 'gauge', '--all', '--reason', 'read it');
  expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('read_level of gauge') });
  expect(approved).toEqual([
    { input: { server: 'gauge', tool: 'read_level', sha256: 'a'.repeat(64) }, reason: 'read it' },
  ]);
  expect(await scene.run('mcp', 'tool', 'approve', 'gauge', '--reason', 'r')).toMatchObject({ exit: 64 });
  expect((await scene.run('mcp', 'tool', 'approve', 'gauge', 'fly', '--reason', 'r')).stderr).toContain(
    'no such tool',
  );
});

it('without a token of its own it says where to get one, and speaks for nobody', async () => {
  const ran = await scene.run('mcp');
  expect(ran).toMatchObject({ exit: 77, stdout: '' });
  expect(ran.stderr).toContain('kora mcp token add NAME --grant read_runtime');
});

it('a runtime that is away is said in the protocol, with what mends it', async () => {
  const away = await openScene({ running: false });
  const stdin = (): Readable =>
    Readable.from([
      '{"jsonrpc":"2.0","id":1,"method":"ping"}\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n',
    ]);
  const { stdout, exit } = await away.live(['mcp'], {
    stdin,
    env: { KORA_HOME: away.home, KORA_MCP_TOKEN: 'kora_mcp_1_x' },
  }).ended;
  await away.close();
  expect(exit).toBe(0);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    {
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32_000, message: expect.stringMatching(/no runtime is running.*; kora up/) },
    },
  ]);
});
