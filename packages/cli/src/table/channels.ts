import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** The ways to the operator, and what waits for the operator's word. */
export const channelCommands: readonly CommandSpec[] = [
  {
    name: 'channel list',
    summary: 'ways to you: what is here, in which order, what waits, and what could be set up',
    load: async () => (await import('../commands/channel.ts')).list,
  },
  {
    name: 'channel check',
    args: ['[name]'],
    summary:
      'ask a channel whether it would work (default: every one); with --send, a real message and its receipt',
    options: [['--send', 'send a test message over it']],
    load: async () => (await import('../commands/channel.ts')).check,
  },
  {
    name: 'channel setup',
    args: ['<name>'],
    summary: 'a guided dialogue that sets a channel up and ends with a real test message and its receipt',
    options: [['--yes', 'do not ask whether it is to tell you first: it is']],
    load: async () => (await import('../commands/channel-setup.ts')).setup,
  },
  {
    name: 'channel first',
    args: ['<name>'],
    summary: 'be told over this channel first, from now on; the others stay behind it in their order',
    load: async () => (await import('../commands/channel-first.ts')).first,
  },
  {
    name: 'decision list',
    summary: 'what waits for your word: calls, tickets that stand, drills',
    options: [
      ['--all', 'also what is over'],
      ['--limit <n>', 'how many (default 50)'],
    ],
    load: async () => (await import('../commands/decision.ts')).list,
  },
  {
    name: 'decision show',
    args: ['<decision>'],
    summary: 'one of them, by its number',
    load: async () => (await import('../commands/decision.ts')).show,
  },
  {
    name: 'decision answer',
    args: ['<decision>', '<verdict>'],
    summary: 'approve or deny one, by its number or by the code that a message carried',
    options: [['--note <text>', 'why; it goes to whoever asked']],
    examples: ['kora decision answer K7Q2M4TR approve', "kora decision answer 12 deny --note 'not today'"],
    load: async () => (await import('../commands/decision.ts')).answer,
  },
  {
    name: 'page',
    summary:
      'page yourself for practice: one channel after the other until you say, by the code, that you heard',
    options: [
      ['--drill', 'needed: nothing else is paged by hand'],
      ['--wait <span>', 'how long each channel has before the next one (default 60s)'],
      reasonOption,
    ],
    examples: ["kora page --drill --wait 2m --reason 'monthly drill'"],
    load: async () => (await import('../commands/page.ts')).page,
  },
];
