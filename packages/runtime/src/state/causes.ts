import { z } from 'zod';
import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { DegradationReason, HoldCause, PrimaryState } from './derive.ts';
import { bootFailed, bootReady, drObserved, pausedAtCostLimit } from './events.ts';
import { fewerHolds, fewerReasons, moreHolds, moreReasons } from './guards.ts';
import type { Guard } from './guards.ts';

/** Who may raise a cause. */
export const causeRoles = ['boot', 'worker', 'operator', 'chain', 'spend', 'control'] as const;
export type CauseRole = (typeof causeRoles)[number];

/** One more event, raised only on exactly this edge. */
interface Extra<Detail> {
  readonly from: PrimaryState | 'any';
  readonly to: PrimaryState;
  readonly type: string;
  raise(detail: Detail): EventDraft;
}

interface CauseRow<Detail extends object = object> {
  readonly role: CauseRole;
  /** What it may change, in words: for docs/operational-state.md. */
  readonly changes: string;
  /** What it may change of the inputs, and how; a field without a rule stays as it is. */
  readonly guard: Guard;
  /** What the transition event says in `trigger`; a text of ours, since the event is public. */
  trigger(detail: Detail | undefined): string;
  readonly extra?: Extra<Detail>;
  readonly detail: z.ZodType<Detail>;
}

function row<Detail extends object>(of: CauseRow<Detail>): CauseRow<Detail> {
  return of;
}

const none = z.strictObject({});
const gate = z.strictObject({ gate_id: z.string(), detail: z.string() });
const boot = z.strictObject({ boot_id: z.number(), elapsed_ms: z.number() });
const check = z.strictObject({ check: z.string().regex(/^[a-z][a-z0-9_.:-]{0,63}$/) });
const hold = z.strictObject({ hold_id: z.number(), hold_cause: z.enum(['operator', 'cost', 'dr', 'chain']) });
const drift = hold.extend({ observed_epoch: z.number(), known_epoch: z.number() });
const spent = hold.extend({ spent_usd: z.number(), pool_usd: z.number() });
const ended = hold.extend({ ended: z.enum(['by_operator', 'by_owner', 'expired']) });
const level = z.number().int().min(1).max(5);
const stop = z.strictObject({ level, sequence: z.number().optional() });
const reset = z.strictObject({ ended: z.enum(['by_operator', 'expired']) });

const says = (text: string) => (): string => text;
const endings = {
  by_operator: 'operator clears via control reset',
  by_owner: 'hold cleared by its owner',
  expired: 'hold expired',
} as const;

const operatorOrChain: readonly HoldCause[] = ['operator', 'chain'];
const retryCeiling: readonly DegradationReason[] = ['retry_ceiling'];

/**
 * Why a state may change: the closed list. The target is not in it, since only `derive` says what the state is; guards,
 * tests, docs/operational-state.md and its diagram are made from this table.
 */
