import { createHash } from 'node:crypto';
import type { ChainEvent } from '@kora/runtime/plugin';
import { z } from 'zod';

export const incidentResolved = 'probe.incident_resolved';

/** One fault that came and went, as the runtime recorded it. */
export interface Occurrence {
  readonly seq: number;
  readonly incidentId: number;
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
  incident_id: z.number().int(),
  probe: z.string().min(1),
  target: z.string(),
  category: z.string().min(1),
  duration_ms: z.number().min(0),
});

/** Reads a resolved incident; null when the event does not hold one. */
export function readOccurrence(event: ChainEvent): Occurrence | null {
  const parsed = resolvedPayload.safeParse(event.payload);
  if (!parsed.success) return null;
  const { incident_id: incidentId, duration_ms: durationMs, ...fault } = parsed.data;
  return { seq: event.seq, at: Date.parse(event.occurredAt), incidentId, durationMs, ...fault };
}

/**
 * Faults of one probe, target and category that happened at least so often since a time, the most frequent first.
 * An incident that was reopened is resolved more than once and still one: its last resolution counts.
 */
export function recurrences(
  occurrences: readonly Occurrence[],
  limits: { readonly since: number; readonly atLeast: number },
): readonly Recurrence[] {
  const inOrder = occurrences
    .filter(({ at }) => at >= limits.since)
    .toSorted((one, other) => one.seq - other.seq);
  const lastOfEach = new Map(inOrder.map((occurrence) => [occurrence.incidentId, occurrence]));
  const groups = Map.groupBy(
    [...lastOfEach.values()].toSorted((one, other) => one.seq - other.seq),
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

function recurrenceOf(occurrences: readonly Occurrence[]): Recurrence {
  const { probe, target, category } = occurrences[0] ?? { probe: '', target: '', category: '' };
  return {
    probe,
    target,
    category,
    occurrences,
    medianDurationMs: median(occurrences.map(({ durationMs }) => durationMs)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const high = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (low + high) / 2;
}
