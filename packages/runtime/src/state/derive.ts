export const primaryStates = ['booting', 'ready', 'active', 'paused', 'stopped'] as const;
export type PrimaryState = (typeof primaryStates)[number];

export const claimPermissions = ['none', 'critical_only', 'normal'] as const;
export type ClaimPermission = (typeof claimPermissions)[number];

export const degradationReasons = [
  'cost',
  'auth',
  'dispatch',
  'substrate',
  'migration',
  'operator',
  'token_expiring',
  'retry_ceiling',
] as const;
export type DegradationReason = (typeof degradationReasons)[number];

export type HoldCause = 'operator' | 'cost' | 'dr' | 'chain';

export interface Hold {
  readonly holdId: number;
  readonly cause: HoldCause;
  readonly owner: string;
  readonly reason: string;
  readonly since: string;
  readonly expiresAt: string | null;
  /** What its cause has to say in an event of its own: epochs, figures. */
  readonly particulars?: Readonly<Record<string, unknown>> | null;
  /** The events that say that it was placed, and cleared. */
  readonly addedEvent?: string | null;
  readonly clearedEvent?: string | null;
}

/** Everything the state follows from. Holds are the workspace's; boot and claims are this runtime's. */
export interface StateInputs {
  readonly boot: 'running' | 'passed' | 'failed';
  /** Open holds that have not expired. */
  readonly holds: readonly Hold[];
  /** The highest stop command in force, 0 to 5. */
  readonly stopLevel: number;
  /** A kill that this very process is carrying out. */
  readonly killed: boolean;
  /** Leases held now. */
  readonly liveClaims: number;
  /** Checks that fail now, by the reason they degrade. */
  readonly failing: ReadonlySet<DegradationReason>;
}

export interface DerivedState {
  readonly primaryState: PrimaryState;
  readonly claimPermission: ClaimPermission;
  /** Sorted. Empty means not degraded. */
  readonly degradationReasons: readonly DegradationReason[];
}

/** The only way a state comes about: nobody sets one. */
export function derive(inputs: StateInputs): DerivedState {
  return {
    primaryState: primaryStateOf(inputs),
    claimPermission: claimPermissionOf(inputs),
    degradationReasons: [...inputs.failing].sort(),
  };
}

function primaryStateOf({ boot, holds, stopLevel, killed, liveClaims }: StateInputs): PrimaryState {
  if (boot === 'failed' || killed) return 'stopped';
  if (boot === 'running')
    return holds.some(({ cause }) => cause === 'dr' || cause === 'chain') ? 'paused' : 'booting';
  if (holds.length > 0 || stopLevel > 0) return 'paused';
  return liveClaims > 0 ? 'active' : 'ready';
}

const criticalOnly: readonly DegradationReason[] = ['dispatch', 'substrate', 'auth', 'retry_ceiling'];

function claimPermissionOf({ boot, holds, stopLevel, killed, failing }: StateInputs): ClaimPermission {
  if (boot !== 'passed' || killed || holds.length > 0 || stopLevel > 0) return 'none';
  return criticalOnly.some((reason) => failing.has(reason)) ? 'critical_only' : 'normal';
}
