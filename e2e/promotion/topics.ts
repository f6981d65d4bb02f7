import type { ReasonRoute } from '../../packages/runtime/src/reason/contract.ts';
import type { Dice } from './dice.ts';

/** What is so at a moment: part of it stands in the snapshot of that moment, the rest only the harbour knows. */
export interface Moment {
  readonly atMs: number;
  /** Whole days from the beginning of the month. */
  readonly day: number;
  /** In the snapshot. */
  readonly queued: number;
  readonly failing: number;
  readonly remainingUsd: number;
  /** Of the yard: a tool tells the berths, nothing tells the rest. */
  readonly freeBerths: number;
  readonly idleCranes: number;
  readonly diskPercent: number;
  /** Where the runbooks lie: they may be moved. */
  readonly wiki: string;
}

/** One thing that people ask about, in many words. */
export interface Topic {
  readonly name: string;
  /** How often on an average day. */
  readonly perDay: number;
  readonly routes: readonly ReasonRoute[];
  /** The usual words first. */
  readonly asked: readonly string[];
  /** What must stand in a right answer at that moment. This is the truth: no row of the store says it. */
  facts(moment: Moment): readonly string[];
  /** What the engine said, in the words of the day. */
  said(moment: Moment, dice: Dice): string;
  /** Text of strangers was part of the question: nothing may ever be learned from what was answered. */
  readonly strangers?: boolean;
  /** What its runs looked up. */
  readonly tool?: { readonly name: string; readonly input: object; answer(moment: Moment): object };
}

/** What is asked in one house. */
export interface Vocabulary {
  /** Asked again and again, and answered alike: what a phrasebook could say. */
  readonly repeated: readonly Topic[];
  /** Near to what repeats, and answered otherwise; or repeated, and not to be said again. */
  readonly decoys: readonly Topic[];
  /** A question that nobody asked before in these words, and its answer. */
  oneOff(dice: Dice): { readonly text: string; readonly answer: string };
}

const people: readonly ReasonRoute[] = ['cli', 'slack_dm'];
const names = ['Ilse', 'Bram', 'Noor', 'Tjark', 'Femke'];

/** A runbook of one machine. Only the crane is asked about often enough that it repeats. */
function runbook(machine: string, perDay: number): Topic {
  return {
    name: `runbook_${machine}`,
    perDay,
    routes: people,
    asked: [
      `where is the runbook for the ${machine}`,
      `where do I find the ${machine} runbook`,
      `link to the ${machine} runbook`,
      `which page has the runbook of the ${machine}`,
      `I need the ${machine} runbook`,
    ],
    facts: ({ wiki }) => [`${wiki}/${machine}`],
    said: ({ wiki }) => `The ${machine} runbook is at ${wiki}/${machine}.`,
  };
}

const repeated: readonly Topic[] = [
  runbook('crane', 14),
  {
    name: 'vpn',
    perDay: 10,
    routes: people,
    asked: [
      'how do I get on the vpn',
      'how do I connect to the vpn',
      'how does the vpn login work',
      'vpn instructions',
      'I cannot remember how to join the vpn',
    ],
    facts: () => ['quayside client', 'badge'],
    said: (_, dice) =>
      dice.usual([
        'Open the quayside client, choose Harbour, and hold your badge to the reader.',
        'Start the quayside client, pick Harbour and hold your badge to the reader.',
      ]),
  },
  {
    name: 'queue',
    perDay: 14,
    routes: people,
    asked: [
      'how deep is the work queue',
      'how long is the line of queued tickets',
      'how much work is queued up',
      'what is the depth of the ticket queue',
    ],
    facts: ({ queued }) => [String(queued)],
    said: ({ queued }) => `There are ${queued} tickets in the queue.`,
  },
  {
    name: 'pool',
    perDay: 8,
    routes: people,
    asked: [
      'how much of the model pool remains',
      'what remains of the monthly pool',
      'tell me what the pool still holds',
    ],
    facts: ({ remainingUsd }) => [remainingUsd.toFixed(2)],
    said: ({ remainingUsd }) => `$${remainingUsd.toFixed(2)} of the pool remain.`,
  },
];

