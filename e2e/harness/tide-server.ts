// Somebody else's MCP server, on the SDK, as a process of its own: `node tide-server.ts PORT WORDS-FILE`. What the file says
// is what its tool says of itself, and each word of it after the first is something more that it takes.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

const [port, wordsFile = ''] = process.argv.slice(2);

const { fetch } = createMcpHandler(() => {
  const description = readFileSync(wordsFile, 'utf8').trim();
  const [, ...more] = description.split(' ');
  const inputSchema = z.object(Object.fromEntries(['place', ...more].map((name) => [name, z.string()])));
  const server = new McpServer({ name: 'tide', version: '1' });
  server.registerTool('read_tide', { description, inputSchema }, ({ place }) => ({
    content: [{ type: 'text', text: `3.5 m at ${String(place)}` }],
  }));
  return server;
});

const server = createServer((request, response) => {
  void (async () => {
    const { method = 'GET', headers } = request;
    const body = await buffer(request);
    const given = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const init = { method, headers: given, ...(method === 'GET' ? {} : { body }) };
    const answer = await fetch(new Request('http://127.0.0.1/mcp', init));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body === null) response.end();
    else Readable.fromWeb(answer.body as never).pipe(response);
  })();
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('the tide is read\n'));
