import type { Snapshot } from '@kora/runtime/client';
import { before, daemonRow, pluginRow, taskRow } from './rows.ts';

/** The moving parts of the staged house. */

export function daemons(): Snapshot['daemons'] {
  return [
    daemonRow({ name: 'sealer', fatal: true, startMs: 8 }),
    daemonRow({ name: 'scheduler', fatal: true, startMs: 3, dependsOn: ['sealer'] }),
    daemonRow({ name: 'claim-loop', dependsOn: ['sealer'], startMs: 14 }),
    daemonRow({ name: 'outbox', dependsOn: ['sealer'], startMs: 6 }),
    daemonRow({ name: 'wake-consumer', startMs: 5, dependsOn: ['outbox'] }),
    daemonRow({
      name: 'probes',
      pluginName: 'probes',
      startMs: 21,
      tasks: ['probes.disk', 'probes.memory', 'probes.shop'],
    }),
    daemonRow({
      name: 'mirror-sync',
      pluginName: 'mirror-watch',
      state: 'failed',
      startedAt: null,
      startMs: null,
      restarts: 3,
      fatalIgnored: true,
      error: 'listen EADDRINUSE: address already in use 127.0.0.1:9300',
    }),
  ];
}

export function tasks(): Snapshot['tasks'] {
  return [
    taskRow({
      name: 'probes.shop',
      cadence: 'every 5 s',
      lastRunAt: before(2),
      nextDueAt: before(-3),
      lastDurationMs: 4,
      runs: 1_610,
    }),
    taskRow({ name: 'probes.disk' }),
    taskRow({
      name: 'probes.memory',
      cadence: 'every 30 s',
      lastRunAt: before(11),
      nextDueAt: before(-19),
      lastDurationMs: 0.4,
    }),
    taskRow({
      name: 'chain.checkpoint',
      daemon: 'sealer',
      pluginName: 'kora',
      cadence: 'every 60 s',
      purpose: 'observe',
      scope: 'fleet',
      lastRunAt: before(31),
      nextDueAt: before(-29),
      lastDurationMs: 18,
    }),
    taskRow({
      name: 'tickets.reap',
      daemon: 'claim-loop',
      pluginName: 'kora',
      cadence: 'every 15 s',
      lastOutcome: 'noop',
      lastRunAt: before(7),
      nextDueAt: before(-8),
      lastDurationMs: 2,
      scope: 'fleet',
    }),
    taskRow({
      name: 'mirror.compare',
      daemon: 'mirror-sync',
      pluginName: 'mirror-watch',
      cadence: '*/10 * * * * UTC',
      purpose: 'act',
      scope: 'fleet',
      lastRunAt: before(1_250),
      lastOutcome: 'failed',
      lastDurationMs: 31_200,
      lastError: 'mirror.example answered 503 to the third try',
      nextDueAt: before(50),
      late: true,
      failures: 4,
      runs: 12,
    }),
    taskRow({
      name: 'reports.nightly',
      daemon: null,
      pluginName: 'reports',
      cadence: '0 3 * * * Europe/Berlin',
      purpose: 'act',
      scope: 'fleet',
      lastRunAt: null,
      lastOutcome: null,
      lastDurationMs: null,
      nextDueAt: before(-50_149),
      runs: 0,
    }),
  ];
}

export function plugins(): Snapshot['plugins'] {
  return [
    pluginRow({
      id: 'cockpit',
      packageName: '@kora/cockpit',
      contributes: { mounts: ['/'] },
      registered: { mounts: ['/'] },
    }),
    pluginRow({
      id: 'marvin',
      packageName: '@kora/plugin-marvin',
      contributes: { identities: ['marvin'] },
      registered: { identities: ['marvin'] },
    }),
    pluginRow(),
    pluginRow({
      id: 'mirror-watch',
      packageName: 'mirror-watch',
      version: '2.3.1',
      origin: 'host',
      trusted: false,
      isolation: 'process',
      state: 'degraded',
      pid: 4310,
      reason: {
        code: 'KORA_DAEMON_START',
        message: 'Daemon mirror-sync did not start: listen EADDRINUSE 127.0.0.1:9300.',
        fix: 'kora daemon restart mirror-sync',
      },
      capabilities: ['cap_read_runtime', 'cap_web_fetch'],
      approved: {
        version: '2.2.0',
        capabilities: ['cap_read_runtime'],
        by: 'operator',
        reason: 'it watches the mirror',
        at: before(900_000),
      },
      pending: {
        version: '2.4.0',
        digest: 'e2'.repeat(32),
        outcome: 'parked',
        reason: {
          code: 'capabilities_grown',
          message: 'It asks for more than was agreed to: cap_web_fetch.',
        },
      },
      contributes: { daemons: ['mirror-sync'], tasks: ['mirror.compare'], probes: ['mirror'] },
      registered: { tasks: ['mirror.compare'], probes: ['mirror'] },
    }),
    pluginRow({
      id: 'old-pager',
      packageName: 'old-pager',
      version: '0.3.0',
      origin: 'host',
      trusted: false,
      isolation: null,
      state: 'incompatible',
      reason: {
        code: 'KORA_PLUGIN_INVALID',
        message: 'It asks for plugin contract 0; this runtime speaks 1.',
        fix: 'pnpm up old-pager',
      },
      contributes: { channels: ['pager'] },
      registered: {},
    }),
  ];
}
