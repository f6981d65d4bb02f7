import { KoraError } from '@kora/runtime/plugin';
import type { FixCondition, FixEnvelope } from '@kora/runtime/plugin';
import type { FixCommon } from './config.ts';

export const autofix = 'cap_autofix';

/** What every envelope takes from the configuration. */
export function boundsOf({
  probe,
  mode,
  perTargetPerHour,
  timeoutMs,
  verifySeconds,
}: FixCommon): Pick<FixEnvelope, 'probe' | 'mode' | 'limits' | 'timeoutMs' | 'verifyMs'> {
  return { probe, mode, limits: { perTargetPerHour }, timeoutMs, verifyMs: verifySeconds * 1_000 };
}

export function condition(name: string, holds: boolean, saw: string): FixCondition {
  return { name, holds, saw };
}

/** A value of a state, in a few words. */
export function word(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'unknown';
}

/** What the other side said instead of doing it. */
export function notDone(why: string): KoraError {
  return new KoraError('PLUGIN_PROBES_FIX_FAILED', why);
}
