import { limitOption, reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What runs on a cadence, and the operator's word on when. */
export const taskCommands: readonly CommandSpec[] = [
  {
    name: 'task list',
    summary: 'tasks with last and next run',
    load: async () => (await import('../commands/task.ts')).list,
  },
  {
    name: 'task show',
    args: ['<name>'],
    summary: 'one task: whose it is, when it runs and who said so, how it went',
    load: async () => (await import('../commands/task.ts')).show,
  },
  {
    name: 'task run',
    args: ['<name>'],
    summary: 'run one now and wait for its outcome',
    options: [reasonOption],
    load: async () => (await import('../commands/task.ts')).run,
  },
  {
    name: 'task history',
    args: ['<name>'],
    summary: 'the last runs of one task',
    options: [limitOption],
    load: async () => (await import('../commands/task.ts')).history,
  },
  {
    name: 'task cadence',
    args: ['<name>'],
    summary: 'give one another cadence, on every runtime at once; it stays until it is reset',
    options: [
      ['--every <span>', 'so long after each start: 30s, 10m, 1h'],
      ['--cron <line>', 'five fields of cron'],
      ['--zone <zone>', 'where the cron line is read, like Europe/Berlin; else UTC'],
      ['--at <time>', 'once, at this time: 2026-05-01T08:00:00Z'],
      reasonOption,
    ],
    examples: [
      "kora task cadence reports.daily --every 10m --reason 'while we look'",
      "kora task cadence reports.daily --cron '0 3 * * *' --zone Europe/Berlin --reason 'after the backup'",
    ],
    load: async () => (await import('../commands/task-cadence.ts')).cadence,
  },
  {
    name: 'task reset',
    args: ['<name>'],
    summary: 'back to the cadence that its plugin declares',
    options: [reasonOption],
    load: async () => (await import('../commands/task-cadence.ts')).reset,
  },
  {
    name: 'task pause',
    args: ['<name>'],
    summary: 'nothing of what one is due for is run, on every runtime, until it is resumed',
    options: [reasonOption],
    load: async () => (await import('../commands/task-pause.ts')).pause,
  },
  {
    name: 'task resume',
    args: ['<name>'],
    summary: 'run a paused one by its schedule again',
    options: [reasonOption],
    load: async () => (await import('../commands/task-pause.ts')).resume,
  },
];
