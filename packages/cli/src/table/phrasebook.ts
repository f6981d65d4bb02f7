import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What is answered for nothing, and how everything stands for whoever thinks. */
export const phrasebookCommands: readonly CommandSpec[] = [
  {
    name: 'phrasebook list',
    summary: 'what is answered at no cost, in the order in which it is asked',
    options: [
      ['--mine', 'only what was written here'],
      ['--of <version>', 'as it was in an earlier version'],
    ],
    load: async () => (await import('../commands/phrasebook/read.ts')).list,
  },
  {
    name: 'phrasebook test',
    args: ['<text>'],
    summary: 'what would be answered now, and why or why not; exit 1 when it goes to whoever thinks',
    examples: ["kora phrasebook test 'is shop up?'"],
    load: async () => (await import('../commands/phrasebook/read.ts')).test,
  },
  {
    name: 'phrasebook edit',
    summary: 'write your own entries, as one YAML or JSON file, in your editor or from a file',
    options: [
      ['--file <file>', 'take this file instead of opening an editor; - reads what is piped in'],
      ['--out <file>', 'write the file as it stands, and change nothing'],
      reasonOption,
    ],
    examples: [
      "kora phrasebook edit --reason 'the shop has a new name'",
      'kora phrasebook edit --out phrasebook.yaml',
      "kora phrasebook edit --file phrasebook.yaml --reason 'from the repository'",
    ],
    load: async () => (await import('../commands/phrasebook/edit.ts')).edit,
  },
  {
    name: 'phrasebook preview',
    summary: 'what a file would have changed about the questions that were asked',
    options: [
      ['--file <file>', 'the entries; - reads what is piped in'],
      ['--limit <n>', 'of the last so many questions (default 1000)'],
    ],
    examples: ['kora phrasebook preview --file phrasebook.yaml'],
    load: async () => (await import('../commands/phrasebook/edit.ts')).preview,
  },
  {
    name: 'phrasebook revert',
    summary: 'your entries as they were before their last change, or in a version',
    options: [['--to <version>', 'this version (kora phrasebook history)'], reasonOption],
    load: async () => (await import('../commands/phrasebook/edit.ts')).revert,
  },
  {
    name: 'phrasebook history',
    summary: 'its versions, newest first',
    options: [['--limit <n>', 'at most this many (default 20)']],
    load: async () => (await import('../commands/phrasebook/read.ts')).history,
  },
  {
    name: 'snapshot',
    summary: 'how everything stands, as whoever thinks is shown it and known questions are answered from it',
    options: [
      ['--now', 'take it now'],
      ['--history', 'those of the last day, newest first'],
      ['--id <n>', 'one of these'],
      ['--limit <n>', 'at most this many of them (default 20)'],
    ],
    examples: ['kora snapshot --now', 'kora snapshot --json | jq .data.placeholders'],
    load: async () => (await import('../commands/snapshot.ts')).snapshot,
  },
];
