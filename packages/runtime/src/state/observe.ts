import { operatorActor } from '../workspace/index.ts';
import type { Cause } from './causes.ts';
import type { ControlView, StopCommand } from './commands.ts';
import type { Hold, HoldCause, StateInputs } from './derive.ts';
import { comes } from './guards.ts';

/** One difference between what the state knew and what the store says, as the cause that it is. */
export interface Step {
  readonly cause: Cause;
  readonly change: Partial<StateInputs>;
  readonly detail: object;
}

/** What hits hardest is told first: it is the one that a transition is put down to. */
const order: readonly HoldCause[] = ['dr', 'cost', 'chain', 'operator'];

/**
 * The way from the inputs to the view, cause by cause: holds that came, the stop level, holds that went. Coming before
 * going, so that nothing is free for a moment between two holds.
 */
export function stepsTo(
  view: ControlView,
  from: Pick<StateInputs, 'holds' | 'stopLevel'>,
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
    });
  }
  steps.push(...stopSteps(view, from.stopLevel, commandsBefore));
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
  { stopLevel, commands, asOf }: ControlView,
  known: number,
  before: readonly StopCommand[],
): Step[] {
  const change = { stopLevel };
  if (stopLevel > known) {
    const sequence = commands[0]?.level === stopLevel ? { sequence: commands[0].sequence } : {};
    return [{ cause: 'stop.issued', change, detail: { level: stopLevel, ...sequence } }];
  }
  if (stopLevel === known) return [];
  const inForce = new Set(commands.map(({ sequence }) => sequence));
  const left = before.filter(({ sequence }) => !inForce.has(sequence));
  const isOver = left.length > 0 && left.every(({ expiresAt }) => isPast(expiresAt, asOf));
  return [{ cause: 'stop.reset', change, detail: { ended: isOver ? 'expired' : 'by_operator' } }];
}

/** A cost hold that people did not clear went because there is money again. */
function ending(hold: Hold, { ended = [], asOf }: ControlView): Pick<Step, 'cause' | 'detail'> {
  const by = ended.find(({ holdId }) => holdId === hold.holdId)?.by;
  const byOperator = by !== undefined && by !== hold.owner;
  if (hold.cause === 'cost' && !byOperator) return { cause: 'cost.refreshed', detail: idOf(hold) };
  const isOver = by === undefined && isPast(hold.expiresAt, asOf);
  return { cause: 'hold.cleared', detail: { ...idOf(hold), ended: isOver ? 'expired' : whose(hold, by) } };
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
