import type { ReasonAnswer, ReasonError } from '../contract.ts';
import type { Engines } from '../engines.ts';
import { amongConfigured } from './among-configured.ts';
import { tierLimit } from '../../spend/index.ts';
import type { Spend } from '../../spend/index.ts';
import type { Leave, Question } from './question.ts';
import { errorOfRefusal } from './refusal.ts';
import type { Runs } from './runs.ts';

export interface GateOptions {
  readonly runs: Runs;
  readonly engines: Engines;
  readonly spend: Pick<Spend, 'read'>;
  readonly primaryState: () => string;
  readonly holdsClaim: (claim: { readonly ticketId: number; readonly fence: number }) => boolean;
  /** What is known of a ticket that is held here; undefined where there is none. */
  readonly ticketOf: (ticketId: number) => Promise<TicketFacts | undefined>;
}

export interface TicketFacts {
  /** Whether a cheaper model may think about it. */
  readonly downshift: 'eligible' | 'frontier_only';
  /** Whether its text may be believed. */
  readonly trusted: boolean;
  readonly critical?: boolean;
  /** Ties what is thought about it to its story. */
  readonly correlationId: string | null;
}

export interface NoLeave {
  readonly error: ReasonError;
  readonly why: string;
  readonly rung: string;
  readonly refusal?: ReasonAnswer['refusal'];
}

/**
 * Whether an engine may be asked at all: by the state, by whether there is one, and by what the ladder leaves. The door
 * is asked again at each call.
 */
export async function askGate(
  { runId, wish, payer }: Question,
  options: GateOptions,
): Promise<Leave | NoLeave> {
  const { runs, engines, spend, primaryState, holdsClaim, ticketOf } = options;
  const ticket = wish.ticket ?? null;
  const standing = await spend.read();
  const rung = standing?.rung ?? 'unknown';
  if (ticket !== null && !holdsClaim(ticket))
    return { error: 'cancelled', why: `ticket ${ticket.ticketId} is not held here`, rung };
  const cause = runs.forbidden({ runId, route: wish.route, payer, ticket });
  if (cause !== undefined) return { error: errorOfRefusal(cause), why: cause, rung, refusal: { cause } };
  const choice = engines.choice();
  if (choice.engine === null) return { error: choice.error, why: choice.why, rung };
  // Outside of tickets somebody waits, and a cheaper answer is better than none.
  const facts = ticket === null ? undefined : await ticketOf(ticket.ticketId);
  const downshift = ticket === null ? 'eligible' : (facts?.downshift ?? 'frontier_only');
  const { tier, why } = tierLimit(rung, { downshift });
  if (tier === null) return { error: 'cost_ladder_halted', why, rung };
  return {
    engine: choice.engine,
    highestTier: amongConfigured(tier, choice.engine.spec.models),
    rung,
    primaryState: primaryState(),
    downshift,
    trusted: ticket === null || (facts?.trusted ?? false),
    // A stranger's ticket is critical for having been called so by a stranger.
    critical: wish.critical === true || (facts?.critical === true && facts.trusted),
    correlationId: facts?.correlationId ?? null,
  };
}
