import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What is installed: looked at, changed, and let in. */
export const pluginCommands: readonly CommandSpec[] = [
  {
    name: 'plugin list',
    summary: 'plugins, running or only indexed',
    load: async () => (await import('../commands/plugin.ts')).list,
  },
  {
    name: 'plugin show',
    args: ['<id>'],
    summary: 'what one plugin declares and what it registered',
    load: async () => (await import('../commands/plugin.ts')).show,
  },
  {
    name: 'plugin why',
    args: ['<id>'],
    summary: 'why it is in the state it is in, or not there, what was looked at, and what mends it',
    load: async () => (await import('../commands/plugin-why.ts')).why,
  },
  {
    name: 'plugin config',
    args: ['<id>'],
    summary:
      'how one plugin is configured: values and where they come from, secrets by name, schema; --set writes',
    options: [
      [
        '--set <key=value...>',
        'write this key into its block of kora.json and start it with that; JSON or text',
      ],
      ['--unset <key...>', 'take this key out of the block'],
      reasonOption,
    ],
    examples: [
      'kora plugin config probes',
      "kora plugin config tides --set place=Brest --set everyMs=5000 --reason 'a new station'",
    ],
    load: async () => (await import('../commands/plugin-config.ts')).config,
  },
  {
    name: 'plugin add',
    args: ['<package>'],
    summary: "install a plugin with the host project's own package manager; a running runtime takes it in",
    examples: ['kora plugin add @kora/plugin-marvin', 'kora plugin add kora-plugin-tide@^2'],
    load: async () => (await import('../commands/plugin-install.ts')).add,
  },
  {
    name: 'plugin remove',
    args: ['<id>'],
    summary: 'remove its package from the host project; what it kept stays until it is purged',
    options: [['--purge', 'also what it keeps in the store, for good'], reasonOption],
    load: async () => (await import('../commands/plugin-install.ts')).remove,
  },
  {
    name: 'plugin sync',
    summary: 'look at once at what is installed; what did not come up is tried again',
    load: async () => (await import('../commands/plugin-sync.ts')).sync,
  },
  {
    name: 'plugin approve',
    args: ['<id>'],
    summary: 'let in the version that asks for more capabilities than were approved',
    options: [reasonOption],
    examples: ["kora plugin approve tide --reason 'it may send mail now'"],
    load: async () => (await import('../commands/plugin-sync.ts')).approve,
  },
];
