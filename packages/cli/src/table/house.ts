import { reasonOption } from './contract.ts';
import type { CommandSpec, OptionSpec } from './contract.ts';

const configOption: OptionSpec = [
  '--config <file>',
  'configuration file (default: kora.json of the host project or the home)',
];

/** The commands about the runtime as a whole. */
export const houseCommands: readonly CommandSpec[] = [
  {
    name: 'up',
    summary: 'start the runtime of this home and stay with it',
    options: [
      ['--config <file>', 'configuration file (default: kora.json of the host project or the home)'],
      ['--port <n>', 'port of the API and the cockpit (default 9119; 0 takes a free one)'],
      ['--adopt', 'take a store that holds events and that this home never saw'],
      ['--ephemeral', 'try it: rows in memory, a home of its own, nothing kept'],
      ['--detach', 'start it in the background, wait until it is ready, then return'],
    ],
    examples: [
      'kora up',
      'kora up --detach',
      'kora up --ephemeral --port 0',
      'kora up --config examples/watch-a-service/kora.json',
    ],
    load: async () => (await import('../commands/up.ts')).up,
  },
  {
    name: 'down',
    summary: 'ask the running one to stop and wait until it is gone',
    options: [['--timeout <seconds>', 'how long to wait (default 60)'], reasonOption],
    load: async () => (await import('../commands/down.ts')).down,
  },
  {
    name: 'status',
    summary: 'state, holds, daemons, tickets, probes and chain in one look',
    options: [['--effects', 'also everything that is open, as a tree']],
    examples: ['kora status', 'kora status --json | jq .data.primaryState'],
    load: async () => (await import('../commands/status.ts')).status,
  },
  {
    name: 'health',
    summary: 'can it work, may it work, is it working; exit 1 when it is degraded or out',
    examples: ['kora health', 'kora health --json | jq .data.reason'],
    load: async () => (await import('../commands/health.ts')).health,
  },
  {
    name: 'explain',
    args: ['<what>'],
    summary:
      'why an event happened and what followed; an answer (run:ID), decided again from its record; or what an investigation rests on (incident:N)',
    examples: [
      'kora explain 412',
      'kora explain run:0199f3a2-7c1e-7000-8000-5d1c2b3a4f60',
      'kora explain incident:12',
    ],
    load: async () => (await import('../commands/explain.ts')).explain,
  },
  {
    name: 'boot',
    summary: 'the gates of the last boot, with what each said',
    options: [
      ['--check-only', 'run the gates now, changing nothing; also where no runtime runs'],
      ['--history', 'the boots before, and how each ended'],
    ],
    examples: ['kora boot --check-only && kora up --detach'],
    load: async () => (await import('../commands/boot.ts')).boot,
  },
  {
    name: 'pause',
    summary: 'claim no new work until resumed',
    options: [['--for <span>', 'lift the hold after this long: 30m, 1h'], reasonOption],
    examples: ["kora pause --for 1h --reason 'deploying the database'"],
    load: async () => (await import('../commands/state.ts')).pause,
  },
  {
    name: 'resume',
    summary: 'lift stops and operator holds, or one hold',
    options: [['--hold <id>', 'only this hold'], reasonOption],
    load: async () => (await import('../commands/state.ts')).resume,
  },
  {
    name: 'stop',
    summary:
      'stop Kora, also one that hangs: L1 pause, L2 drain, L3 abort, L4 end the process, L5 and lock it',
    options: [
      ['--level <level>', 'how far', ['L1', 'L2', 'L3', 'L4', 'L5']],
      reasonOption,
      ['--yes', 'do not ask before L4 and L5'],
    ],
    examples: ["kora stop --level L3 --reason 'it works on the wrong thing'"],
    load: async () => (await import('../commands/stop.ts')).stop,
  },
  {
    name: 'control',
    summary: 'stops and holds in force, and what each runtime says came of them',
    examples: ['kora control', 'kora control --json | jq .data.stopLevel'],
    load: async () => (await import('../commands/control.ts')).control,
  },
  {
    name: 'inbox',
    summary: 'what Kora told the operator',
    options: [
      ['--follow', 'go on as they arrive, until Ctrl-C'],
      ['--limit <n>', 'how many to begin with (default 20)'],
    ],
    load: async () => (await import('../commands/inbox.ts')).inbox,
  },
  {
    name: 'cockpit',
    summary: 'a single-use link to the cockpit',
    options: [
      ['--no-open', 'print it, open no browser'],
      ['--read-only', 'the page may look, and do nothing'],
      ['--scopes <list>', 'what it may: some of read,operate,approve,stop,admin (default: all)'],
      ['--device <name>', 'what to call it in the list of sessions (default: what the browser says)'],
      ['--for <span>', 'how long the link is good: 1s to 15m (default 2m)'],
    ],
    examples: ['kora cockpit', "kora cockpit --no-open --read-only --device 'the wall'"],
    load: async () => (await import('../commands/cockpit.ts')).cockpit,
  },
  {
    name: 'cockpit sessions',
    summary: 'who is signed in, and who was turned away',
    examples: ['kora cockpit sessions --json | jq .data.refused'],
    load: async () => (await import('../commands/cockpit.ts')).sessions,
  },
  {
    name: 'cockpit revoke',
    args: ['[session]'],
    summary: 'sign a page or a device out at once, or all of them',
    options: [['--all', 'everybody who is signed in'], reasonOption],
    examples: ['kora cockpit revoke 3f9a1c2b44d0', 'kora cockpit revoke --all'],
    load: async () => (await import('../commands/cockpit.ts')).revoke,
  },
  {
    name: 'doctor',
    summary: 'what is wrong with this machine, home, configuration or runtime; exit 1 on an error',
    options: [
      ['--lint', 'the findings alone, nothing about what is well'],
      [
        '--severity-min <severity>',
        'exit 1 from this severity on (default error)',
        ['info', 'warning', 'error'],
      ],
      ['--config <file>', 'configuration file to check'],
      ['--census', 'every way out of the process, and what admits it'],
    ],
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    name: 'backup',
    summary: 'a consistent copy of store, keys and configuration, also while the runtime runs',
    options: [['--out <folder>', 'a new folder; it will hold secrets']],
    examples: ['kora backup --out /backups/kora-monday'],
    load: async () => (await import('../commands/backup.ts')).backup,
  },
  {
    name: 'restore',
    args: ['<folder>'],
    summary: 'make a home from a backup, proved against its checksums and chain ends',
    options: [
      ['--force', 'move a home that is there aside'],
      ['--url <url>', 'restore into this empty PostgreSQL; also env:NAME or file:PATH'],
    ],
    examples: ['kora restore /backups/kora-monday --home ~/.kora-restored'],
    load: async () => (await import('../commands/backup.ts')).restore,
  },
  {
    name: 'config get',
    args: ['[key]'],
    summary: 'the configuration, key by key, or the value of one; secrets by name alone',
    options: [configOption, ['--said', 'only what somebody said']],
    examples: ['kora config get alerts', 'kora config get alerts.burst'],
    load: async () => (await import('../commands/config-get.ts')).get,
  },
  {
    name: 'config explain',
    args: ['<key>'],
    summary:
      'what a key is about: its value, who said it, its bounds, what a change takes, where it is written',
    options: [configOption],
    load: async () => (await import('../commands/config-get.ts')).explain,
  },
  {
    name: 'config set',
    args: ['<key>', '<value>'],
    summary: 'write a key into kora.json, checked whole first; what is hot is in force at once',
    options: [reasonOption, configOption],
    examples: [
      "kora config set alerts.burst 8 --reason 'a long night'",
      'kora config set alerts.cooldownSeconds 30m',
      'kora config set messages.channels slack,inbox',
      'kora config set store.url env:MY_DATABASE',
    ],
    load: async () => (await import('../commands/config-set.ts')).set,
  },
  {
    name: 'config unset',
    args: ['<key>'],
    summary: 'take a key out of kora.json, so that its default holds',
    options: [reasonOption, configOption],
    load: async () => (await import('../commands/config-set.ts')).unset,
  },
  {
    name: 'config validate',
    summary: 'read the configuration and name every key that is wrong',
    options: [configOption],
    load: async () => (await import('../commands/config.ts')).validate,
  },
  {
    name: 'completion',
    args: ['<shell>'],
    summary: 'a completion script for bash, zsh or fish',
    examples: ['kora completion bash > ~/.local/share/bash-completion/completions/kora'],
    load: async () => (await import('../commands/completion.ts')).completion,
  },
];
