import type { ClaimPermission, DegradationReason, Hold, PrimaryState } from '../state/index.ts';

/**
 * What the rollup is told, read just now. Null is "not known": it was asked and not answered. Durations are
 * milliseconds, by the clock of whoever knows best: the database's for rows, this process's for itself.
 */
export interface Readings {
  readonly state: StateReading;
  readonly storeAnswers: boolean;
  /** How long events have waited on the stage beyond what is normal; null when sealing keeps up. */
  readonly sealStaleMs: number | null;
  readonly unsealed: number | null;
  readonly chain: ChainReading;
  /** Loud events that wait in the home for the store, and those that found no room there. */
  readonly spool: { readonly waiting: number; readonly lost: number };
  readonly daemons: { readonly running: number; readonly failed: readonly string[] };
  /** Null when no keeper runs beside this runtime. */
  readonly keeper: { readonly silentForMs: number } | null;
  /** Registered service tokens, as they last answered; null when nobody asked them yet. */
  readonly tokens: readonly TokenReading[] | null;
  readonly spend: SpendReading | null;
  /** Since this runtime's newest event; null also when it is too far back to look for. */
  readonly sinceWriteMs: number | null;
  readonly work: WorkReading | null;
  readonly lateTasks: readonly string[] | null;
  /** Channels that should listen and do not, here. */
  readonly deafChannels: readonly string[];
  readonly probes: readonly ProbeReading[] | null;
  /** How often `kora.health.probe` is due. */
  readonly cadenceMs: number;
}

export interface StateReading {
  readonly primaryState: PrimaryState;
  readonly claimPermission: ClaimPermission;
  readonly degradationReasons: readonly DegradationReason[];
  readonly holds: readonly Pick<Hold, 'holdId' | 'cause' | 'reason'>[];
  readonly stopLevel: number;
  /** What the stopping transition gave as its cause. */
  readonly stopCause: string | null;
}

export interface ChainReading {
  readonly verifiedThrough: number;
  /** In words, naming the event; null while all that was looked at proves. */
  readonly damage: string | null;
}

export interface TokenReading {
  readonly name: string;
  readonly state: 'ok' | 'expiring' | 'refused' | 'unavailable';
  /** Null for one that knows no end, as those of the environment. */
  readonly endsInMs: number | null;
}

export interface SpendReading {
  readonly rung: string;
  readonly spentUsd: number;
  readonly poolUsd: number;
}

export interface WorkReading {
  /** Leases held by this runtime. */
  readonly live: number;
  /** Tickets that could be claimed now and that a handler of this runtime takes. */
  readonly waiting: number;
  readonly oldestWaitingMs: number | null;
  readonly sinceBeatMs: number | null;
  readonly sinceResolveMs: number | null;
}

export interface ProbeReading {
  readonly name: string;
  readonly everyMs: number;
  /** Since its last look, or since it was registered when it never looked. */
  readonly sinceLookMs: number | null;
}
