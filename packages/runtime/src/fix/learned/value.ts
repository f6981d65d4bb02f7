import { z } from 'zod';
import { fixModes } from '../contract.ts';
import type { FixEnvelope, LearnedEnvelope, Risk } from '../contract.ts';

/** What may be learned of an envelope; what it leaves out stays as it is. */
export const envelopeValue = z
  .strictObject({
    mode: z.enum(['approve', 'auto']).optional(),
    perTargetPerHour: z.int().min(1).max(60).optional(),
  })
  .refine((value) => Object.values(value).some((each) => each !== undefined), 'must change something');
export type EnvelopeValue = z.infer<typeof envelopeValue>;

/** One that is in force, by the proposal it came from. */
export interface LearnedValue {
  readonly value: EnvelopeValue;
  readonly proposalId: number;
  readonly revision: number;
}

/** What a value comes to over an envelope: the bounds as they would be, or why they stay. */
export interface Fitted {
  readonly mode: FixEnvelope['mode'];
  readonly perTargetPerHour: number;
  readonly sets: LearnedEnvelope['sets'];
  /** More than it does now without being asked: nobody but the operator lets that in. */
  readonly risk: Risk;
  /** Null: it fits. */
  readonly refusal: string | null;
}

type Base = Pick<FixEnvelope, 'mode' | 'limits' | 'capability' | 'written'>;

/**
 * Holds a value against the envelope as its plugin brings it. What the operator wrote stands; a mode is never lowered; `auto`
 * is for capabilities of low risk alone (`risk`: undefined for one that is in no matrix).
 */
export function fitted(base: Base, value: EnvelopeValue, risk: Risk | undefined): Fitted {
  const asIs = { mode: base.mode, perTargetPerHour: base.limits.perTargetPerHour };
  const wanted = {
    mode: value.mode ?? asIs.mode,
    perTargetPerHour: value.perTargetPerHour ?? asIs.perTargetPerHour,
  };
  const sets = (['mode', 'perTargetPerHour'] as const).filter((key) => wanted[key] !== asIs[key]);
  const isMore =
    (sets.includes('mode') && wanted.mode === 'auto') || wanted.perTargetPerHour > asIs.perTargetPerHour;
  const refusal = refusalOf(base, { ...wanted, sets }, risk);
  return { ...(refusal === null ? wanted : asIs), sets, risk: isMore ? 'high' : 'low', refusal };
}

function refusalOf(
  base: Base,
  { mode, sets }: Pick<Fitted, 'mode' | 'sets'>,
  risk: Risk | undefined,
): string | null {
  if (sets.length === 0) return 'the envelope is that already';
  const written = sets.find((key) => base.written?.includes(key));
  if (written !== undefined) {
    const now = written === 'mode' ? base.mode : base.limits.perTargetPerHour;
    return `the operator wrote ${written} ${String(now)} in the configuration, and that stands`;
  }
  if (fixModes.indexOf(mode) < fixModes.indexOf(base.mode))
    return `its mode is ${base.mode}: what was learned takes nothing back`;
  if (sets.includes('mode') && mode === 'auto' && risk !== 'low')
    return `auto is for capabilities of low risk, and ${base.capability} is ${risk ?? 'in no matrix'}`;
  return null;
}
