import type { ProbeStatus } from '../contract.ts';
import type { Effect, ProbeMemory } from './fold.ts';

/** A failure that comes back within this time is the same incident, and what turns for longer than this is quiet is over. */
export const reopenWindowMs = 600_000;
/** So many turns within the window are flapping. */
export const flappingTurns = 6;
/** Turns that are remembered: enough to know that it goes on. */
const mostTurns = 16;

/** How a probe went back and forth between good and bad. */
export interface Turns {
  /** When it turned, within the last ten minutes, oldest first. */
  readonly flips: readonly string[];
  readonly flappingSince: string | null;
}

export const steady: Turns = { flips: [], flappingSince: null };

/** Takes one look into the turns. Flapping begins with the sixth turn in ten minutes, and ends when there was none for as long. */
export function turnsAfter(
  before: (Turns & Pick<ProbeMemory, 'status'>) | undefined,
  look: { readonly status: ProbeStatus; readonly at: string },
): Turns {
  if (before === undefined) return steady;
  const oldest = Date.parse(look.at) - reopenWindowMs;
  const recent = before.flips.filter((at) => Date.parse(at) > oldest);
  const flips = isTurn(before.status, look.status) ? [...recent, look.at].slice(-mostTurns) : recent;
  if (before.flappingSince !== null)
    return { flips, flappingSince: flips.length === 0 ? null : before.flappingSince };
  return { flips, flappingSince: flips.length >= flappingTurns ? look.at : null };
}

/** What a look means for the incident of a probe that may flap: it stays open until the probe is quiet, and is one. */
export function effectOfTurns(effect: Effect, memory: ProbeMemory, turns: Turns): Effect {
  if (turns.flappingSince === null) return effect;
  if (memory.incidentId === null) return memory.badInARow > 0 ? 'open' : 'none';
  return effect === 'resolve' ? 'none' : effect;
}

function isTurn(from: ProbeStatus, to: ProbeStatus): boolean {
  if (from === 'unconfigured' || to === 'unconfigured') return false;
  return (from === 'healthy') !== (to === 'healthy');
}
