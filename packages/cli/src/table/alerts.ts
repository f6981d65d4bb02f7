import { limitOption, reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What is wrong beside what probes find, and what the operator says of it. */
export const alertCommands: readonly CommandSpec[] = [
  {
    name: 'alert list',
    summary: 'alerts, active ones first, and when the last sign of life got through',
    options: [
      ['--status <status>', 'only these', ['active', 'resolved']],
      ['--severity <severity>', 'only these', ['critical', 'warning', 'info']],
      limitOption,
    ],
    load: async () => (await import('../commands/alert.ts')).list,
  },
  {
    name: 'alert show',
    args: ['<alert>'],
    summary: 'one alert, by its number',
    load: async () => (await import('../commands/alert.ts')).show,
  },
  {
    name: 'alert ack',
    args: ['<alert>'],
    summary: 'say that you know of it: no reminders until it comes back or becomes worse',
    options: [reasonOption],
    examples: ["kora alert ack 4 --reason 'I am at it'"],
    load: async () => (await import('../commands/alert.ts')).ack,
  },
  {
    name: 'alert snooze',
    args: ['<alert>'],
    summary: 'quiet for a while; what is still wrong then is told again',
    options: [['--for <span>', 'how long: 4h; 30 days at most'], reasonOption],
    examples: ["kora alert snooze 4 --for 4h --reason 'the vendor works on it'"],
    load: async () => (await import('../commands/alert.ts')).snooze,
  },
];
