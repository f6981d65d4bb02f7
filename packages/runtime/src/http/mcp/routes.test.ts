import { expect, test } from 'vitest';
import { serverBench, token } from '../testing/server.ts';
import { workerToken } from '../worker/testing/desk.ts';
import { mcpToken } from './testing/desk.ts';

const bearer = (of: string): Record<string, string> => ({ Authorization: `Bearer ${of}` });

test.each([
  ['nobody', { Authorization: null }],
  ['the operator', bearer(token)],
  ['a worker', bearer(workerToken)],
  ['a caller whose token is another', bearer(`${mcpToken}x`)],
  ['a caller that shows it otherwise', { Authorization: `Basic ${mcpToken}` }],
])('/mcp is closed to %s', async (_, headers) => {
  const { ask } = await serverBench();
  for (const path of ['/mcp', '/mcp/', '/mcp/sse'])
    for (const method of ['GET', 'POST'])
      expect((await ask(method, path, headers, method === 'POST' ? '{}' : undefined)).status).toBe(401);
});

test('a caller’s token opens /mcp alone, and from its own machine and page alone', async () => {
  const { ask, port } = await serverBench();
  // Nothing is mounted: whoever gets so far was let in.
  expect((await ask('POST', '/mcp', bearer(mcpToken), '{}')).status).toBe(404);
  expect((await ask('GET', '/api/status', bearer(mcpToken))).status).toBe(401);
  expect((await ask('POST', '/api/worker/claim', bearer(mcpToken), '{}')).status).toBe(401);
  expect(
    (await ask('POST', '/mcp', { ...bearer(mcpToken), Origin: 'https://evil.example' }, '{}')).status,
  ).toBe(403);
  expect(
    (await ask('POST', '/mcp', { ...bearer(mcpToken), Host: `evil.example:${port}` }, '{}')).status,
  ).toBe(421);
  expect(
    (await ask('POST', '/mcp', { ...bearer(mcpToken), 'Content-Type': 'text/plain' }, '{}')).status,
  ).toBe(415);
});

test('after a kill no caller’s token is worth anything', async () => {
  const { ask, server } = await serverBench();
  server.revoke();
  expect((await ask('POST', '/mcp', bearer(mcpToken), '{}')).status).toBe(401);
});
