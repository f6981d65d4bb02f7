import { classified } from '@kora/runtime/plugin';
import type { EventType } from '@kora/runtime/plugin';
import { z } from 'zod';

export const serverChanged: EventType = {
  type: 'mcp.server_changed',
  version: 1,
  means: 'An MCP server whose tools are offered was reached, or is away.',
  payload: classified({
    public: { server: z.string(), state: z.enum(['connected', 'away']), tools: z.number().nullable() },
    internal: { error: z.string().nullable() },
  }),
};

export const toolHeld: EventType = {
  type: 'mcp.tool_held',
  version: 1,
  means:
    'A tool of an MCP server is new, or is not what was approved; it is not offered until the operator approves it.',
  payload: classified({
    public: {
      server: z.string(),
      tool: z.string(),
      why: z.enum(['new', 'changed']),
      sha256: z.string(),
      approved_sha256: z.string().nullable(),
    },
  }),
};

export const toolApproved: EventType = {
  type: 'mcp.tool_approved',
  version: 1,
  means: 'The operator approved a tool of an MCP server as it is now.',
  payload: classified({ public: { server: z.string(), tool: z.string(), sha256: z.string() } }),
};

export const ownEvents: readonly EventType[] = [serverChanged, toolHeld, toolApproved];
