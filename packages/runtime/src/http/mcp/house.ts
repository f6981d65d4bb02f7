import type { z } from 'zod';
import type * as shape from './contract.ts';

/** Who may ask over MCP; for the operator, and for the guard. */
export interface McpHouse {
  readonly mcp: {
    /** Throws KORA_AUTH_MISSING where no good token of a caller is shown. */
    check(token: string): Promise<void>;
    tokens(query: { readonly all?: boolean | undefined }): Promise<z.infer<typeof shape.mcpTokenSchema>[]>;
    add(wish: z.infer<typeof shape.newMcpTokenSchema>): Promise<z.infer<typeof shape.mcpTokenMadeSchema>>;
    revoke(keyId: number, reason: string): Promise<z.infer<typeof shape.mcpTokenSchema>>;
  };
}
