import type { ReasonError } from '../contract.ts';
import type { Engines } from '../engines.ts';
import type { PricesPort } from '../ports.ts';
import type { Spend } from '../../spend/index.ts';
import type { Leave, Question } from './question.ts';
import { errorOfRefusal } from './refusal.ts';
import type { Runs } from './runs.ts';

export interface GateOptions {
  readonly runs: Runs;
  readonly engines: Engines;
  readonly spend: Pick<Spend, 'read'>;
  readonly prices: () => PricesPort;
  readonly primaryState: () => string;
  readonly holdsClaim: (claim: { readonly ticketId: number; readonly fence: number }) => boolean;
  /** Whether a cheaper model may think about a ticket; undefined where there is none. */
  readonly downshiftOf: (ticketId: number) => Promise<'eligible' | 'frontier_only' | undefined>;
}

export interface NoLeave {
  readonly error: ReasonError;
  readonly why: string;
  readonly rung: string;
}

/**
 * Whether an engine may be asked at all: by the state, by whether there is one, and by what the ladder leaves. The door
 * is asked again at each call.
 */
export async function askGate(
  { runId, wish, payer }: Question,
  options: GateOptions,
): Promise<Leave | NoLeave> {
  const { runs, engines, spend, prices, primaryState, holdsClaim, downshiftOf } = options;
  const ticket = wish.ticket ?? null;
  const standing = await spend.read();
  const rung = standing?.rung ?? 'unknown';
  if (ticket !== null && !holdsClaim(ticket))
    return { error: 'cancelled', why: `ticket ${ticket.ticketId} is not held here`, rung };
  const cause = runs.forbidden({ runId, route: wish.route, payer, ticket });
  if (cause !== undefined) return { error: errorOfRefusal(cause), why: cause, rung };
  const choice = engines.choice();
  if (choice.engine === null) return { error: choice.error, why: choice.why, rung };
  const downshift = ticket === null ? undefined : ((await downshiftOf(ticket.ticketId)) ?? 'frontier_only');
  const highestTier = prices().highestTier(rung, downshift);
  if (highestTier === null) return { error: 'cost_ladder_halted', why: `the ladder stands at ${rung}`, rung };
  return {
    engine: choice.engine,
    highestTier,
    rung,
    primaryState: primaryState(),
    downshift: downshift ?? 'frontier_only',
  };
}
