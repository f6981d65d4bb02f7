import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** Programs that ask over MCP, and MCP servers that are asked. */
export const mcpCommands: readonly CommandSpec[] = [
  {
    name: 'mcp',
    summary: 'speak MCP on stdin and stdout, for programs that start their servers; needs KORA_MCP_TOKEN',
    examples: ['KORA_MCP_TOKEN_FILE=~/.kora-mcp-token kora mcp'],
    load: async () => (await import('../commands/mcp/stdio.ts')).stdio,
  },
  {
    name: 'mcp token add',
    args: ['<name>'],
    summary: 'make a token with which a program may ask over MCP; it is shown this once',
    options: [
      [
        '--grant <capability...>',
        'what it may do: read_runtime, ticket_create, … or the name of a tool; give it again for more',
      ],
      ['--kind <kind...>', 'with ticket_work: tickets of this kind, and of no other'],
      ['--expires <span>', 'until the token and its grants are over by themselves (default 30d)'],
      ['--reason <text>', 'why; it is written on the chain (default: that a program of that name is wanted)'],
    ],
    examples: [
      'kora mcp token add claude --grant read_runtime --grant ticket_create --expires 30d',
      'kora mcp token add mailroom --grant ticket_work --grant event_append --kind mail',
    ],
    load: async () => (await import('../commands/mcp/token.ts')).add,
  },
  {
    name: 'mcp token list',
    summary: 'who may ask over MCP for what, until when, and when each token was used last',
    options: [['--all', 'also those that ran out or were revoked']],
    load: async () => (await import('../commands/mcp/token.ts')).list,
  },
  {
    name: 'mcp token revoke',
    args: ['<token>'],
    summary:
      'take a token back, by its key id or the name of its caller; with the last of a name its grants end',
    options: [reasonOption],
    load: async () => (await import('../commands/mcp/token.ts')).revoke,
  },
  {
    name: 'mcp tool list',
    args: ['[server]'],
    summary:
      'tools of the MCP servers that are configured: what is offered, and what waits for your approval',
    load: async () => (await import('../commands/mcp/tool.ts')).list,
  },
  {
    name: 'mcp tool show',
    args: ['[server]'],
    summary: 'every word that a model would be told of the tools that wait for your approval',
    load: async () => (await import('../commands/mcp/tool.ts')).show,
  },
  {
    name: 'mcp tool approve',
    args: ['<server>', '[tool]'],
    summary: 'offer a tool of an MCP server as it is now; when it changes, it is held again',
    options: [['--all', 'every tool of the server that waits'], reasonOption],
    examples: ["kora mcp tool approve github search_issues --reason 'reads only'"],
    load: async () => (await import('../commands/mcp/tool.ts')).approve,
  },
];
