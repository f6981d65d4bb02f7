/** What a boot degrades while a gate of its kind has trouble. */
export type GateReason =
  | 'cost'
  | 'auth'
  | 'dispatch'
  | 'substrate'
  | 'migration'
  | 'operator'
  | 'token_expiring'
  | 'retry_ceiling';

/** What a plugin's gate found. `unavailable`: an outside service did not answer, which is not a no. */
export interface BootGateAnswer {
  readonly outcome: 'pass' | 'fail' | 'unavailable';
  /** One sentence of evidence. */
  readonly detail: string;
  /** The one step that mends a no. */
  readonly fix?: string;
}

/** A check that a trusted plugin adds to every boot, after those of the runtime and before the smoke test. */
export interface BootGateSpec {
  /** Of this plugin; the runtime writes its id before it. */
  readonly gateId: string;
  readonly title: string;
  /** `transient`: a no is tried five times. `invariant`: one no stops the boot. `invariant_pause`: a no is a hold. */
  readonly gateClass: 'transient' | 'invariant' | 'invariant_pause';
  /** Milliseconds one try may take, at most 60 000; default 10 000. */
  readonly deadlineMs?: number;
  /** What the runtime is degraded by while this gate is retried or cannot know; default `dispatch`. */
  readonly reason?: GateReason;
  /** A throw is a no. The signal aborts at the deadline. */
  run(signal: AbortSignal): Promise<BootGateAnswer>;
}

/** How a service answered when it was asked whether it still takes a token. Never holds the token. */
export interface ServiceTokenAnswer {
  /** `refused`: the service said no. `unavailable`: it did not answer, so nothing is known. */
  readonly state: 'ok' | 'refused' | 'unavailable';
  /** One sentence for the operator. */
  readonly detail: string;
  /** ISO 8601, where the service tells. */
  readonly expiresAt?: string;
}

/** A token of an outside service that is asked about at every boot, and from time to time while the runtime runs. */
export interface ServiceTokenSpec {
  /** What the operator knows it as: `slack`. */
  readonly name: string;
  /** Asks the service itself, within 5 seconds; a throw counts as no answer. */
  check(signal: AbortSignal): Promise<ServiceTokenAnswer>;
}
