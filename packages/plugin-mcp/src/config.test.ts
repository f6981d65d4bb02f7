import { expect, test } from 'vitest';
import plugin from './index.ts';

test('without a word of the operator it asks nobody', () => {
  expect(plugin.config?.parse({})).toEqual({ servers: {} });
});

test('a server is an address or a command, and its secrets are named and never said', () => {
  const parse = (server: object): unknown =>
    plugin.config?.safeParse({ servers: { github: server } }).success;
  expect(parse({ url: 'https://mcp.example/mcp', bearer: 'SECRET_1' })).toBe(true);
  expect(parse({ command: 'npx', args: ['server'], env: { TOKEN: 'SECRET_20' } })).toBe(true);
  expect(parse({ url: 'https://mcp.example/mcp', bearer: 'ghp_0123456789' })).toBe(false);
  expect(parse({ command: 'npx', env: { TOKEN: 'SECRET_21' } })).toBe(false);
  expect(parse({ url: 'file:///etc/passwd' })).toBe(false);
  expect(parse({ url: 'https://mcp.example/mcp', command: 'npx' })).toBe(false);
  expect(parse({})).toBe(false);
});
