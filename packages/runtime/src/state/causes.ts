import { z } from 'zod';
import type { PrimaryState } from './derive.ts';

/** Who may raise a cause. */
export type CauseRole = 'boot' | 'worker' | 'operator' | 'chain';

interface CauseRow {
  readonly role: CauseRole;
  /** What the transition event says in `trigger`. */
  readonly trigger: string;
  /** At most one more event, raised only on exactly this edge. */
  readonly extra?: { readonly from: PrimaryState; readonly to: PrimaryState; readonly type: string };
  readonly detail: z.ZodType<Readonly<Record<string, unknown>>>;
}

const none = z.strictObject({});
const gate = z.strictObject({ gate_id: z.string(), detail: z.string() });
const hold = z.strictObject({ hold_id: z.number(), hold_cause: z.string(), reason: z.string() });

/**
 * Why a state may change: the closed list. The target is not in it, since only `derive` says what the state is; tests,
 * docs/operational-state.md and its diagram are made from this table.
 */
const causes = {
  'boot.passed': {
    role: 'boot',
    trigger: 'all §9.2 gates pass',
    extra: { from: 'booting', to: 'ready', type: 'kora.boot.ready' },
    detail: z.strictObject({ boot_id: z.number(), elapsed_ms: z.number() }),
  },
  'boot.retrying': { role: 'boot', trigger: 'transient gate failure', detail: gate },
  'boot.failed': {
    role: 'boot',
    trigger: 'invariant gate failure, or retry budget exhausted',
    extra: { from: 'booting', to: 'stopped', type: 'kora.boot.failed' },
    detail: gate,
  },
  'claim.acquired': { role: 'worker', trigger: 'claim acquired', detail: none },
  'claim.released': { role: 'worker', trigger: 'claim released', detail: none },
  'claim.lease_lost': { role: 'worker', trigger: 'claim released', detail: none },
  'hold.added': { role: 'operator', trigger: 'hold added', detail: hold },
  'hold.cleared': { role: 'operator', trigger: 'operator clears via control reset', detail: hold },
  'check.failed': { role: 'chain', trigger: 'check failed', detail: z.strictObject({ check: z.string() }) },
  'check.recovered': {
    role: 'chain',
    trigger: 'check recovered',
    detail: z.strictObject({ check: z.string() }),
  },
} as const satisfies Record<string, CauseRow>;

export type Cause = keyof typeof causes;

/** The table, for whoever walks it. */
export const causeTable: Readonly<Record<Cause, CauseRow>> = causes;
