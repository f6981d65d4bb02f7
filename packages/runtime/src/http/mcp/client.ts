import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from './contract.ts';

/** The part of the typed API that says who may ask over MCP. */
export function mcpClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    mcpTokens: {
      /** Tokens that are good now; with `all`, also those that are over. */
      list: (query: { readonly all?: boolean } = {}) =>
        read('/api/mcp-tokens', z.array(shape.mcpTokenSchema), query.all === true ? { all: 1 } : {}),
      /** The token stands in the answer, this once. */
      add: (wish: z.input<typeof shape.newMcpTokenSchema>) =>
        write('/api/mcp-tokens', shape.mcpTokenMadeSchema, wish),
      /** With the last token of a name its grants end, and what it held is claimable again. */
      revoke: (keyId: number, reason: string) =>
        write(`/api/mcp-tokens/${keyId}/revoke`, shape.mcpTokenSchema, { reason }),
    },
  };
}

export type McpTokenRow = z.infer<typeof shape.mcpTokenSchema>;
