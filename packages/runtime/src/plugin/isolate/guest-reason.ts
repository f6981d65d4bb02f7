import type { PluginContext, ReasonAnswer, ReasonContext, Registration, ToolSpec } from '../contract.ts';
import { describeEngine } from './guest-engine.ts';
import { describeTool } from './guest-tool.ts';
import type { Link } from './link.ts';
import type { Shelf } from './shelf.ts';

/** What a guest brings to whoever thinks. */
export function registeringThinking(
  link: Link,
  shelf: Shelf,
  register: (kind: string, handles: readonly number[], data: object) => Promise<Registration>,
): Pick<PluginContext<unknown>, 'registerEngine' | 'registerTool'> {
  return {
    registerTool: async (tool) => {
      // As it crosses, an input is plain data: the tool's own schema makes of it what the tool takes.
      const { handle, ...data } = describeTool(tool as unknown as ToolSpec, shelf);
      return register('tool', [handle], data);
    },
    registerEngine: async (engine) => {
      const { handle, ...data } = describeEngine(engine, link, shelf);
      return register('engine', [handle], data);
    },
  };
}

/** Given up, a question has an answer all the same: that it was, and what it had cost by then. */
export function reasonOver(link: Link): ReasonContext {
  return {
    ask: async (request, signal) => (await link.callToEnd('reason.ask', request, signal)) as ReasonAnswer,
  };
}
