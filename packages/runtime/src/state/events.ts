import { z } from 'zod';
import { eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { claimPermissions, degradationReasons, primaryStates } from './derive.ts';

const transition = z.object({
  from_primary_state: z.enum(primaryStates),
  to_primary_state: z.enum(primaryStates),
  claim_permission: z.enum(claimPermissions),
  degradation_reasons: z.array(z.enum(degradationReasons)),
  trigger: z.string(),
  cause: z.string(),
  runtime_id: z.string(),
  n: z.number(),
  note: z.string().optional(),
});

export const transitioned: EventType<z.infer<typeof transition>> = eventType(
  'kora.operational_state.transitioned',
  'Primary state, claim permission or degradation reasons became something else.',
  transition,
);

const ready = z.object({ boot_id: z.number(), elapsed_ms: z.number() });
export const bootReady: EventType<z.infer<typeof ready>> = eventType(
  'kora.boot.ready',
  'All boot gates passed; the runtime went from booting to ready.',
  ready,
);

const failed = z.object({ gate_id: z.string(), detail: z.string() });
export const bootFailed: EventType<z.infer<typeof failed>> = eventType(
  'kora.boot.failed',
  'An invariant gate said no, or a transient one never passed; the runtime stopped.',
  failed,
);

const hold = z.object({ hold_id: z.number(), hold_cause: z.string(), owner: z.string(), reason: z.string() });
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

const drift = z.object({ observed_epoch: z.number(), known_epoch: z.number() });
export const drObserved: EventType<z.infer<typeof drift>> = eventType(
  'kora.dr.observed',
  'The store is not in the life that this home accepted last: it was restored, rolled back or raised by hand.',
  drift,
);

export const stateEvents: readonly EventType[] = [
  transitioned,
  bootReady,
  bootFailed,
  holdAdded,
  holdCleared,
  drObserved,
];
