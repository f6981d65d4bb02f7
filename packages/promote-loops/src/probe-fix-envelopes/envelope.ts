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
const factsSchema = z.object({ capability: z.string(), risk: z.enum(['low', 'high']) });

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
}

/** The fixes there are, by `probe/fix`. */
export function envelopesOf(places: readonly ChangePlace[]): ReadonlyMap<string, Envelope> {
  const envelopes = new Map<string, Envelope>();
  for (const { key, value, facts } of places) {
    const [stands, known] = [placeSchema.safeParse(value), factsSchema.safeParse(facts)];
    if (!stands.success || !known.success) continue;
    envelopes.set(key, { key, probe: key.slice(0, key.indexOf('/')), ...stands.data, ...known.data });
  }
  return envelopes;
}
