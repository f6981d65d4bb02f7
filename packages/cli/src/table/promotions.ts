import type { PromotionRow } from '@kora/runtime/client';
import { limitOption, reasonOption } from './contract.ts';
import type { CommandSpec, OptionSpec } from './contract.ts';

/** Spelled out: the table is read at every start, and the client is not loaded for it. */
export const proposalDecisions: readonly PromotionRow['decision'][] = [
  'pending',
  'approved',
  'rejected',
  'expired',
  'superseded',
];
export const proposalApplications: readonly PromotionRow['application'][] = [
  'not_started',
  'applied',
  'kept',
  'replaced',
  'failed',
  'rolled_back',
];

const asReadOptions: readonly OptionSpec[] = [
  ['--revision <n>', 'the revision that you read (kora promotion show says it)'],
  ['--digest <text>', 'its digest, or how it begins'],
];

/** What the loops propose to make cheaper or better, and the operator's word on it. */
export const promotionCommands: readonly CommandSpec[] = [
  {
    name: 'promotion list',
    summary: 'what is proposed and waits for your word, and what is on trial',
    options: [
      ['--all', 'also what is over'],
      ['--loop <name>', 'only what this loop proposed'],
      ['--decision <state>', 'only these', proposalDecisions],
      ['--application <state>', 'only these', proposalApplications],
      limitOption,
    ],
    examples: ['kora promotion list', 'kora promotion list --application applied'],
    load: async () => (await import('../commands/promotion/read.ts')).list,
  },
  {
    name: 'promotion show',
    args: ['<proposal>'],
    summary: 'one proposal: why, what would be other, evidence, what it saves, its trial, its steps',
    load: async () => (await import('../commands/promotion/read.ts')).show,
  },
  {
    name: 'promotion diff',
    args: ['<proposal>'],
    summary: 'what would be other line by line; with --from, what is other between two revisions',
    options: [
      ['--from <n>', 'the revision that you read'],
      ['--to <n>', 'the revision to compare it with (default: the newest)'],
    ],
    examples: ['kora promotion diff 12', 'kora promotion diff 12 --from 1'],
    load: async () => (await import('../commands/promotion/read.ts')).diff,
  },
  {
    name: 'promotion approve',
    args: ['<proposal>'],
    summary: 'agree to a proposal as you read it; it is applied at once, and on trial',
    options: [...asReadOptions, reasonOption],
    examples: ["kora promotion approve 12 --revision 1 --reason 'that answer is right'"],
    load: async () => (await import('../commands/promotion/decide.ts')).approve,
  },
  {
    name: 'promotion reject',
    args: ['<proposal>'],
    summary: 'refuse a proposal; it comes back only when its evidence has doubled',
    options: [...asReadOptions, reasonOption],
    examples: ["kora promotion reject 12 --reason 'they should read the page'"],
    load: async () => (await import('../commands/promotion/decide.ts')).reject,
  },
  {
    name: 'promotion rollback',
    args: ['<proposal>'],
    summary: 'take a change back; says what will stand there again',
    options: [reasonOption],
    examples: ["kora promotion rollback 12 --reason 'it answers the wrong shop'"],
    load: async () => (await import('../commands/promotion/decide.ts')).rollBack,
  },
  {
    name: 'promotion retry',
    args: ['<proposal>'],
    summary: 'try again to apply a change that was agreed to and could not be applied',
    options: [reasonOption],
    load: async () => (await import('../commands/promotion/decide.ts')).retry,
  },
  {
    name: 'promotion loops',
    summary: 'the loops: on or off, how often, what the last cycle came to',
    load: async () => (await import('../commands/promotion/loop.ts')).loops,
  },
  {
    name: 'promotion run',
    args: ['<loop>'],
    summary: 'start a cycle of one loop now: what it read, what it proposes, what it does not and why',
    options: [reasonOption],
    examples: ["kora promotion run promote_phrasebook --reason 'before the demo'"],
    load: async () => (await import('../commands/promotion/loop.ts')).run,
  },
  {
    name: 'promotion history',
    args: ['[proposal]'],
    summary: 'everything that was ever proposed; of one proposal, each step with its actor and reason',
    options: [
      ['--loop <name>', 'only what this loop proposed'],
      ['--before <n>', 'only proposals with a lower number'],
      limitOption,
    ],
    load: async () => (await import('../commands/promotion/read.ts')).history,
  },
];
