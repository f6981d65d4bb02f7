import type {
  HttpMountSpec,
  McpContext,
  McpTool,
  McpTurnedAway,
  MountRequest,
  MountResponse,
} from '@kora/runtime/plugin';
import { messageOf } from '@kora/runtime/plugin';
import { callIn, requestsIn } from './message.ts';
import { newsRefused } from './push.ts';
import { serverFor } from './server.ts';
import type { Sdk, ServerParts } from './server.ts';

/** How long one answer may take; no tool waits for anything but the store. */
const deadlineMs = 30_000;

/**
 * Streamable HTTP at `/mcp`, on the official SDK: each request is answered by a server of its own, for whoever's token it
 * carries, in one piece. There are no sessions to keep. The guard before it has let nobody through without a good token.
 */
export function mcpMount(parts: ServerParts): HttpMountSpec {
  let sdk: Promise<Sdk> | undefined;
  return {
    path: '/mcp',
    deadlineMs,
    handle: async (request) => {
      // Only those who are asked over MCP pay for the SDK.
      sdk ??= import('@modelcontextprotocol/server');
      return answer(await sdk, parts, request);
    },
  };
}

async function answer(sdk: Sdk, parts: ServerParts, request: MountRequest): Promise<MountResponse> {
  const requests = requestsIn(request.body);
  const refused = newsRefused(requests);
  if (refused !== undefined) return refused;
  const token = bearerOf(request);
  const reached: McpTool[] = [];
  const asked = requests.map(callIn).filter((call) => call !== undefined);
  const house = noting(parts.house, asked, reached);
  const { fetch } = sdk.createMcpHandler(() => serverFor(sdk, { ...parts, house }, token), {
    maxSubscriptions: 0,
    keepAliveMs: 0,
    onerror: (error) => parts.log.warn('MCP', { error: error.message }),
  });
  const answered = await whole(await fetch(asRequest(request)));
  for (const call of asked) {
    const at = call.tool === undefined ? -1 : reached.indexOf(call.tool);
    if (at >= 0) reached.splice(at, 1);
    else await parts.house.turnedAway(token, call).catch((error: unknown) => untold(parts, error));
  }
  return answered;
}

/** The house, and by name what came to be asked of it: the desk records that, and nobody else does the rest. */
function noting(house: McpContext, asked: readonly McpTurnedAway[], reached: McpTool[]): McpContext {
  return {
    caller: (token) => house.caller(token),
    call: (token, call) => {
      reached.push(call.tool);
      const said = asked.find(({ tool }) => tool === call.tool);
      return house.call(token, { ...call, argumentNames: said?.argumentNames });
    },
    turnedAway: (token, call) => house.turnedAway(token, call),
    showServers: (servers) => house.showServers(servers),
  };
}

function untold({ log }: ServerParts, error: unknown): void {
  log.error('a call over MCP that was refused is not on the log', { error: messageOf(error) });
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

async function whole(response: Response): Promise<MountResponse> {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  };
}
