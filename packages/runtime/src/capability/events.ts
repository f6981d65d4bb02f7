import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

const escalation = classified({
  public: { approval: z.string(), capability: z.string(), caller: z.string(), expires_at: z.string() },
  internal: { reason: z.string() },
});
const escalationRequested: EventType<z.infer<typeof escalation>> = eventType(
  'kora.escalation.requested',
  'A call needs a capability that its caller does not have; the operator is asked.',
  escalation,
);

const call = classified({
  public: {
    tool: z.string(),
    caller_kind: z.string(),
    result: z.enum(['ok', 'capability_denied', 'actor_id_required', 'error']),
    /** Names only: what was said stays with the caller. */
    argument_names: z.array(z.string()),
    duration_ms: z.number(),
  },
  internal: { caller: z.string() },
});
const mcpToolCalled: EventType<z.infer<typeof call>> = eventType(
  'mcp.tool_called',
  'A program outside asked for one of our tools over MCP; denials are recorded too.',
  call,
);

export const capabilityEvents: readonly EventType[] = [escalationRequested, mcpToolCalled];
