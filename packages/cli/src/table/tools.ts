import { limitOption, reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What whoever thinks may ask for, and the files that go with it. */
export const toolCommands: readonly CommandSpec[] = [
  {
    name: 'tool list',
    summary: 'what whoever thinks may ask for, and where it is offered',
    options: [['--route <route>', 'only what is offered on this route: cli, ticket, email_inbound, ...']],
    examples: ['kora tool list', 'kora tool list --route email_inbound'],
    load: async () => (await import('../commands/tool.ts')).list,
  },
  {
    name: 'tool show',
    args: ['<name>'],
    summary: 'one tool, by name or its start: what it takes, what it does, who may use it',
    load: async () => (await import('../commands/tool.ts')).show,
  },
  {
    name: 'artifact list',
    summary: 'files that messages and tools carry, newest first',
    options: [['--by <plugin>', 'only what this plugin made'], limitOption],
    load: async () => (await import('../commands/artifact.ts')).list,
  },
  {
    name: 'artifact show',
    args: ['<artifact>'],
    summary: 'one file, by id or its start: what it is, who made it, how long it is kept',
    load: async () => (await import('../commands/artifact.ts')).show,
  },
  {
    name: 'artifact save',
    args: ['<artifact>'],
    summary: 'write the file to this disk and prove it against its hash; overwrites nothing',
    options: [['--out <file>', 'where to (default: its own name, here)']],
    examples: ['kora artifact save art_0193a', 'kora artifact save art_0193a --out /tmp/report.pdf'],
    load: async () => (await import('../commands/artifact.ts')).save,
  },
  {
    name: 'artifact remove',
    args: ['<artifact>'],
    summary: 'let go of a file before its time; its hash stays on the chain',
    options: [reasonOption],
    load: async () => (await import('../commands/artifact.ts')).remove,
  },
];
