import type { Context } from 'hono';
import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { reasonSchema } from '../words/contract.ts';
import * as shape from './contract.ts';

const id = z.coerce.number().int().positive().max(2_147_483_647);
const all = z
  .enum(['0', '1'])
  .transform((flag) => flag === '1')
  .optional();

/** Where programs outside ask over MCP; whoever serves it is a plugin, and sees nobody without a good token. */
export function isMcpPath(path: string): boolean {
  return path === '/mcp' || path.startsWith('/mcp/');
}

/** Before anything that is mounted there. Throws KORA_AUTH_MISSING. */
export async function checkMcp(context: Context, check: (token: string) => Promise<void>): Promise<void> {
  await check(/^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '')?.[1] ?? '');
}

export function mcpReads(read: Reader, { house }: RoutesOptions): void {
  const tokens = { data: z.array(shape.mcpTokenSchema), query: z.object({ all }) };
  read('/mcp-tokens', tokens, (query) => house().mcp.tokens(query));
}

export function mcpWrites(write: Writer, { house }: RoutesOptions): void {
  write('/mcp-tokens', { body: shape.newMcpTokenSchema, data: shape.mcpTokenMadeSchema }, (wish) =>
    house().mcp.add(wish),
  );
  write('/mcp-tokens/:id/revoke', { body: reasonSchema, data: shape.mcpTokenSchema }, ({ reason }, at) =>
    house().mcp.revoke(parseWith(id, at.req.param('id'), 'the id'), reason),
  );
}
