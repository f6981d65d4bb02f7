import { limitOption, reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What broke, and what the operator says of it; when nothing is to be said at all. */
export const incidentCommands: readonly CommandSpec[] = [
  {
    name: 'probe window',
    args: ['<verb>', '[what]'],
    summary: 'maintenance: add a time in which looks go on and no incident opens, list them, end one',
    options: [
      ['--for <span>', 'how long: 30m, 2h'],
      ['--from <time>', 'when it begins, like 2026-05-01T08:00:00Z; left out, now'],
      reasonOption,
    ],
    examples: [
      "kora probe window add shop --for 2h --reason 'new database'",
      "kora probe window add all --from 2026-05-01T02:00:00Z --for 1h --reason 'the rack moves'",
      'kora probe window end 3',
    ],
    load: async () => (await import('../commands/probe-window.ts')).maintain,
  },
  {
    name: 'incident list',
    summary: 'incidents, newest first',
    options: [['--status <status>', 'only these', ['open', 'resolved']], limitOption],
    load: async () => (await import('../commands/incident.ts')).list,
  },
  {
    name: 'incident show',
    args: ['<incident>'],
    summary: 'one incident and its timeline, by id or by the start of the name of its probe',
    load: async () => (await import('../commands/incident.ts')).show,
  },
  {
    name: 'incident ack',
    args: ['<incident>'],
    summary: 'say that you have seen it; with --for, that only its end is to be told for so long',
    options: [['--for <span>', 'known, and quiet for so long: 4h; 30 days at most'], reasonOption],
    load: async () => (await import('../commands/incident-said.ts')).ack,
  },
  {
    name: 'incident silence',
    args: ['<incident>'],
    summary: 'tell nothing but its end for a while',
    options: [['--for <span>', 'how long: 4h; 30 days at most'], reasonOption],
    examples: ["kora incident silence 12 --for 4h --reason 'the vendor works on it'"],
    load: async () => (await import('../commands/incident-said.ts')).silence,
  },
  {
    name: 'incident note',
    args: ['<incident>', '<text>'],
    summary: 'write a line into its timeline',
    load: async () => (await import('../commands/incident-said.ts')).note,
  },
];
