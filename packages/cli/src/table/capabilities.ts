import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** The operator's word on what may be done: standing grants, and approvals of one call each. */
export const capabilityCommands: readonly CommandSpec[] = [
  {
    name: 'approve',
    args: ['<approval>'],
    summary: 'let the one call through that an approval is about',
    options: [reasonOption],
    examples: ["kora approve 12 --reason 'yes, that server'"],
    load: async () => (await import('../commands/approval.ts')).approve,
  },
  {
    name: 'deny',
    args: ['<approval>'],
    summary: 'refuse the call that an approval is about',
    options: [reasonOption],
    load: async () => (await import('../commands/approval.ts')).deny,
  },
  {
    name: 'approval list',
    summary: 'calls that wait for your word, oldest first',
    options: [
      ['--all', 'also what was decided, used or ran out, newest first'],
      ['--limit <n>', 'at most this many (default 50)'],
    ],
    load: async () => (await import('../commands/approval.ts')).list,
  },
  {
    name: 'approval show',
    args: ['<approval>'],
    summary: 'one approval: who asked for what, and what came of it',
    load: async () => (await import('../commands/approval.ts')).show,
  },
  {
    name: 'capability list',
    summary: 'what may be done with leave, and who has leave',
    options: [['--all', 'also grants that were revoked or ran out']],
    load: async () => (await import('../commands/capability.ts')).list,
  },
  {
    name: 'capability grant',
    args: ['<capability>'],
    summary: 'give a plugin, an MCP caller or a route leave, in place of what it had',
    options: [
      ['--to <subject>', 'plugin:ID, mcp:NAME or route:NAME'],
      ['--for <span>', 'until it is over by itself: 90s, 30m, 1h, 1d (default: until revoked)'],
      reasonOption,
    ],
    examples: ["kora capability grant cap_web_fetch --to plugin:slack --for 1d --reason 'link previews'"],
    load: async () => (await import('../commands/capability.ts')).grant,
  },
  {
    name: 'capability revoke',
    args: ['<grant>'],
    summary: 'take a grant back; calls under it are refused from then on',
    options: [reasonOption],
    load: async () => (await import('../commands/capability.ts')).revoke,
  },
];
