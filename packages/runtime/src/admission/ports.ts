import type { DerivedState, StateInputs } from '../state/index.ts';
import type { DenyCause, Door, DoorContexts, GatedCall, HeldClaim } from './contract.ts';

/** The state as it is this instant. The roof merges into it what the keeper's thread saw first. */
export interface AdmissionState {
  readonly inputs: StateInputs;
  readonly derived: DerivedState;
}

/** Holds the estimate of one model call against the pool, or says why not. A repeated call id answers the first result. */
export interface BudgetPort {
  reserve(request: DoorContexts['model_call']): Promise<
    | { readonly ok: true; readonly reserved: number }
    | {
        readonly ok: false;
        readonly cause: 'budget_spent' | 'budget_unknown' | 'budget_paced';
        /** What had no room. */
        readonly scope?: string | undefined;
      }
  >;
  /** Takes back a reservation whose call was refused after all; the call never happened. */
  release?(callId: string): Promise<void>;
}

/** Says whether a caller may do one thing once. */
export interface CapabilityPort {
  check(
    request: GatedCall & { /** `tool:`, `fix:` or `channel:` and its name. */ readonly what: string },
  ): Promise<
    | { readonly verdict: 'granted' }
    | {
        readonly verdict: 'denied';
        readonly cause: 'capability_denied' | 'capability_unmapped' | 'approval_refused';
      }
    | { readonly verdict: 'ask'; readonly approvalId: number }
  >;
}

export interface Refused {
  readonly door: Door | 'unknown';
  readonly cause: DenyCause;
  readonly caller: string;
}

/** Takes each refusal; answers at once and never throws. */
export interface RefusalSink {
  refused(refusal: Refused): void;
}

export interface AdmissionOptions {
  readonly state: () => AdmissionState;
  /** Whether this very claim is held by this runtime now. Nothing is claimed during a block, so what is held was held before. */
  readonly holdsClaim: (claim: HeldClaim) => boolean;
  /** Whether service secrets are out of reach: then whatever needs one is closed. */
  readonly locked?: () => boolean;
  readonly budget: BudgetPort;
  readonly capabilities: CapabilityPort;
  readonly refused: RefusalSink;
  readonly onError: (where: string, error: unknown) => void;
}

/** Until somebody counts spend, no amount is known to be there. */
export const noBudget: BudgetPort = {
  reserve: () => Promise.resolve({ ok: false, cause: 'budget_unknown' }),
};

/** Until there is a matrix, nothing is in it. */
export const noCapabilities: CapabilityPort = {
  check: () => Promise.resolve({ verdict: 'denied', cause: 'capability_unmapped' }),
};
