import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What models cost, and the operator's word on it. */
export const costCommands: readonly CommandSpec[] = [
  {
    name: 'cost',
    summary: 'what models cost this month, of what pool',
    options: [
      ['--by <scope>', 'tell it apart', ['route', 'plugin', 'day']],
      ['--last <span>', 'over this long until now instead of the month: 24h, 7d'],
    ],
    examples: ['kora cost', 'kora cost --by route', 'kora cost --by plugin --last 24h'],
    load: async () => (await import('../commands/cost.ts')).cost,
  },
  {
    name: 'cost reconcile',
    summary: 'hold the journal against the bill: raises spend, never lowers it',
    options: [['--reported <usd>', 'what the provider says was spent this month'], reasonOption],
    examples: ["kora cost reconcile --reported 34.20 --reason 'the console on the 21st'"],
    load: async () => (await import('../commands/cost.ts')).reconcile,
  },
  {
    name: 'cost refresh',
    summary: 'lift the hold of spend now, when it is below the pool; exit 79 when it is not',
    options: [reasonOption],
    load: async () => (await import('../commands/cost.ts')).refresh,
  },
  {
    name: 'cost release',
    args: ['<call>'],
    summary: 'give up the reservation of a call that will never say what it cost',
    options: [reasonOption],
    load: async () => (await import('../commands/cost.ts')).release,
  },
];
