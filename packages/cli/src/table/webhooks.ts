import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What comes in as webhooks, and what could not be taken of it. */
export const webhookCommands: readonly CommandSpec[] = [
  {
    name: 'webhook sources',
    summary: 'who may send webhooks, where to, and how many came',
    load: async () => (await import('../commands/webhook.ts')).sources,
  },
  {
    name: 'webhook list',
    args: ['[source]'],
    summary: 'dead letters: webhooks that could not be taken, and why; those that wait first',
    load: async () => (await import('../commands/webhook.ts')).list,
  },
  {
    name: 'webhook show',
    args: ['<letter>'],
    summary: 'one dead letter; with --body also how what it says begins',
    options: [['--body', 'open what it says; that it was opened is written on the chain'], reasonOption],
    load: async () => (await import('../commands/webhook.ts')).show,
  },
  {
    name: 'webhook replay',
    args: ['<letter>'],
    summary: 'try a dead letter again, by the configuration and the secrets of now; once, when it succeeds',
    options: [reasonOption],
    examples: ["kora webhook replay 12 --reason 'the template is mended'"],
    load: async () => (await import('../commands/webhook.ts')).replay,
  },
  {
    name: 'webhook drop',
    args: ['<letter>'],
    summary: 'give a dead letter up; what it says is forgotten',
    options: [reasonOption],
    load: async () => (await import('../commands/webhook.ts')).drop,
  },
];
