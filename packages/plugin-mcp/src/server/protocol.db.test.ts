import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import fc from 'fast-check';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { fileDatabase } from '../../../runtime/src/store/testing/database.ts';
import { openFront } from '../../fixtures/front.ts';
import { ask, openHouse, urlOf } from '../../fixtures/house.ts';
import type { House } from '../../fixtures/house.ts';
import { offeredTools } from './tools.ts';

let house: House;

beforeAll(async () => {
  const store = await fileDatabase({ empty: true });
  house = await openHouse({ databaseUrl: urlOf(store.connection) });
  return async () => {
    await house.stop();
    await store.drop();
  };
});

test('kora mcp carries it over stdin and stdout, and says what is wrong in the protocol', async () => {
  const { token } = await house.token('stdio', ['read_runtime']);
  const bin = fileURLToPath(new URL('../../../cli/src/bin.ts', import.meta.url));
  const args = ['--conditions=@kora/source', bin, '--home', house.home, 'mcp'];
  for (const mode of ['auto', 'legacy'] as const) {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    const env = { ...process.env, KORA_MCP_TOKEN: token } as Record<string, string>;
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env }));
    expect((await ask(client, 'kora__daemon_status')).answer['daemons']).toMatchObject([
      { name: 'mcp_consumption', state: 'running' },
    ]);
    expect((await client.readResource({ uri: 'kora://status' })).contents).toHaveLength(1);
    await client.close();
  }
  const child = spawn(process.execPath, args, {
    env: { ...process.env, KORA_MCP_TOKEN: 'kora_mcp_1_no' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end('{"jsonrpc":"2.0","id":7,"method":"tools/list"}\nno json\n');
  const answers = (await child.stdout.toArray())
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(answers).toContainEqual({
    jsonrpc: '2.0',
    id: null,
    error: { code: -32_700, message: 'this line is no JSON' },
  });
  expect(answers).toContainEqual({
    jsonrpc: '2.0',
    id: 7,
    error: { code: -32_000, message: expect.stringContaining('kora mcp token add') },
  });
});

test('whatever a program sends, it is answered and nothing breaks', async () => {
  const { token } = await house.token('odd', ['read_runtime', 'ticket_create']);
  const methods = [
    'initialize',
    'tools/list',
    'tools/call',
    'resources/read',
    'subscriptions/listen',
    'nothing',
  ];
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(...methods, '2.0', '2026-07-28', ...offeredTools.map(({ name }) => name)),
  );
  const message = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        jsonrpc: fc.constantFrom('2.0', '1.0'),
        id: junk,
        method: fc.constantFrom(...methods),
        params: fc.dictionary(fc.constantFrom('name', 'uri', 'arguments', '_meta', 'level'), junk),
      },
      { requiredKeys: [] },
    ),
  );
  await fc.assert(
    fc.asyncProperty(message, fc.constantFrom('2025-06-18', '2026-07-28', 'x'), async (body, version) => {
      const answer = await fetch(`${house.url}/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${token}`,
          'mcp-protocol-version': version,
        },
        body: JSON.stringify(body),
      });
      await answer.text();
      expect(answer.status).toBeLessThan(500);
    }),
    { numRuns: 100 },
  );
});

/** Of the protocol's own checks, those that ask for no tool or resource of the checker's. */
const conformance = ['server-initialize', 'ping', 'tools-list', 'resources-list', 'dns-rebinding-protection'];

test('the checks of the protocol’s makers find nothing wrong', async () => {
  const { token } = await house.token('checker', ['read_runtime']);
  const front = await openFront(house.url, token);
  const cwd = mkdtempSync(join(tmpdir(), 'kora-conformance-'));
  onTestFinished(async () => {
    await front.close();
    rmSync(cwd, { recursive: true });
  });
  const checker = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'));
  const check = async (scenario: string): Promise<string> => {
    const child = spawn(process.execPath, [checker, 'server', '--url', front.url, '--scenario', scenario], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
    const code = await new Promise((resolve) => child.on('exit', resolve));
    return code === 0 ? `${scenario} passed` : `${scenario}: ${(await said).flat().join('')}`;
  };
  const ran = await Promise.all(conformance.map(check));
  expect(ran).toEqual(conformance.map((scenario) => `${scenario} passed`));
});
