import type { DerivedState } from '../state/index.ts';

/** Every way out of the house. A new one is a new row here, or it is a leak. */
export const doors = [
  'claim',
  'periodic_task_observe',
  'periodic_task_act',
  'outbound_operator',
  'plugin_load',
] as const;
export type Door = (typeof doors)[number];

export type Admission =
  | { readonly allow: true }
  | { readonly allow: false; readonly blockKind: 'state' | 'permission'; readonly cause: string };

export interface AdmissionContext {
  /** For `claim`: a critical ticket passes while the runtime is merely degraded. */
  readonly critical?: boolean;
}

type Rule = (state: DerivedState, context: AdmissionContext) => Admission;

const yes: Admission = { allow: true };
const until: Rule = ({ primaryState }) =>
  primaryState === 'stopped' ? { allow: false, blockKind: 'state', cause: 'stopped' } : yes;
const whileWorking: Rule = ({ primaryState }) =>
  primaryState === 'ready' || primaryState === 'active'
    ? yes
    : { allow: false, blockKind: 'state', cause: primaryState };

/** DOMAIN §1's table for the doors that exist; tests are generated from it. */
export const doorTable: Readonly<Record<Door, Rule>> = {
  claim: ({ claimPermission, primaryState }, { critical = false }) => {
    if (claimPermission === 'normal' || (claimPermission === 'critical_only' && critical)) return yes;
    return {
      allow: false,
      blockKind: 'permission',
      cause: claimPermission === 'none' ? primaryState : claimPermission,
    };
  },
  periodic_task_observe: until,
  periodic_task_act: whileWorking,
  // The operator is told while paused, and while stopping: silence is never an answer.
  outbound_operator: () => yes,
  plugin_load: until,
};

/** The one door: allow, or deny with its cause. */
export function admit(door: Door, state: DerivedState, context: AdmissionContext = {}): Admission {
  // Plugins come from JavaScript too: what is no door is closed.
  if (!Object.hasOwn(doorTable, door))
    return { allow: false, blockKind: 'permission', cause: 'unknown_door' };
  return doorTable[door](state, context);
}
