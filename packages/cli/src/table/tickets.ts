import { limitOption, reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** The verbs of tickets. */
export const ticketCommands: readonly CommandSpec[] = [
  {
    name: 'ticket add',
    summary: 'put a ticket in the queue',
    options: [
      ['--title <text>', 'one line: what is to be done'],
      ['--kind <kind>', 'which handler takes it (default general)'],
      ['--objective <text>', 'when it counts as done'],
      ['--payload <json>', 'particulars for the handler, a JSON object'],
      ['--priority <level>', 'which comes first (default normal)', ['frontier', 'high', 'normal', 'low']],
      ['--critical', 'may be claimed while only critical work is'],
      ['--key <key>', 'idempotency key: the same key is never added twice'],
      ['--not-before <time>', 'not claimable before: 2026-12-24T06:00Z, or in 90m'],
      ['--blocked-by <ids>', 'tickets that must be completed first, with commas between'],
      ['--assign <actor>', 'whose work it is (default kora: any runtime)'],
      ['--downshift <how>', 'a cheaper model when money is short', ['eligible', 'frontier_only']],
    ],
    examples: [
      "kora ticket add --title 'Rotate the staging certificate' --priority high",
      "kora ticket add --title 'Look whether it holds' --blocked-by 14 --not-before 1h",
    ],
    load: async () => (await import('../commands/ticket/add.ts')).add,
  },
  {
    name: 'ticket list',
    summary: 'tickets, newest first',
    options: [
      ['--status <status>', 'only this status: claimed, waiting, failed_terminal'],
      ['--before <id>', 'only older ones: the page behind'],
      limitOption,
    ],
    load: async () => (await import('../commands/ticket/read.ts')).list,
  },
  {
    name: 'ticket show',
    args: ['<ticket>'],
    summary: 'one ticket with its timeline, by id, key or the start of its title',
    load: async () => (await import('../commands/ticket/read.ts')).show,
  },
  {
    name: 'ticket cancel',
    args: ['<ticket>'],
    summary: 'take it out of the queue for good',
    options: [reasonOption],
    load: async () => (await import('../commands/ticket/change.ts')).cancel,
  },
  {
    name: 'ticket retry',
    args: ['<ticket>'],
    summary: 'open it again',
    options: [reasonOption],
    load: async () => (await import('../commands/ticket/change.ts')).retry,
  },
  {
    name: 'ticket unblock',
    args: ['<ticket>'],
    summary: 'let one go on that waits for you or for another ticket',
    options: [reasonOption],
    load: async () => (await import('../commands/ticket/change.ts')).unblock,
  },
  {
    name: 'ticket release',
    args: ['<ticket>'],
    summary: 'take it back from its holder, whose later writes are refused',
    options: [reasonOption],
    load: async () => (await import('../commands/ticket/change.ts')).release,
  },
  {
    name: 'ticket reprioritise',
    args: ['<ticket>'],
    summary: 'say which tickets come before it',
    options: [['--to <level>', 'which comes first', ['frontier', 'high', 'normal', 'low']], reasonOption],
    load: async () => (await import('../commands/ticket/change.ts')).reprioritise,
  },
  {
    name: 'ticket reassign',
    args: ['<ticket>'],
    summary: 'hand it to somebody else',
    options: [['--to <actor>', 'whose work it is; kora is any runtime'], reasonOption],
    load: async () => (await import('../commands/ticket/change.ts')).reassign,
  },
  {
    name: 'ticket note',
    args: ['<ticket>', '<text>'],
    summary: 'put a line on its timeline',
    examples: ["kora ticket note 14 'the owner confirmed the new scope'"],
    load: async () => (await import('../commands/ticket/change.ts')).note,
  },
  {
    name: 'ticket import',
    args: ['<file>'],
    summary: 'add many, one JSON object a line; - is stdin',
    options: [['--from <line>', 'begin here, where an import broke off']],
    examples: ['kora ticket import tickets.ndjson', "jq -c '.[]' all.json | kora ticket import -"],
    load: async () => (await import('../commands/ticket/import.ts')).importTickets,
  },
];
