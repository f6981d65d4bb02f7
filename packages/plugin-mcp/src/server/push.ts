import type { MountResponse } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { Asking } from './message.ts';

/** JSON-RPC: there is no such method here. */
const noSuchMethod = -32_601;

/** How the revisions ask to be told of changes. */
const asksForNews: readonly string[] = [
  'subscriptions/listen',
  'resources/subscribe',
  'resources/unsubscribe',
];

/** Of the revision 2026-07-28 and later: said with every request, and a method that is not there is no page either. */
const modern = z.looseObject({
  _meta: z.looseObject({ 'io.modelcontextprotocol/protocolVersion': z.string() }),
});

/**
 * Who wants to be told of changes is refused in words: an open stream would outlive the token it was opened with, and every
 * answer here is whole. Undefined where nobody asks for that.
 */
export function newsRefused(requests: readonly Asking[]): MountResponse | undefined {
  const [request] = requests;
  if (request === undefined || requests.length > 1 || !asksForNews.includes(request.method)) return undefined;
  const status = modern.safeParse(request.params).success ? 404 : 200;
  const message = `${request.method} is not offered: Kora tells no news over MCP; read kora://status or kora://events/FROM-TO again`;
  const body = JSON.stringify({ jsonrpc: '2.0', id: request.id, error: { code: noSuchMethod, message } });
  return { status, headers: { 'content-type': 'application/json' }, body };
}
