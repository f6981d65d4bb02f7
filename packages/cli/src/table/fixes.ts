import { limitOption, reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What may be mended of what probes find broken, and what was. */
export const fixCommands: readonly CommandSpec[] = [
  {
    name: 'fix list',
    summary: 'what may be mended and how, and the newest attempts',
    options: [['--incident <n>', 'only attempts for this incident'], limitOption],
    load: async () => (await import('../commands/fix.ts')).list,
  },
  {
    name: 'fix show',
    args: ['<attempt>'],
    summary: 'one attempt: who asked, what held, before and after, what came of it',
    load: async () => (await import('../commands/fix.ts')).show,
  },
  {
    name: 'fix try',
    args: ['<probe>', '[fix]'],
    summary: 'ask for a fix of what a probe finds broken; exit 1 when it is refused or does not mend',
    options: [
      ['--target <id>', 'which of the things that the last look named (default: the only one)'],
      ['--dry-run', 'examine it and say what would come of it; nothing is done'],
      reasonOption,
    ],
    examples: ['kora fix try shop-unit --dry-run', "kora fix try shop-unit restart_unit --reason 'it hangs'"],
    load: async () => (await import('../commands/fix.ts')).attempt,
  },
  {
    name: 'fix approve',
    args: ['<attempt>'],
    summary: 'let an attempt begin that waits for your word; everything is examined again first',
    options: [reasonOption],
    examples: ["kora fix approve 4 --reason 'yes, that unit'"],
    load: async () => (await import('../commands/fix.ts')).approve,
  },
  {
    name: 'fix deny',
    args: ['<attempt>'],
    summary: 'keep an attempt that waits for your word from beginning',
    options: [reasonOption],
    examples: ["kora fix deny 4 --reason 'I look at it myself'"],
    load: async () => (await import('../commands/fix.ts')).deny,
  },
];
