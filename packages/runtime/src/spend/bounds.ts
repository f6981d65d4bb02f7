import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { boundsSet } from './events.ts';
import { microUsdOf, usdOf } from './money.ts';

/** Micro-dollars that calls may cost, beside the pool: in a day, by route and caller in a day, and for a ticket in all. */
export interface SpendLimits {
  readonly day?: number;
  readonly ticket?: number;
  readonly routes?: Readonly<Record<string, number>>;
  readonly plugins?: Readonly<Record<string, number>>;
}

/** What bounds spending beside the pool. */
export interface SpendBounds {
  /** Micro-dollars of the pool that only critical work draws on. */
  readonly criticalMicroUsd: number;
  /** What can wait spends no faster than the month goes by, with a day ahead. */
  readonly paced: boolean;
  readonly limits: SpendLimits;
}

/** The `spend` block, as far as it is about bounds; in dollars. */
interface Configured {
  readonly poolUsd: number;
  readonly criticalShare: number;
  readonly pacing: 'smooth' | 'off';
  readonly limits: {
    readonly dayUsd?: number | undefined;
    readonly ticketUsd?: number | undefined;
    readonly routes: Readonly<Record<string, number>>;
    readonly plugins: Readonly<Record<string, number>>;
  };
}

export function boundsOf({ poolUsd, criticalShare, pacing, limits }: Configured): SpendBounds {
  const { dayUsd, ticketUsd } = limits;
  return {
    criticalMicroUsd: Math.floor(microUsdOf(poolUsd) * criticalShare),
    paced: pacing === 'smooth',
    limits: {
      ...(dayUsd === undefined ? {} : { day: microUsdOf(dayUsd) }),
      ...(ticketUsd === undefined ? {} : { ticket: microUsdOf(ticketUsd) }),
      ...(isEmpty(limits.routes) ? {} : { routes: inMicro(limits.routes) }),
      ...(isEmpty(limits.plugins) ? {} : { plugins: inMicro(limits.plugins) }),
    },
  };
}

function isEmpty(usd: Readonly<Record<string, number>>): boolean {
  return Object.keys(usd).length === 0;
}

function inMicro(usd: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(usd).map(([key, dollars]) => [key, microUsdOf(dollars)]));
}

/** The event that says what spending is bounded by from now on. */
export function boundsToldOf({ criticalMicroUsd, paced, limits }: SpendBounds): EventDraft {
  const { day, ticket, routes = {}, plugins = {} } = limits;
  return draft(boundsSet, {
    critical_usd: usdOf(criticalMicroUsd),
    pacing: paced ? 'smooth' : 'off',
    day_usd: day === undefined ? null : usdOf(day),
    ticket_usd: ticket === undefined ? null : usdOf(ticket),
    routes_usd: inUsd(routes),
    plugins_usd: inUsd(plugins),
  });
}

function inUsd(micro: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(micro).map(([key, amount]) => [key, usdOf(amount)]));
}