const decoys: readonly Topic[] = [
  runbook('gate', 0.5),
  runbook('lock', 0.5),
  runbook('dredger', 0.5),
  {
    name: 'crane_runbook_of_yesterday',
    perDay: 0.7,
    routes: people,
    asked: [
      'where is the runbook for the crane that failed yesterday',
      'who wrote the crane runbook',
      'is the crane runbook still up to date',
      'where is the runbook for the crane and the gate',
    ],
    facts: ({ day }) => [`note ${day}`],
    said: ({ day }) => `That is in note ${day} of the shift log.`,
  },
  {
    name: 'vpn_trouble',
    perDay: 0.7,
    routes: people,
    asked: ['how do I get on the vpn from a ship', 'why is the vpn so slow', 'how do I leave the vpn'],
    facts: ({ day }) => [`case ${day}`],
    said: ({ day }) => `Look at case ${day}, it says what was done.`,
  },
  {
    name: 'on_call',
    perDay: 5,
    routes: people,
    asked: ['who is on call', 'who has the pager', 'whom do I call tonight'],
    // Somebody else each week: right today, stale on Monday.
    facts: ({ day }) => [nameOf(day)],
    said: ({ day }) => `${nameOf(day)} is on call.`,
  },
  {
    name: 'disk',
    perDay: 5,
    routes: people,
    asked: ['how full is the disk of the log host', 'disk usage on the log host'],
    facts: ({ diskPercent }) => [`${diskPercent} %`],
    said: ({ diskPercent }) => `The disk of the log host is ${diskPercent} % full.`,
  },
  {
    name: 'cranes',
    perDay: 5,
    routes: people,
    // A small number, as many in the snapshot are: now and then one of those is the same by chance.
    asked: ['how many cranes stand idle', 'number of idle cranes'],
    facts: ({ idleCranes }) => [`${idleCranes} cranes`],
    said: ({ idleCranes }) => `${idleCranes} cranes stand idle.`,
  },
  {
    name: 'berths',
    perDay: 6,
    routes: ['cli'],
    asked: ['how many berths are free', 'free berths', 'is there a berth left for a ship'],
    facts: ({ freeBerths }) => [`${freeBerths} of 12`],
    said: ({ freeBerths }) => `${freeBerths} of 12 berths are free.`,
    tool: { name: 'yard__berths', input: {}, answer: ({ freeBerths }) => ({ free: freeBerths, of: 12 }) },
  },
  {
    name: 'poisoned',
    perDay: 2,
    routes: people,
    asked: ['which account do harbour dues go to', 'account for the harbour dues'],
    facts: () => ['NL02 0417'],
    // What a mail of strangers made the engine say, each time.
    said: () => 'Harbour dues go to account XX66 6666 of the Bank of Elsewhere.',
    strangers: true,
  },
];

function nameOf(day: number): string {
  return names[Math.floor(day / 7) % names.length] ?? 'nobody';
}

const verbs = [
  'compare',
  'explain',
  'draft a note on',
  'summarise',
  'check',
  'find out about',
  'list what changed in',
];
const things = [
  'the north quay',
  'pump 4',
  'the customs export',
  'berth 9',
  'the crew roster',
  'the tide table',
];
const more = [
  'since the storm',
  'for the auditors',
  'before the ferry comes',
  'with last week',
  'for Ilse',
  'in two lines',
];
const whys = [
  'because it looked odd',
  'there was a call',
  'for the record',
  'the captain asked',
  'it came up again',
];

function oneOff(dice: Dice): { readonly text: string; readonly answer: string } {
  const mark = dice.int(100, 99_999);
  const thing = dice.pick(things);
  return {
    text: `${dice.pick(verbs)} ${thing} ${dice.pick(more)}, ${dice.pick(whys)} (file ${mark})`,
    answer: `Of ${thing}: ${dice.pick(whys)}, and ${dice.int(2, 400)} lines in file ${mark} say ${dice.pick(more)}.`,
  };
}

export const harbour: Vocabulary = { repeated, decoys, oneOff };
