import { createHash } from 'node:crypto';
import type { ChainEvent } from '@kora/runtime/plugin';
import { z } from 'zod';

export const incidentResolved = 'probe.incident_resolved';

/** One fault that came and went, as the runtime recorded it. */
export interface Occurrence {
  readonly seq: number;
  /** When it was resolved, milliseconds since 1970. */
  readonly at: number;
  readonly probe: string;
  readonly target: string;
  readonly category: string;
  readonly durationMs: number;
}

/** One fault that came back. */
export interface Recurrence {
  readonly probe: string;
  readonly target: string;
  readonly category: string;
  /** Oldest first. */
  readonly occurrences: readonly Occurrence[];
  readonly medianDurationMs: number;
}

const resolvedPayload = z.object({
  probe: z.string().min(1),
  target: z.string(),
  category: z.string().min(1),
  duration_ms: z.number().min(0),
});

/** Reads a resolved incident; null when the event does not hold one. */
export function readOccurrence(event: ChainEvent): Occurrence | null {
  const parsed = resolvedPayload.safeParse(event.payload);
  if (!parsed.success) return null;
  const { probe, target, category, duration_ms: durationMs } = parsed.data;
  return { seq: event.seq, at: Date.parse(event.occurredAt), probe, target, category, durationMs };
}

/** Faults of one probe, target and category that happened at least so often since a time, the most frequent first. */
export function recurrences(
  occurrences: readonly Occurrence[],
  limits: { readonly since: number; readonly atLeast: number },
): readonly Recurrence[] {
  const groups = Map.groupBy(
    occurrences.filter(({ at }) => at >= limits.since),
    ({ probe, target, category }) => JSON.stringify([probe, target, category]),
  );
  return [...groups.values()]
    .filter((group) => group.length >= limits.atLeast)
    .map(recurrenceOf)
    .toSorted((one, other) => other.occurrences.length - one.occurrences.length);
}

/** Stable over runs, releases and machines: it depends on what recurs and on nothing else. */
export function fingerprintOf(
  loop: string,
  { probe, target, category }: Omit<Recurrence, 'occurrences' | 'medianDurationMs'>,
): string {
  // JSON keeps the parts apart: ("a", "bc") and ("ab", "c") are two faults.
  return createHash('sha256')
    .update(JSON.stringify([loop, probe, target, category]))
    .digest('hex');
}

function recurrenceOf(group: readonly Occurrence[]): Recurrence {
  const occurrences = group.toSorted((one, other) => one.seq - other.seq);
  const { probe, target, category } = occurrences[0] ?? { probe: '', target: '', category: '' };
  return {
    probe,
    target,
    category,
    occurrences,
    medianDurationMs: median(group.map(({ durationMs }) => durationMs)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const high = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (low + high) / 2;
}
