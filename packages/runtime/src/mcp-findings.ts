import { finding } from './log-findings.ts';
import type { shape } from './http/index.ts';
import type { McpServerSeen } from './mcp/index.ts';

/** MCP servers that are away, and tools of theirs that nobody looked at yet. */
export function mcpFindings(servers: readonly McpServerSeen[]): shape.Finding[] {
  return servers.flatMap(({ name, state, error, held }) => [
    ...(state === 'away' ? [away(name, error)] : []),
    ...(held > 0 ? [waiting(name, held)] : []),
  ]);
}

function away(name: string, error: string | null): shape.Finding {
  const message = `MCP server ${name} is away: ${error ?? 'it does not answer'}; it is tried again by itself`;
  return finding(`mcp.${name}`, 'warning', message, { hint: `kora mcp tool list ${name}` });
}

function waiting(name: string, held: number): shape.Finding {
  const message = `MCP server ${name}: ${held} ${held === 1 ? 'tool waits' : 'tools wait'} for your approval and ${held === 1 ? 'is' : 'are'} not offered`;
  return finding(`mcp.${name}.held`, 'info', message, { hint: `kora mcp tool list ${name}` });
}
