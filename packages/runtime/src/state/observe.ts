import { operatorActor } from '../workspace/index.ts';
import type { Cause } from './causes.ts';
import type { ControlView, StopCommand } from './commands.ts';
import type { DegradationReason, Hold, HoldCause, StateInputs } from './derive.ts';
import { comes } from './guards.ts';

/** One difference between what the state knew and what the store says, as the cause that it is. */
export interface Step {
  readonly cause: Cause;
  readonly change: Partial<StateInputs>;
  readonly detail: object;
  /** The event that it follows from, where the store knows it. */
  readonly causedBy?: string | null | undefined;
}

/** What hits hardest is told first: it is the one that a transition is put down to. */
const order: readonly HoldCause[] = ['dr', 'cost', 'chain', 'operator'];

/**
 * The way from the inputs to the view, cause by cause: holds that came, tickets tried too often, the stop level, holds that
 * went. Coming before going, so that nothing is free for a moment between two holds.
 */
export function stepsTo(
  view: ControlView,
  from: Pick<StateInputs, 'holds' | 'stopLevel' | 'failing'>,
  commandsBefore: readonly StopCommand[],
): Step[] {
  const added = comes(from.holds, view.holds).sort(
    (a, b) => order.indexOf(a.cause) - order.indexOf(b.cause) || a.holdId - b.holdId,
  );
  const gone = comes(view.holds, from.holds);
  let { holds } = from;
  const steps: Step[] = [];
  for (const hold of added) {
    holds = [...holds, hold];
    steps.push({
      cause: causeOf[hold.cause],
      change: { holds },
      detail: { ...idOf(hold), ...hold.particulars },
      causedBy: hold.addedEvent,
    });
  }
  steps.push(...ceilingSteps(view, from.failing, stopSteps(view, from.stopLevel, commandsBefore)));
  for (const hold of gone) {
    holds = holds.filter(({ holdId }) => holdId !== hold.holdId);
    steps.push({ ...ending(hold, view), change: { holds } });
  }
  return steps;
}

const causeOf = {
  dr: 'dr.mismatch',
  cost: 'cost.limit',
  chain: 'hold.added',
  operator: 'hold.added',
} as const satisfies Record<HoldCause, Cause>;

function stopSteps(
  { stopLevel, commands, asOf, resetEvent }: ControlView,
  known: number,
  before: readonly StopCommand[],
): Step[] {
  const change = { stopLevel };
  if (stopLevel > known) {
    const [strictest] = commands;
    const sequence = strictest?.level === stopLevel ? { sequence: strictest.sequence } : {};
    const detail = { level: stopLevel, ...sequence };
    return [{ cause: 'stop.issued', change, detail, causedBy: strictest?.issuedEvent }];
  }
  if (stopLevel === known) return [];
  const inForce = new Set(commands.map(({ sequence }) => sequence));
  const left = before.filter(({ sequence }) => !inForce.has(sequence));
  const isOver = left.length > 0 && left.every(({ expiresAt }) => isPast(expiresAt, asOf));
  if (isOver) return [{ cause: 'stop.reset', change, detail: { ended: 'expired' } }];
  return [{ cause: 'stop.reset', change, detail: { ended: 'by_operator' }, causedBy: resetEvent }];
}

const ceiling: DegradationReason = 'retry_ceiling';

/** The reason comes before a stop is told, and goes with the reset that ended both, or with the store's epoch. */
function ceilingSteps(
  view: ControlView,
  failing: ReadonlySet<DegradationReason>,
  stops: readonly Step[],
): readonly Step[] {
  const isReached = view.ceiling === 'reached';
  if (view.ceiling === undefined || failing.has(ceiling) === isReached) return stops;
  const detail = { check: ceiling };
  if (isReached)
    return [{ cause: 'check.failed', change: { failing: new Set([...failing, ceiling]) }, detail }, ...stops];
  const change = { failing: new Set([...failing].filter((reason) => reason !== ceiling)) };
  if (view.ceiling === 'none') return [...stops, { cause: 'check.recovered', change, detail }];
  const [stop] = stops;
  if (stop?.cause === 'stop.reset') return [{ ...stop, change: { ...stop.change, ...change } }];
  const by = { ended: 'by_operator' } as const;
  return [...stops, { cause: 'stop.reset', change, detail: by, causedBy: view.resetEvent }];
}

/** A cost hold that people did not clear went because there is money again. */
function ending(hold: Hold, { ended = [], asOf }: ControlView): Omit<Step, 'change'> {
  const { by, event: causedBy } = ended.find(({ holdId }) => holdId === hold.holdId) ?? {};
  const byOperator = by !== undefined && by !== hold.owner;
  if (hold.cause === 'cost' && !byOperator) return { cause: 'cost.refreshed', detail: idOf(hold), causedBy };
  const isOver = by === undefined && isPast(hold.expiresAt, asOf);
  const detail = { ...idOf(hold), ended: isOver ? 'expired' : whose(hold, by) };
  return { cause: 'hold.cleared', detail, causedBy };
}

function whose(hold: Hold, by: string | undefined): 'by_owner' | 'by_operator' {
  return by === hold.owner && by !== operatorActor ? 'by_owner' : 'by_operator';
}

function isPast(expiresAt: string | null, asOf: string): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= Date.parse(asOf);
}

function idOf({ holdId, cause }: Hold): { hold_id: number; hold_cause: HoldCause } {
  return { hold_id: holdId, hold_cause: cause };
}
