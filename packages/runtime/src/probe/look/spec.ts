import { fault } from '../../fault/index.ts';
import type { ProbeSpec } from '../contract.ts';

const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/i;
const defaultTimeoutMs = 10_000;
const longestTimeoutMs = 600_000;
const defaultConsecutive = 2;
const shortestEveryMs = 100;
const mostNeeds = 50;

/** Bad looks in a row that open an incident, and good ones that end it. */
export function consecutiveOf({ consecutive }: ProbeSpec): number {
  return consecutive ?? defaultConsecutive;
}

/** Milliseconds one look may take. */
export function timeoutOf({ timeoutMs }: ProbeSpec): number {
  return timeoutMs ?? defaultTimeoutMs;
}

/** Throws KORA_PLUGIN_INVALID. */
export function refuseMalformed(spec: ProbeSpec, pluginName: string): void {
  const { name, everyMs } = spec;
  const consecutive = consecutiveOf(spec);
  const timeoutMs = timeoutOf(spec);
  if (!namePattern.test(name))
    throw fault('KORA_PLUGIN_INVALID', `"${name}" (${pluginName}) is not a probe name`);
  const refuse = (why: string): Error => fault('KORA_PLUGIN_INVALID', `probe ${name}: ${why}`);
  if (!(everyMs >= shortestEveryMs))
    throw refuse(`everyMs must be at least ${shortestEveryMs}, not ${everyMs}`);
  if (!Number.isInteger(consecutive) || consecutive < 1)
    throw refuse(`consecutive must be 1 or more, not ${consecutive}`);
  if (!(timeoutMs > 0 && timeoutMs <= longestTimeoutMs))
    throw refuse(`timeoutMs must be 1 to ${longestTimeoutMs}, not ${timeoutMs}`);
  if ((spec.dependsOn ?? []).length > mostNeeds) throw refuse(`it needs more than ${mostNeeds} probes`);
}

/** The task that makes its looks. */
export function taskNameOf({ name }: ProbeSpec): string {
  return `probe.${name.toLowerCase()}`;
}
