import { z } from 'zod';
import type { FixCondition, FixObservation, FixSituation, FixTarget, fixCodes } from './contract.ts';
import type { Envelopes, RegisteredFix } from './envelopes.ts';

/** What somebody wants mended. */
export interface FixQuestion {
  readonly probe: string;
  /** Left out where the probe has one fix only. */
  readonly fix?: string | undefined;
  /** Left out where the look names one thing only. */
  readonly target?: string | undefined;
}

const targetId = /^[A-Za-z0-9][\w.:@/-]{0,127}$/;
const mostTargets = 100;
const longestText = 200;

const targetsSchema = z
  .array(z.object({ id: z.string().regex(targetId), title: z.string().transform(short) }))
  .max(mostTargets);
const conditionsSchema = z
  .array(z.object({ name: z.string().min(1).max(64), holds: z.boolean(), saw: z.string().transform(short) }))
  .min(1)
  .max(20);

/** What the last look named, and nothing else; whatever the plugin does, there is an answer. */
export function targetsIn({ envelope }: RegisteredFix, observation: FixObservation): readonly FixTarget[] {
  try {
    return targetsSchema.parse(envelope.targets(observation));
  } catch {
    return [];
  }
}

/** Every condition of the envelope, as code answers it; throws for none at all, and for what are no conditions. */
export function conditionsOf({ envelope }: RegisteredFix, situation: FixSituation): readonly FixCondition[] {
  return conditionsSchema.parse(envelope.conditions(situation));
}

/** Why there is nothing to choose. */
interface Refused {
  readonly code: (typeof fixCodes)[number];
  readonly detail: string;
}

/** The fix that is meant; the only one where none is named. */
export function fixFor(envelopes: Envelopes, { probe, fix }: FixQuestion): RegisteredFix | Refused {
  const all = envelopes.list(probe);
  const [only] = all;
  if (only === undefined)
    return { code: 'unknown_probe', detail: `there is no fix of a probe ${short(probe)} here` };
  if (fix === undefined && all.length === 1) return only;
  const names = all.map(({ envelope }) => envelope.fixName).join(', ');
  const found = fix === undefined ? undefined : envelopes.get(probe, fix);
  return found ?? { code: 'action_not_in_envelope', detail: `of ${short(probe)} there are: ${names}` };
}

/** A name that the look does not hold is nobody's, however well it is spelt. */
export function targetAmong(
  fix: RegisteredFix,
  observation: FixObservation,
  wanted: string | undefined,
): Refused | { readonly target: FixTarget; readonly targets: readonly FixTarget[] } {
  const targets = targetsIn(fix, observation);
  const there = targets.map(({ id }) => id).join(', ') || 'nothing';
  if (wanted === undefined) {
    const [only, second] = targets;
    if (only === undefined)
      return { code: 'target_not_in_snapshot', detail: 'the last look names nothing to mend' };
    if (second !== undefined) return { code: 'target_ambiguous', detail: `the last look names ${there}` };
    return { target: only, targets };
  }
  if (!targetId.test(wanted)) return { code: 'target_id_invalid', detail: `the last look names ${there}` };
  const target = targets.find(({ id }) => id === wanted);
  if (target === undefined)
    return { code: 'target_not_in_snapshot', detail: `the last look names ${there}, and not ${wanted}` };
  return { target, targets };
}

/** Of a text that somebody else wrote, as much as is kept. */
export function short(text: string): string {
  return text.slice(0, longestText);
}
