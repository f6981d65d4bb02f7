import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** What is watched. */
export const probeCommands: readonly CommandSpec[] = [
  {
    name: 'probe list',
    summary: 'probes and what they last saw',
    load: async () => (await import('../commands/probe.ts')).list,
  },
  {
    name: 'probe show',
    args: ['<name>'],
    summary: 'one probe: its last look, latency and failures over time, availability over windows',
    options: [['--since <span>', 'how far back the lines go; default 24h']],
    load: async () => (await import('../commands/probe-show.ts')).show,
  },
  {
    name: 'probe run',
    args: ['<name>'],
    summary: 'probe now; exit 1 when it finds it unhealthy or unreachable',
    load: async () => (await import('../commands/probe.ts')).run,
  },
  {
    name: 'probe add',
    args: ['<kind>', '[target]'],
    summary: 'watch one thing more: writes it into kora.json, looks once and says what it saw',
    options: [
      ['--name <name>', 'what it is called; default from the target'],
      ['--every <span>', 'how often it is looked at'],
      ['--timeout <span>', 'how long one look may take'],
      ['--consecutive <n>', 'looks in a row that open and end an incident'],
      ['--severity <severity>', 'how bad it is when it fails', ['critical', 'warning', 'info']],
      ['--depends-on <probe...>', 'probes without which this one cannot be well'],
      ['--set <key=value...>', 'any other key of that kind; JSON or text'],
      reasonOption,
    ],
    examples: [
      'kora probe add http https://shop.example/health --set bodyIncludes=ok --every 15s',
      'kora probe add tls mail.example:993',
      'kora probe add postgres postgres://kora@db.example/orders --set password=file:/run/secrets/orders',
      'kora probe add fly shop,api --depends-on orders',
    ],
    load: async () => (await import('../commands/probe-config.ts')).add,
  },
  {
    name: 'probe page',
    summary: 'write a status page to publish: index.html and status.json, without hosts and errors',
    options: [
      ['--out <folder>', 'where they are put; made if it is not there'],
      ['--title <text>', 'what stands above it; default Status'],
      ['--history <days>', 'how many days back; default 90'],
      ['--group <name=probes...>', 'only these, under this name; again for each group'],
      ['--details', 'with hosts, what was measured and what went wrong: not for everybody'],
    ],
    examples: [
      "kora probe page --out public --title 'Shop status'",
      "kora probe page --out public --group 'Shop=shop,checkout' --group 'Mail=smtp,imap'",
    ],
    load: async () => (await import('../commands/probe-page.ts')).page,
  },
  {
    name: 'probe remove',
    args: ['<name>'],
    summary: 'watch it no more: takes it out of kora.json',
    options: [reasonOption],
    load: async () => (await import('../commands/probe-config.ts')).remove,
  },
];
