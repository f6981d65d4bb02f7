import type { ChangePlace } from '@kora/runtime/plugin';
import { z } from 'zod';

/** The kind of change that this loop proposes. */
export const envelopeKind = 'fix.envelope';

/** What a change says: the mode, the bound, or both. */
export const envelopeSchema = z.object({
  mode: z.enum(['off', 'approve', 'auto']).optional(),
  perTargetPerHour: z.number().int().optional(),
});
export type EnvelopeChange = z.infer<typeof envelopeSchema>;

const placeSchema = z.object({
  mode: z.enum(['off', 'approve', 'auto']),
  perTargetPerHour: z.number().int().min(1),
});
const factsSchema = z.object({
  capability: z.string(),
  risk: z.enum(['low', 'high']),
  /** What was learned of this fix already. */
  learned: z.record(z.string(), z.unknown()).nullish(),
});

/** A fix of a probe as it stands. */
export interface Envelope {
  /** `probe/fix`. */
  readonly key: string;
  readonly probe: string;
  readonly mode: 'off' | 'approve' | 'auto';
  readonly perTargetPerHour: number;
  readonly capability: string;
  /** Of the capability, as the matrix has it: no list of faults or of words decides it. */
  readonly risk: 'low' | 'high';
  readonly learned: Readonly<Record<string, unknown>>;
}

/** The fixes there are, by `probe/fix`. */
export function envelopesOf(places: readonly ChangePlace[]): ReadonlyMap<string, Envelope> {
  const envelopes = new Map<string, Envelope>();
  for (const { key, value, facts } of places) {
    const [stands, known] = [placeSchema.safeParse(value), factsSchema.safeParse(facts)];
    if (!stands.success || !known.success) continue;
    const { learned, ...capability } = known.data;
    const probe = key.slice(0, key.indexOf('/'));
    envelopes.set(key, { key, probe, ...stands.data, ...capability, learned: learned ?? {} });
  }
  return envelopes;
}
