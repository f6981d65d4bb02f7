import type { MountResponse } from '@kora/runtime/plugin';
import type { Asking } from './message.ts';

/** JSON-RPC: there is no such method here. */
const noSuchMethod = -32_601;

/** How each revision asks to be told of changes, and the status under which its programs look for the answer. */
const asksForNews: Readonly<Record<string, number>> = {
  'subscriptions/listen': 404,
  'resources/subscribe': 200,
  'resources/unsubscribe': 200,
};

/**
 * Who wants to be told of changes is refused in words: an open stream would outlive the token it was opened with, and every
 * answer here is whole. Undefined where nobody asks for that.
 */
export function newsRefused(requests: readonly Asking[]): MountResponse | undefined {
  const [request] = requests;
  const status = requests.length === 1 && request !== undefined ? asksForNews[request.method] : undefined;
  if (request === undefined || status === undefined) return undefined;
  const message = `${request.method} is not offered: Kora tells no news over MCP; read kora://status or kora://events/FROM-TO again`;
  const body = JSON.stringify({ jsonrpc: '2.0', id: request.id, error: { code: noSuchMethod, message } });
  return { status, headers: { 'content-type': 'application/json' }, body };
}
