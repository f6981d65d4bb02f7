import { expect, test } from 'vitest';
import { mcpFindings } from './mcp-findings.ts';

test('a server that is away is a warning with its reason, tools that wait are said, and what is well is not', () => {
  const found = mcpFindings([
    { name: 'well', state: 'connected', error: null, held: 0 },
    { name: 'new', state: 'unknown', error: null, held: 0 },
    { name: 'gone', state: 'away', error: 'connect ECONNREFUSED', held: 0 },
    { name: 'odd', state: 'connected', error: null, held: 2 },
  ]);
  expect(found).toMatchObject([
    { id: 'mcp.gone', severity: 'warning', message: expect.stringContaining('connect ECONNREFUSED') },
    { id: 'mcp.odd.held', severity: 'info', message: expect.stringContaining('2 tools wait') },
  ]);
  expect(found.map(({ hint }) => hint)).toEqual(['kora mcp tool list gone', 'kora mcp tool list odd']);
});
