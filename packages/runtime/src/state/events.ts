import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { claimPermissions, degradationReasons, primaryStates } from './derive.ts';

const transition = classified({
  public: {
    from_primary_state: z.enum(primaryStates),
    to_primary_state: z.enum(primaryStates),
    claim_permission: z.enum(claimPermissions),
    degradation_reasons: z.array(z.enum(degradationReasons)),
    trigger: z.string(),
    cause: z.string(),
    runtime_id: z.string(),
    n: z.number(),
  },
  internal: { note: z.string().optional() },
});

export const transitioned: EventType<z.infer<typeof transition>> = eventType(
  'kora.operational_state.transitioned',
  'Primary state, claim permission or degradation reasons became something else.',
  transition,
  { loud: true },
);

const ready = classified({ public: { boot_id: z.number(), elapsed_ms: z.number() } });
export const bootReady: EventType<z.infer<typeof ready>> = eventType(
  'kora.boot.ready',
  'All boot gates passed; the runtime went from booting to ready.',
  ready,
  { loud: true },
);

const failed = classified({ public: { gate_id: z.string() }, internal: { detail: z.string() } });
export const bootFailed: EventType<z.infer<typeof failed>> = eventType(
  'kora.boot.failed',
  'An invariant gate said no, or a transient one never passed; the runtime stopped.',
  failed,
  { loud: true },
);

const hold = classified({
  public: { hold_id: z.number(), hold_cause: z.string(), expires_at: z.string().nullable().optional() },
  internal: { owner: z.string(), reason: z.string() },
});
export const holdAdded: EventType<z.infer<typeof hold>> = eventType(
  'kora.hold.added',
  'A hold was placed: nothing new is claimed until it is cleared or expires.',
  hold,
);
export const holdCleared: EventType<z.infer<typeof hold>> = eventType(
  'kora.hold.cleared',
  'A hold was cleared, by its owner or the operator.',
  hold,
);

const drift = classified({ public: { observed_epoch: z.number(), known_epoch: z.number() } });
export const drObserved: EventType<z.infer<typeof drift>> = eventType(
  'kora.dr.observed',
  'The store is not in the life that this home accepted last: it was restored, rolled back or raised by hand.',
  drift,
  { loud: true },
);

const backup = classified({
  public: {
    rows: z.number(),
    /** On disk, packed. */
    bytes: z.number(),
    epoch: z.number(),
    /** Where the copy of this workspace's chain ends. */
    chain_seq: z.number(),
    chain_hash: z.string(),
  },
  internal: { directory: z.string() },
});
export const backupMade: EventType<z.infer<typeof backup>> = eventType(
  'kora.backup.made',
  'A running house was copied: store, keys and configuration, into a folder of the machine of its runtime.',
  backup,
);

const costLimit = classified({ public: { spent_usd: z.number(), pool_usd: z.number() } });
export const pausedAtCostLimit: EventType<z.infer<typeof costLimit>> = eventType(
  'kora.paused.cost_limit',
  'The spend of the period reached its pool: everything that costs is held until the operator or the next period.',
  costLimit,
  { loud: true },
);

const command = {
  command_id: z.uuid(),
  sequence: z.number(),
  level: z.number(),
  kind: z.enum(['reset', 'pause', 'drain', 'abort', 'kill']),
};

const issued = classified({
  public: {
    ...command,
    issuer_kind: z.enum(['operator', 'mcp', 'plugin']),
    via: z.enum(['api', 'sentinel', 'watchdog']),
    expires_at: z.string().nullable(),
  },
  internal: { issuer_actor: z.string(), reason: z.string() },
});
export const controlIssued: EventType<z.infer<typeof issued>> = eventType(
  'kora.control.issued',
  'A stop command, or the reset that ends all of them, was given.',
  issued,
);

const superseded = classified({ public: { ...command, superseded_by: z.number() } });
export const controlSuperseded: EventType<z.infer<typeof superseded>> = eventType(
  'kora.control.superseded',
  'A stop command is no longer in force: an operator reset it.',
  superseded,
);

const acknowledged = classified({ public: { ...command, runtime_id: z.uuid(), after_ms: z.number() } });
export const controlAcknowledged: EventType<z.infer<typeof acknowledged>> = eventType(
  'kora.control.acknowledged',
  'A runtime lets nothing new through, as a stop command tells it.',
  acknowledged,
);

const enforced = classified({
  public: {
    ...command,
    runtime_id: z.uuid(),
    after_ms: z.number(),
    claims_released: z.number(),
    claims_held: z.number(),
    calls_refused: z.number(),
  },
});
export const controlEnforced: EventType<z.infer<typeof enforced>> = eventType(
  'kora.control.enforced',
  'A stop command has had its effect on a runtime; the figures are rows that were counted at that moment.',
  enforced,
);

export const stateEvents: readonly EventType[] = [
  transitioned,
  bootReady,
  bootFailed,
  holdAdded,
  holdCleared,
  drObserved,
  backupMade,
  pausedAtCostLimit,
  controlIssued,
  controlSuperseded,
  controlAcknowledged,
  controlEnforced,
];
