import type { CommandSpec } from './contract.ts';

/** For those who write plugins: the folder is the plugin's own, and its code runs in a process of its own. */
export const pluginAuthorCommands: readonly CommandSpec[] = [
  {
    name: 'plugin check',
    args: ['[dir]'],
    summary: 'examine a plugin package: manifest, files, ranges; exit 1 on an error',
    options: [
      ['--execute', 'also load it, in a process that may only read files, and run the conformance suite'],
      ['--sarif', 'SARIF 2.1.0, for code hosts'],
    ],
    examples: ['kora plugin check', 'kora plugin check --execute ./packages/my-plugin'],
    load: async () => (await import('../commands/plugin-check.ts')).check,
  },
  {
    name: 'plugin manifest',
    args: ['[dir]'],
    summary: 'write what a plugin registers, and the schema of its configuration, into its package',
    options: [
      ['--check', 'only compare; exit 1 when it differs'],
      ['--entry <file>', 'the module to load (default: src/index.ts, index.ts, or kora.entry)'],
    ],
    examples: ['kora plugin manifest', 'kora plugin manifest --check'],
    load: async () => (await import('../commands/plugin-manifest.ts')).manifest,
  },
  {
    name: 'plugin dev',
    args: ['[dir]'],
    summary: 'run a plugin in memory at every save: wakes, decisions, costs and events, with no runtime',
    options: [
      ['--once', 'once, and end; exit 1 when something went wrong'],
      ['--for <span>', 'move the clock by this much (default: until everything has happened once)'],
      ['--ticket <kind=json...>', 'add such a ticket; may be given again'],
      ['--event <type=json...>', 'raise such an event; may be given again'],
      ['--tool <name=json...>', 'call such a tool as a model does; may be given again'],
      ['--ask <text...>', 'ask the engine that it brings; may be given again'],
      ['--entry <file>', 'the module to load (default: src/index.ts, index.ts, or kora.entry)'],
    ],
    examples: ['kora plugin dev', `kora plugin dev --once --for 1d --ticket 'measure={"place":"Brest"}'`],
    load: async () => (await import('../commands/plugin-dev.ts')).dev,
  },
];
