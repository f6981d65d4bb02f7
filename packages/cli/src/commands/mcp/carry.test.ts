import { expect, it } from 'vitest';
import { carry } from './carry.ts';
import type { Session } from './carry.ts';

interface Sent {
  readonly headers: Headers;
  readonly body: unknown;
}

/** A runtime that answers this, and what it was sent. */
function way(answer: () => Response) {
  const sent: Sent[] = [];
  const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    sent.push({ headers: new Headers(init.headers), body: init.body });
    return answer();
  };
  return { sent, fetch: fetch as typeof globalThis.fetch, token: 't', url: async () => 'http://127.0.0.1:9' };
}

const words = async (error: unknown): Promise<string> => (error as Error).message;
const json = (body: object, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

it('what was agreed on at the beginning goes along with what follows', async () => {
  const session: Session = { version: undefined };
  const one = way(() => json({ jsonrpc: '2.0', id: 0, result: { protocolVersion: '2025-06-18' } }));
  await carry('{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}', one, session, words);
  const two = way(() => new Response(null, { status: 202 }));
  expect(await carry('{"jsonrpc":"2.0","method":"notifications/initialized"}', two, session, words)).toEqual(
    [],
  );
  expect(one.sent[0]?.headers.get('mcp-protocol-version')).toBeNull();
  expect(two.sent[0]?.headers.get('mcp-protocol-version')).toBe('2025-06-18');
  expect(two.sent[0]?.headers.get('authorization')).toBe('Bearer t');
});

it('what a message says of itself is repeated in its headers', async () => {
  const { sent, ...to } = way(() => json({ jsonrpc: '2.0', id: 1, result: {} }));
  const params = {
    name: 'kora__daemon_status',
    _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' },
  };
  await carry(
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    to,
    { version: undefined },
    words,
  );
  const { headers } = sent[0] ?? {};
  expect([
    headers?.get('mcp-protocol-version'),
    headers?.get('mcp-method'),
    headers?.get('mcp-name'),
  ]).toEqual(['2026-07-28', 'tools/call', 'kora__daemon_status']);
});

it('an answer that comes as events is written as lines, each a message', async () => {
  const stream =
    'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/x"}\n\nevent: message\ndata: {"jsonrpc":"2.0","id":1,\ndata: "result":{}}\n\n';
  const to = way(() => new Response(stream, { headers: { 'content-type': 'text/event-stream' } }));
  expect(await carry('{"jsonrpc":"2.0","id":1,"method":"ping"}', to, { version: undefined }, words)).toEqual([
    '{"jsonrpc":"2.0","method":"notifications/x"}',
    '{"jsonrpc":"2.0","id":1,"result":{}}',
  ]);
});

it.each([
  [
    'a refusal of the runtime',
    json({ error: { code: 'KORA_AUTH_MISSING', message: 'no token', hint: 'make one' } }, 401),
    'KORA_AUTH_MISSING: no token; make one',
  ],
  ['nothing at all', new Response('', { status: 502 }), 'the runtime answered 502 and nothing more'],
])('%s is an error of the one message', async (_, answer, message) => {
  const to = way(() => answer);
  expect(
    await carry('{"jsonrpc":"2.0","id":"a","method":"ping"}', to, { version: undefined }, words),
  ).toEqual([JSON.stringify({ jsonrpc: '2.0', id: 'a', error: { code: -32_000, message } })]);
});

it('what is no message is answered as such, and sent nowhere', async () => {
  const to = way(() => json({}));
  expect(await carry('what?', to, { version: undefined }, words)).toEqual([
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"this line is no JSON"}}',
  ]);
  expect(to.sent).toEqual([]);
});