const causes = {
  'boot.passed': row<z.infer<typeof boot>>({
    role: 'boot',
    changes: 'the boot has passed; reasons of its gates go',
    guard: { boot: (from, to) => from === 'running' && to === 'passed', failing: fewerReasons() },
    trigger: says('all §9.2 gates pass'),
    extra: {
      from: 'booting',
      to: 'ready',
      type: bootReady.type,
      raise: (detail) => draft(bootReady, detail),
    },
    detail: boot,
  }),
  'boot.retrying': row<z.infer<typeof gate>>({
    role: 'boot',
    changes: 'degradation reasons come; the gates of a boot that had passed run again',
    guard: { boot: (from, to) => from === 'passed' && to === 'running', failing: moreReasons },
    trigger: says('transient gate failure'),
    detail: gate,
  }),
  'boot.failed': row<z.infer<typeof gate>>({
    role: 'boot',
    changes: 'the boot has failed',
    guard: { boot: (from, to) => from === 'running' && to === 'failed' },
    trigger: says('invariant gate failure, or retry budget exhausted'),
    extra: {
      from: 'booting',
      to: 'stopped',
      type: bootFailed.type,
      raise: (detail) => draft(bootFailed, detail),
    },
    detail: gate,
  }),
  'dr.mismatch': row<z.infer<typeof drift>>({
    role: 'boot',
    changes: 'a `dr` hold comes',
    guard: { holds: moreHolds(['dr']) },
    trigger: says('gate 3b epoch mismatch'),
    extra: {
      from: 'any',
      to: 'paused',
      type: drObserved.type,
      raise: ({ observed_epoch, known_epoch }) => draft(drObserved, { observed_epoch, known_epoch }),
    },
    detail: drift,
  }),
  'claim.acquired': row<z.infer<typeof none>>({
    role: 'worker',
    changes: 'live claims rise',
    guard: { liveClaims: (from, to) => to > from },
    trigger: says('claim acquired'),
    detail: none,
  }),
  'claim.released': row<z.infer<typeof none>>({
    role: 'worker',
    changes: 'live claims fall',
    guard: { liveClaims: (from, to) => to < from && to >= 0 },
    trigger: says('claim released'),
    detail: none,
  }),
  'claim.lease_lost': row<z.infer<typeof none>>({
    role: 'worker',
    changes: 'live claims fall',
    guard: { liveClaims: (from, to) => to < from && to >= 0 },
    trigger: says('claim released'),
    detail: none,
  }),
  'hold.added': row<z.infer<typeof hold>>({
    role: 'operator',
    changes: 'an `operator` or `chain` hold comes',
    guard: { holds: moreHolds(operatorOrChain) },
    trigger: (detail) => (detail === undefined ? 'hold added' : `${detail.hold_cause} hold`),
    detail: hold,
  }),
  'hold.cleared': row<z.infer<typeof ended>>({
    role: 'operator',
    changes: 'holds go',
    guard: { holds: fewerHolds() },
    trigger: (detail) => endings[detail?.ended ?? 'by_operator'],
    detail: ended,
  }),
  'stop.issued': row<z.infer<typeof stop>>({
    role: 'control',
    changes: 'the stop level rises',
    guard: { stopLevel: (from, to) => to > from && to <= 5 },
    trigger: (detail) => (detail === undefined ? 'STOP-KORA' : `STOP-KORA L${detail.level}`),
    detail: stop,
  }),
  'stop.reset': row<z.infer<typeof reset>>({
    role: 'control',
    changes: 'the stop level falls; the reason `retry_ceiling` goes',
    guard: { stopLevel: (from, to) => to < from && to >= 0, failing: fewerReasons(retryCeiling) },
    trigger: (detail) => (detail?.ended === 'expired' ? 'stop expired' : endings.by_operator),
    detail: reset,
  }),
  'stop.kill': row<z.infer<typeof stop>>({
    role: 'control',
    changes: 'this process is being killed; the stop level may rise',
    guard: {
      killed: (from, to) => !from && to,
      stopLevel: (from, to, { killed }) => killed && to > from && to <= 5,
    },
    trigger: says('STOP-KORA L4/L5'),
    detail: stop,
  }),
  'cost.limit': row<z.infer<typeof spent>>({
    role: 'spend',
    changes: 'a `cost` hold comes',
    guard: { holds: moreHolds(['cost']) },
    trigger: says('cost 100%'),
    extra: {
      from: 'any',
      to: 'paused',
      type: pausedAtCostLimit.type,
      raise: ({ spent_usd, pool_usd }) => draft(pausedAtCostLimit, { spent_usd, pool_usd }),
    },
    detail: spent,
  }),
  'cost.refreshed': row<z.infer<typeof hold>>({
    role: 'spend',
    changes: '`cost` holds go',
    guard: { holds: fewerHolds(['cost']) },
    trigger: says('monthly credit refresh confirmed'),
    detail: hold,
  }),
  'check.failed': row<z.infer<typeof check>>({
    role: 'chain',
    changes: 'degradation reasons come',
    guard: { failing: moreReasons },
    trigger: (detail) => (detail === undefined ? 'check failed' : `${detail.check} check failed`),
    detail: check,
  }),
  'check.recovered': row<z.infer<typeof check>>({
    role: 'chain',
    changes: 'degradation reasons go',
    guard: { failing: fewerReasons() },
    trigger: (detail) => (detail === undefined ? 'check recovered' : `${detail.check} check recovered`),
    detail: check,
  }),
} as const;

export type Cause = keyof typeof causes;

/** Particulars of a cause, checked where it is raised. */
export type CauseDetail<C extends Cause = Cause> = z.infer<(typeof causes)[C]['detail']>;

/** The table, for whoever walks it. */
export const causeTable: Readonly<Record<Cause, CauseRow>> = causes;

export interface Raised {
  readonly trigger: string;
  readonly extra: EventDraft | undefined;
  /** The particulars did not fit: neither label nor extra event could be made of them. */
  readonly misfit: unknown;
}

/** What a transition says beside its states: its trigger, and the extra event if this is its edge. */
export function raisedBy(
  cause: Cause,
  edge: { readonly from: PrimaryState; readonly to: PrimaryState },
  detail: object | undefined,
): Raised {
  const { extra, detail: schema, trigger } = causeTable[cause];
  const isEdge =
    extra !== undefined &&
    edge.from !== edge.to &&
    [edge.from, 'any'].includes(extra.from) &&
    extra.to === edge.to;
  if (detail === undefined && !isEdge)
    return { trigger: trigger(undefined), extra: undefined, misfit: undefined };
  const parsed = schema.safeParse(detail ?? {});
  if (!parsed.success) return { trigger: trigger(undefined), extra: undefined, misfit: parsed.error };
  return {
    trigger: trigger(parsed.data),
    extra: isEdge ? extra.raise(parsed.data) : undefined,
    misfit: undefined,
  };
}
