import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

const added = classified({
  public: {
    key_id: z.number(),
    caller: z.string(),
    capabilities: z.array(z.string()),
    kinds: z.array(z.string()),
    expires_at: z.string(),
  },
  internal: { reason: z.string() },
});
export const tokenAdded: EventType<z.infer<typeof added>> = eventType(
  'kora.mcp.token_added',
  'The operator made a token with which a program of that name may ask over MCP for what it is granted.',
  added,
);

const revoked = classified({
  public: { key_id: z.number(), caller: z.string() },
  internal: { reason: z.string() },
});
export const tokenRevoked: EventType<z.infer<typeof revoked>> = eventType(
  'kora.mcp.token_revoked',
  'The operator took the token of an MCP caller back; with the last one of a name its grants ended.',
  revoked,
);

const refused = classified({
  public: {
    why: z.enum(['unknown', 'expired', 'revoked']),
    /** Absent where no such token was ever made: then whatever stood there is a stranger's word. */
    key_id: z.number().optional(),
    caller: z.string().optional(),
  },
});
export const tokenRefused: EventType<z.infer<typeof refused>> = eventType(
  'kora.mcp.token_refused',
  'Somebody asked over MCP with a token that is not good; once a minute for each token and why.',
  refused,
);

const call = classified({
  public: {
    /** `unknown` where it named none of ours. */
    tool: z.string(),
    caller: z.string(),
    key_id: z.number(),
    outcome: z.enum(['ok', 'refused', 'failed']),
    /** Why not, as a code. */
    code: z.string().optional(),
    /** Names only: what was said stays with the caller. */
    argument_names: z.array(z.string()),
    duration_ms: z.number(),
  },
});
export const toolCalled: EventType<z.infer<typeof call>> = eventType(
  'mcp.tool_called',
  'A program outside asked for one of our tools over MCP; denials are recorded too.',
  call,
);

export const mcpEvents: readonly EventType[] = [tokenAdded, tokenRevoked, tokenRefused, toolCalled];
