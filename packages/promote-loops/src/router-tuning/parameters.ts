import type { ChangePlace, ModelTier } from '@kora/runtime/plugin';
import { z } from 'zod';

/** The kind of change that this loop proposes. */
export const parametersKind = 'router.parameters';

const placeSchema = z.object({
  standardFrom: z.number(),
  largeFrom: z.number(),
  /** What a question counts for coming from the route. */
  weight: z.number(),
});
const factsSchema = z.object({
  weights: z.record(z.string(), z.number()),
  /** What the operator writes before a question, and the tier that asks for. */
  prefixes: z.record(z.string(), z.enum(['small', 'standard', 'large'])),
  /** What was learned of this place already. */
  learned: z.record(z.string(), z.unknown()).nullish(),
});

/** How a route is routed now. */
export interface RoutedNow {
  readonly route: string;
  readonly standardFrom: number;
  readonly largeFrom: number;
  readonly weight: number;
  readonly weights: Readonly<Record<string, number>>;
  readonly prefixes: Readonly<Record<string, ModelTier>>;
  readonly learned: Readonly<Record<string, unknown>>;
}

/**
 * A turn of a loop of tools is asked the larger model by design, so how often it was says nothing of its thresholds; it is
 * no request of anybody either.
 */
const byDesign: ReadonlySet<string> = new Set(['tool_loop_iteration', 'default']);

/** The routes whose parameters may be other, by name. */
export function routesOf(places: readonly ChangePlace[]): ReadonlyMap<string, RoutedNow> {
  const routes = new Map<string, RoutedNow>();
  for (const { key, value, facts } of places) {
    const [stands, known] = [placeSchema.safeParse(value), factsSchema.safeParse(facts)];
    if (byDesign.has(key) || !stands.success || !known.success) continue;
    const { weights, prefixes, learned } = known.data;
    routes.set(key, { route: key, ...stands.data, weights, prefixes, learned: learned ?? {} });
  }
  return routes;
}

/** What the router counted for a question that earned its model by these signals. */
export function scoreOf(signals: string, { weights, weight }: RoutedNow): number {
  return signals
    .split('+')
    .reduce((sum, signal) => sum + (signal === 'route' ? weight : (weights[signal] ?? 0)), 0);
}

/** What is critical, or asks for a verdict, never gets less than what ships gives it. */
export function isFloored(signals: string): boolean {
  return signals.split('+').some((signal) => signal === 'critical' || signal === 'verdict');
}
