import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';
import { freshForMs, unknown } from '../value.ts';
import { listed } from './alerts.ts';

/** A probe, with what it saw last. */
export interface LookFacts {
  readonly name: string;
  readonly status: string | null;
  readonly checkedAt: string | null;
  readonly everyMs: number;
}

const schema = z.object({
  total: z.number(),
  healthy: z.number(),
  failing: z.number(),
  unknown: z.number(),
  /** By the probe's name; `unknown` when it has not looked in its time. */
  services: z.record(z.string(), z.string()),
  /** The same as a sentence; none for a service that is not known. */
  said: z.record(z.string(), z.string().nullable()),
  summary: z.string(),
});

/** A look that is so many intervals old says nothing about now; nor does one that is older than a snapshot may be. */
const looksMissed = 3;
const shortestMs = 60_000;

/** What probes say of the services they watch. */
export function serviceHealth(read: () => Promise<readonly LookFacts[]>, now: () => number): SnapshotSection {
  return {
    name: 'service_health',
    schema,
    read: async () => {
      const looks = await read();
      const at = now();
      const seen = looks.map((look) => ({ ...look, status: isCurrent(look, at) ? look.status : null }));
      const failing = seen.filter(({ status }) => status !== null && !wellStatuses.has(status));
      const healthy = seen.filter(({ status }) => status === 'healthy').length;
      const lost = seen.filter(({ status }) => status === null).length;
      return {
        total: seen.length,
        healthy,
        failing: failing.length,
        unknown: lost,
        services: Object.fromEntries(seen.map(({ name, status }) => [name, status ?? unknown])),
        said: Object.fromEntries(seen.map((look) => [look.name, sentence(look)])),
        summary: summary(
          seen.length,
          failing.map(({ name, status }) => `${name} (${status})`),
          lost,
        ),
      } satisfies z.infer<typeof schema>;
    },
  };
}

/** Nothing is wrong with what nobody has set up. */
const wellStatuses: ReadonlySet<string> = new Set(['healthy', 'unconfigured']);

function isCurrent({ checkedAt, everyMs }: LookFacts, now: number): boolean {
  if (checkedAt === null) return false;
  const limit = Math.min(freshForMs, Math.max(shortestMs, everyMs * looksMissed));
  const age = now - Date.parse(checkedAt);
  return age >= 0 && age <= limit;
}

function sentence({ name, status, checkedAt }: LookFacts): string | null {
  if (status === null || checkedAt === null) return null;
  return `${name} is ${status}, looked at ${checkedAt.slice(11, 19)} UTC`;
}

function summary(all: number, failing: readonly string[], lost: number): string {
  if (all === 0) return 'nothing is watched';
  const unsure = lost === 0 ? [] : [`${lost} not known`];
  if (failing.length === 0) return [`${all - lost} of ${all} watched are well`, ...unsure].join(', ');
  return [`${failing.length} of ${all} watched fail: ${listed(failing, failing.length)}`, ...unsure].join(
    ', ',
  );
}
