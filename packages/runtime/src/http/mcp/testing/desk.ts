import type { z } from 'zod';
import { fault } from '../../../fault/index.ts';
import * as shape from '../contract.ts';
import type { McpHouse } from '../house.ts';

/** The one token that the scripted desk knows. */
export const mcpToken: string = `kora_mcp_1_${'m'.repeat(43)}`;

export function scriptedMcp(
  sample: <T extends z.ZodType>(schema: T) => z.infer<T>,
  says: <T>(name: string, answer: T) => (...args: unknown[]) => Promise<T>,
): McpHouse['mcp'] {
  return {
    check: async (token) => {
      if (token !== mcpToken) throw fault('KORA_AUTH_MISSING', 'no valid token of an MCP caller');
    },
    tokens: says('mcp.tokens', [sample(shape.mcpTokenSchema)]),
    add: says('mcp.add', sample(shape.mcpTokenMadeSchema)),
    revoke: says('mcp.revoke', sample(shape.mcpTokenSchema)),
  };
}
