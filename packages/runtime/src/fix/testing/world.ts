import { fault } from '../../fault/index.ts';
import type { FixEnvelope, ProbeState } from '../contract.ts';

/** What the probe sees, and what is done to it. */
export interface World {
  /** How often the store is away when it is asked for the incident. */
  away: number;
  /** Units that are down; the look names them. */
  readonly down: Set<string>;
  /** Whether the probe can look here at all. */
  isConfigured: boolean;
  /** Whether a restart helps. */
  helps: boolean;
  /** Whether the executor throws. */
  throws: string | null;
  incident: {
    incidentId: number;
    wakeId: string;
    status: 'open' | 'resolved';
    causedBy?: string;
  } | null;
  /** What was done, in order: `restart unit:a`. */
  readonly deeds: string[];
  readonly keys: string[];
}

/** A restart of one unit, as a plugin would bring it. */
export function restart(world: World): FixEnvelope {
  return {
    probe: 'shop',
    fixName: 'restart_unit',
    title: 'restarts the unit',
    mode: 'auto',
    capability: 'cap_autofix',
    limits: { perTargetPerHour: 2 },
    timeoutMs: 10_000,
    verifyMs: 5_000,
    targets: ({ details }) =>
      (details['down'] as string[]).map((unit) => ({ id: `unit:${unit}`, title: `unit ${unit}` })),
    conditions: ({ targets, before }) => [
      { name: 'single_unit_down', holds: targets.length === 1, saw: `${targets.length} are down` },
      {
        name: 'unit_not_active',
        holds: before['active'] === false,
        saw: `active: ${String(before['active'])}`,
      },
    ],
    observe: ({ id }) => Promise.resolve({ active: !world.down.has(id.slice(5)) }),
    execute: ({ id }, { key }) => {
      world.deeds.push(`restart ${id}`);
      world.keys.push(key);
      if (world.throws !== null) return Promise.reject(fault('KORA_INTERNAL', world.throws));
      if (world.helps) world.down.delete(id.slice(5));
      return Promise.resolve();
    },
  };
}

/** What the last look saw. */
export function stateOf({ down, incident, isConfigured }: World): ProbeState {
  const state = {
    name: 'shop',
    kind: 'systemd',
    target: 'units',
    pluginName: 'probes',
    everyMs: 10_000,
    status: isConfigured ? (down.size === 0 ? 'healthy' : 'unhealthy') : 'unconfigured',
    since: '2026-01-01T00:00:00.000Z',
    lastGoodAt: null,
    checkedAt: '2026-01-01T00:00:00.000Z',
    latencyMs: 1,
    error: down.size === 0 ? null : 'down',
    details: { down: [...down] },
    incidentId: incident?.incidentId ?? null,
  };
  return state as unknown as ProbeState;
}
