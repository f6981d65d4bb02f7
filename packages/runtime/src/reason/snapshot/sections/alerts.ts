import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';

/** Open incidents, counted by how bad and of what kind they are, and the probes they are of. */
export interface AlertFacts {
  readonly groups: readonly {
    readonly severity: string;
    readonly category: string;
    readonly count: number;
  }[];
  /** Of the newest first. */
  readonly newest: readonly {
    readonly probe: string;
    readonly severity: string;
    readonly category: string;
  }[];
}

const schema = z.object({
  active_count: z.number(),
  by_severity: z.object({ critical: z.number(), warning: z.number(), info: z.number() }),
  by_category: z.record(z.string(), z.number()),
  /** Null while none is open. */
  newest: z.string().nullable(),
  summary: z.string(),
});

/** What is wrong now. What a probe read is not told: it is the text of others. */
export function alerts(read: () => Promise<AlertFacts>): SnapshotSection {
  return {
    name: 'alerts',
    schema,
    read: async () => {
      const { groups, newest } = await read();
      const countOf = (severity: string): number =>
        total(groups.filter((group) => group.severity === severity));
      const categories = new Map<string, number>();
      for (const { category, count } of groups)
        categories.set(category, (categories.get(category) ?? 0) + count);
      const named = newest.map(({ probe, severity, category }) => `${probe} (${severity}, ${category})`);
      const active = total(groups);
      return {
        active_count: active,
        by_severity: {
          critical: countOf('critical'),
          warning: countOf('warning'),
          info: countOf('info'),
        },
        by_category: Object.fromEntries(categories),
        newest: named[0] ?? null,
        summary: active === 0 ? 'no incident is open' : `${active} open: ${listed(named, active)}`,
      } satisfies z.infer<typeof schema>;
    },
  };
}

function total(groups: AlertFacts['groups']): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

/** The first few by name, and how many more there are. */
export function listed(names: readonly string[], all: number, most = 3): string {
  const shown = names.slice(0, most);
  const more = all - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
