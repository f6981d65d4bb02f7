import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What came in over channels; what went out is `kora inbox`. */
export const messageCommands: readonly CommandSpec[] = [
  {
    name: 'message list',
    summary: 'what came in over channels, the newest first, and what became of it',
    options: [
      [
        '--state <state>',
        'only these',
        ['received', 'waiting', 'working', 'answered', 'ended', 'quarantined'],
      ],
      ['--channel <name>', 'only over this channel'],
      ['--limit <n>', 'at most so many (default 50)'],
    ],
    load: async () => (await import('../commands/message.ts')).list,
  },
  {
    name: 'message show',
    args: ['<message>'],
    summary: 'one of them, with its text',
    load: async () => (await import('../commands/message.ts')).show,
  },
  {
    name: 'message quarantine list',
    summary: 'what could not be read, or not be handled again and again',
    options: [
      ['--channel <name>', 'only over this channel'],
      ['--limit <n>', 'at most so many (default 50)'],
    ],
    load: async () => (await import('../commands/message.ts')).quarantineList,
  },
  {
    name: 'message quarantine show',
    args: ['<message>'],
    summary: 'one of them, with what could not be read',
    load: async () => (await import('../commands/message.ts')).show,
  },
  {
    name: 'message quarantine release',
    args: ['<message>'],
    summary: 'let it be handled after all, behind what came meanwhile',
    options: [reasonOption],
    load: async () => (await import('../commands/message.ts')).release,
  },
  {
    name: 'message quarantine drop',
    args: ['<message>'],
    summary: 'give it up: what it said is forgotten, that it came is not',
    options: [reasonOption],
    load: async () => (await import('../commands/message.ts')).drop,
  },
];
