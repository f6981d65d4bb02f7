import { limitOption, reasonOption } from './contract.ts';
import type { CommandSpec, OptionSpec } from './contract.ts';

const yesOption: OptionSpec = ['--yes', 'do not ask'];

/** The verbs of the event log. */
export const eventCommands: readonly CommandSpec[] = [
  {
    name: 'event tail',
    summary: 'the newest events of the chain',
    options: [
      ['--type <prefix>', 'only these: probe, kora.boot'],
      ['--follow', 'go on as they happen, until Ctrl-C'],
      ['--limit <n>', 'how many to begin with (default 20)'],
    ],
    examples: ['kora event tail --type probe --follow', 'kora event tail --follow --json | jq -c .payload'],
    load: async () => (await import('../commands/event/tail.ts')).tail,
  },
  {
    name: 'event show',
    args: ['<seq>'],
    summary: 'one event whole',
    options: [['--proof', 'with the proof that a signed checkpoint has it']],
    load: async () => (await import('../commands/event/show.ts')).show,
  },
  {
    name: 'event verify',
    summary: 'prove the chain; exit 1 naming the first bad sequence',
    options: [
      ['--from <seq>', 'begin here'],
      ['--resume', 'go on where the last pass of this home was'],
      ['--file <export>', 'an exported file instead; needs no runtime'],
      ['--key <keys>', 'with --file: verifier keys you know from elsewhere, with commas between'],
    ],
    examples: ['kora event verify', "kora event verify --file chain.ndjson --key 'kora/default+…+…'"],
    load: async () => (await import('../commands/event/verify.ts')).verify,
  },
  {
    name: 'event export',
    summary: 'the chain as a file that proves by itself',
    options: [
      ['--out <file>', 'where to; must not be there yet'],
      ['--from <seq>', 'first event (default the first there is)'],
      ['--to <seq>', 'last event (default the newest)'],
    ],
    load: async () => (await import('../commands/event/export.ts')).exportEvents,
  },
  {
    name: 'event checkpoint',
    summary: 'the newest signed checkpoint, and where it is anchored',
    options: [['--now', 'sign what is new first'], ['--list', 'the newest ones in a table'], limitOption],
    load: async () => (await import('../commands/event/checkpoint.ts')).checkpoint,
  },
  {
    name: 'event consumers',
    summary: 'who reads the chain, and how far each has come',
    load: async () => (await import('../commands/event/consumers.ts')).consumers,
  },
  {
    name: 'event parked',
    args: ['[consumer]'],
    summary: 'events that a consumer could not take and that wait for you',
    load: async () => (await import('../commands/event/parked.ts')).parked,
  },
  {
    name: 'event replay',
    args: ['<consumer>', '[seq]'],
    summary: 'try a parked event again; exit 1 when it is parked again',
    options: [['--all', 'everything that the consumer has parked'], reasonOption],
    examples: ["kora event replay probe_wake 412 --reason 'the channel is back'"],
    load: async () => (await import('../commands/event/parked.ts')).replay,
  },
  {
    name: 'event skip',
    args: ['<consumer>', '<seq>'],
    summary: 'give a parked event up: its consumer never sees it',
    options: [reasonOption],
    load: async () => (await import('../commands/event/parked.ts')).skip,
  },
  {
    name: 'event forget',
    args: ['<consumer>'],
    summary: 'remove a consumer that runs nowhere, with its cursor and what it parked',
    load: async () => (await import('../commands/event/parked.ts')).forget,
  },
  {
    name: 'event redact',
    args: ['<seq>'],
    summary: 'take the body of one event away for good; the chain still proves',
    options: [reasonOption, yesOption],
    load: async () => (await import('../commands/event/redact.ts')).redact,
  },
  {
    name: 'event prune',
    summary: 'remove old events that an exported file has and a checkpoint covers',
    options: [
      ['--through <seq>', 'the last event that goes'],
      ['--export <file>', 'the file that has them; it is verified first'],
      reasonOption,
      yesOption,
    ],
    load: async () => (await import('../commands/event/prune.ts')).prune,
  },
];
