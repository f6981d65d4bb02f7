import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';

/** Who may work tickets from a process of its own. */
export const workerCommands: readonly CommandSpec[] = [
  {
    name: 'worker add',
    args: ['<name>'],
    summary: 'make a token with which another process may work tickets; it is shown this once',
    options: [
      ['--kind <kind...>', 'tickets of this kind, and of no other; give it again for more'],
      ['--expires <span>', 'until the token is over by itself (default 90d)'],
      ['--reason <text>', 'why; it is written on the chain (default: that a worker of that name is wanted)'],
    ],
    examples: ['kora worker add mailroom --kind mail --kind fax --expires 30d'],
    load: async () => (await import('../commands/worker.ts')).add,
  },
  {
    name: 'worker list',
    summary: 'tokens of workers, and what is held with each',
    options: [['--all', 'also those that ran out or were revoked']],
    load: async () => (await import('../commands/worker.ts')).list,
  },
  {
    name: 'worker revoke',
    args: ['<worker>'],
    summary: 'take a token back, by its number or the name of its worker; what it holds is claimable again',
    options: [reasonOption],
    load: async () => (await import('../commands/worker.ts')).revoke,
  },
];
