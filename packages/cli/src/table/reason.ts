import { limitOption, reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** Asking, and what was asked. */
export const reasonCommands: readonly CommandSpec[] = [
  {
    name: 'ask',
    args: ['<text>'],
    summary: 'ask whoever thinks here; exit 79 when the money says no, 1 when there is no whole answer',
    options: [
      ['--conversation <name>', 'go on with this conversation, or begin it'],
      ['--model <name>', 'ask this one, by its name in the configuration'],
      ['--verdict', 'what it claims, each claim held against what was really read'],
    ],
    examples: ["kora ask 'what needs me today?'", "kora ask 'and since when?' --conversation shop --json"],
    load: async () => (await import('../commands/ask.ts')).ask,
  },
  {
    name: 'conversation list',
    summary: 'conversations, the last spoken in first',
    options: [limitOption],
    load: async () => (await import('../commands/conversation.ts')).list,
  },
  {
    name: 'conversation show',
    args: ['<conversation>'],
    summary: 'what was said in one, by its id or its name',
    options: [limitOption],
    load: async () => (await import('../commands/conversation.ts')).show,
  },
  {
    name: 'reason list',
    summary: 'questions, newest first, with what each cost',
    options: [
      ['--ticket <id>', 'only those of this ticket'],
      ['--status <status>', 'only these', ['open', 'answered', 'incomplete', 'refused', 'failed']],
      limitOption,
    ],
    load: async () => (await import('../commands/reason.ts')).list,
  },
  {
    name: 'reason show',
    args: ['<run>'],
    summary: 'one question whole: its model calls, tools, evidence and receipt',
    load: async () => (await import('../commands/reason.ts')).show,
  },
  {
    name: 'reason live',
    summary: 'questions while they are thought about, until Ctrl-C',
    load: async () => (await import('../commands/reason.ts')).live,
  },
  {
    name: 'reason cancel',
    args: ['<run>'],
    summary: 'call one off; what it has cost by then is on its receipt',
    options: [reasonOption],
    load: async () => (await import('../commands/reason.ts')).cancel,
  },
];
