import type { HttpMountSpec, MountRequest, MountResponse } from '@kora/runtime/plugin';
import type { McpHttpHandler } from '@modelcontextprotocol/server';
import { serverFor } from './server.ts';
import type { ServerParts } from './server.ts';

/** How long one answer may take; no tool waits for anything but the store. */
const deadlineMs = 30_000;

/**
 * Streamable HTTP at `/mcp`, on the official SDK: each request is answered by a server of its own, for whoever's token it
 * carries, in one piece. The guard before it has let nobody through without a good token.
 */
export function mcpMount(parts: ServerParts): HttpMountSpec {
  let handler: Promise<McpHttpHandler> | undefined;
  return {
    path: '/mcp',
    deadlineMs,
    handle: async (request) => {
      const token = bearerOf(request);
      // Only those who are asked over MCP pay for the SDK.
      handler ??= load(parts);
      const { fetch } = await handler;
      const authInfo = { token, clientId: 'mcp', scopes: [] };
      return answered(await fetch(asRequest(request), { authInfo }));
    },
  };
}

async function load(parts: ServerParts): Promise<McpHttpHandler> {
  const sdk = await import('@modelcontextprotocol/server');
  return sdk.createMcpHandler(({ authInfo }) => serverFor(sdk, parts, authInfo?.token ?? ''), {
    responseMode: 'json',
    // Nothing is told that was not asked for: a stream would hold a connection for no news.
    maxSubscriptions: 0,
    keepAliveMs: 0,
    onerror: (error) => parts.log.warn('MCP', { error: error.message }),
  });
}

function bearerOf({ headers }: MountRequest): string {
  return /^Bearer (\S+)$/.exec(headers['authorization'] ?? '')?.[1] ?? '';
}

function asRequest({ method, headers, body, query, signal }: MountRequest): Request {
  const url = `http://127.0.0.1/mcp${query === '' ? '' : `?${query}`}`;
  const isBare = method === 'GET' || method === 'HEAD';
  return new Request(url, {
    method,
    headers,
    signal,
    ...(isBare ? {} : { body: new Uint8Array(body) }),
  });
}

async function answered(response: Response): Promise<MountResponse> {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  };
}
