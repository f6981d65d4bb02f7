import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

const scopes = ['route', 'plugin', 'model', 'tier', 'ticket', 'incident', 'run', 'outcome', 'day'];

/** What models cost, and the operator's word on it. */
export const costCommands: readonly CommandSpec[] = [
  {
    name: 'cost',
    summary: 'what models cost this month, of what pool',
    options: [
      ['--by <scope>', 'tell it apart', scopes],
      ['--last <span>', 'over this long until now instead of the month: 24h, 7d'],
    ],
    examples: ['kora cost', 'kora cost --by route', 'kora cost --by plugin --last 24h'],
    load: async () => (await import('../commands/cost.ts')).cost,
  },
  {
    name: 'cost prices',
    summary: 'what a million tokens cost, by model, and whose word that is',
    load: async () => (await import('../commands/cost-prices.ts')).prices,
  },
  {
    name: 'cost forecast',
    args: ['[plugin]'],
    summary: 'what a cadence would cost in a month, before it is enabled',
    options: [
      ['--task <name>', 'of one task alone'],
      ['--every <span>', 'as if it ran this often: 15m, 24h'],
      ['--calls <n>', 'model calls of one run, where none was measured'],
      ['--model <name>', 'the model of each call'],
      ['--input-tokens <n>', 'what each call sends at most'],
      ['--output-tokens <n>', 'what each call answers at most'],
    ],
    examples: [
      'kora cost forecast digest',
      'kora cost forecast --every 15m --calls 2 --model small --input-tokens 3000 --output-tokens 400',
    ],
    load: async () => (await import('../commands/cost-forecast.ts')).forecast,
  },
  {
    name: 'cost export',
    summary: 'the journal, line by line, into a file',
    options: [
      ['--out <file>', 'a file that is not there yet'],
      ['--csv', 'comma-separated, for a spreadsheet; without it JSON lines'],
      ['--window <span>', 'only this long until now: 24h, 31d'],
    ],
    examples: ['kora cost export --out november.csv --csv --window 30d'],
    load: async () => (await import('../commands/cost-export.ts')).exportCost,
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
