import type { ChangePlace } from '@kora/runtime/plugin';
import { z } from 'zod';

/** The kind of change that this loop proposes: what a route is not offered. */
export const trimmedKind = 'tools.trimmed';

export const trimmedSchema = z.object({ without: z.array(z.string()) });

const factsSchema = z.object({
  tools: z.array(
    z.object({
      name: z.string(),
      /** It is always offered. */
      floor: z.boolean(),
      /** Of its description and of its input's schema. */
      characters: z.number().min(0),
    }),
  ),
  /** So many are offered at least. */
  fewest: z.number().min(0).default(0),
  /** What a million tokens of input cost on this route; null where no price is known. */
  inputMicroUsdPerMillion: z.number().min(0).nullish(),
});

/** A route, with what may be taken from it. */
export interface TrimmableRoute {
  readonly route: string;
  /** What it goes without already. */
  readonly without: readonly string[];
  /** Characters by which each tool is described; what is on the floor is not among them. */
  readonly tools: ReadonlyMap<string, number>;
  readonly inputMicroUsdPerMillion: number | null;
  readonly fewest: number;
}

/** The routes that something may be taken from. Where a question comes from nobody knows, nothing is. */
export function trimmableRoutes(places: readonly ChangePlace[]): ReadonlyMap<string, TrimmableRoute> {
  const routes = new Map<string, TrimmableRoute>();
  for (const { key, value, facts } of places) {
    const parsed = factsSchema.safeParse(facts);
    if (!parsed.success || key === 'unknown') continue;
    const { tools, fewest, inputMicroUsdPerMillion = null } = parsed.data;
    const trimmable = tools
      .filter(({ floor }) => !floor)
      .map((tool) => [tool.name, tool.characters] as const);
    const { without } = trimmedSchema.safeParse(value).data ?? { without: [] };
    routes.set(key, { route: key, without, tools: new Map(trimmable), inputMicroUsdPerMillion, fewest });
  }
  return routes;
}
