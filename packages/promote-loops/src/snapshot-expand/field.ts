import type { ChangePlace } from '@kora/runtime/plugin';
import { z } from 'zod';

/** The kind of change that this loop proposes. */
export const fieldKind = 'snapshot.field';

/** What a field of the snapshot is read from, and how often. */
export const fieldSchema = z.object({
  tool: z.string(),
  input: z.record(z.string(), z.unknown()),
  /** Dotted path into the answer; '' is the answer itself. */
  pick: z.string(),
  everyS: z.number(),
  type: z.enum(['number', 'string', 'boolean']),
});
export type SnapshotField = z.infer<typeof fieldSchema>;

const factsSchema = z.object({
  tool: z.string(),
  sideEffects: z.string(),
  untrusted: z.boolean(),
  /** The field of the snapshot that says it already. */
  backedBy: z.string().nullable(),
});

/**
 * The tools that a field could stand for, with the key of the field: the registry says what they do, and no list of names
 * is kept here. One that acts, that repeats strangers, or that a field stands for already is none.
 */
export function askableTools(places: readonly ChangePlace[]): ReadonlyMap<string, string> {
  const askable = new Map<string, string>();
  for (const { key, value, facts } of places) {
    const parsed = factsSchema.safeParse(facts);
    if (!parsed.success || value !== null) continue;
    const { tool, sideEffects, untrusted, backedBy } = parsed.data;
    if (sideEffects === 'none' && !untrusted && backedBy === null) askable.set(tool, key);
  }
  return askable;
}
