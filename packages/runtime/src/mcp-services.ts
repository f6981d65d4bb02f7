import { fault } from './fault/index.ts';
import type { McpContext, McpDesk } from './mcp/index.ts';
import type { PluginOwner } from './plugin/index.ts';

/** The desk for the plugin that speaks MCP. Who shows a token is for trusted plugins to see. */
export function mcpServices({ mcp }: { readonly mcp: McpDesk }, { id, trusted }: PluginOwner): McpContext {
  const desk = (): McpDesk => {
    if (trusted) return mcp;
    throw fault('KORA_PLUGIN_INVALID', `plugin ${id} is not trusted with the tokens of MCP callers`);
  };
  return {
    caller: async (token) => desk().caller(token),
    call: async (token, call) => desk().call(token, call),
    turnedAway: async (token, call) => desk().turnedAway(token, call),
    showServers: async (servers) => desk().showServers(servers),
  };
}
