import type { CauseClass, Finding } from '../scene/contract.ts';
import type { Lineage } from './world/lineage.ts';

/** Causes that need no other cause behind them. */
const whole: ReadonlySet<CauseClass> = new Set([
  'out_of_memory',
  'missing_executable',
  'image_pull',
  'certificate_expired',
  'script_error',
  'capacity',
  'unschedulable',
  'missing_configuration',
  'memory_growth',
  'configuration_change',
  'disk_full',
  'network_policy',
  'recurring_window',
  'always_firing',
]);
/** Causes that point a way, and may have one behind them that was not looked at. */
const pointing: ReadonlySet<CauseClass> = new Set([
  'dependency_refused',
  'pool_exhausted',
  'rate_limited',
  'auth',
  'dns',
  'process_gone',
  'cascade',
]);

/** 0 for what explains itself, 1 for what points a way, 2 for what is only how it feels. */
export function rankOf({ cause }: Finding): number {
  if (whole.has(cause)) return 0;
  return pointing.has(cause) ? 1 : 2;
}

/**
 * Deciding findings, the likeliest cause first: what explains itself before what points on, what others need before
 * what needs it, the earlier before the later. How loud a thing is counts nowhere.
 */
export function standing(findings: readonly Finding[], lineage: Lineage): readonly Finding[] {
  const deciding = findings.filter(({ weight }) => weight === 'deciding');
  return deciding
    .filter((one) => !isPartOf(one, deciding))
    .toSorted((one, other) => order(one, other, lineage));
}

/** What another finding tells more exactly. */
function isPartOf(one: Finding, deciding: readonly Finding[]): boolean {
  return deciding.some((other) => {
    if (other === one) return false;
    const isSamePlace = other.entity === one.entity;
    // Who asks too often is more than that somebody does.
    if (one.rule === 'said' && one.cause === 'rate_limited') return other.rule === 'limited_client';
    // A refusal says what a missing process means; a chain of errors begins with its first.
    if (one.rule === 'unit_gone')
      return isSamePlace && other.cause !== 'log_error' && other.cause !== 'process_gone';
    if (other.rule === 'cascade' && isSamePlace) return one.rule === 'said' && rankOf(one) > 0;
    if (one.rule === 'cascade') return isSamePlace && rankOf(other) === 0 && other.rule !== 'said';
    // That memory ran out is the end of a climb.
    if (one.cause === 'out_of_memory') return isSamePlace && other.cause === 'memory_growth';
    if (one.cause === 'slow_path' || one.cause === 'latency_trend') return isSamePlace && rankOf(other) < 2;
    return false;
  });
}

function order(one: Finding, other: Finding, lineage: Lineage): number {
  const rank = rankOf(one) - rankOf(other);
  if (rank !== 0) return rank;
  if (lineage.needs(other.entity, one.entity) && !lineage.needs(one.entity, other.entity)) return -1;
  if (lineage.needs(one.entity, other.entity) && !lineage.needs(other.entity, one.entity)) return 1;
  return (one.at ?? Number.MAX_SAFE_INTEGER) - (other.at ?? Number.MAX_SAFE_INTEGER);
}

/** Whether one explains the other: same place, or one needs the other. */
export function isAkin(one: Finding, other: Finding, lineage: Lineage): boolean {
  return (
    one.entity === other.entity ||
    lineage.needs(one.entity, other.entity) ||
    lineage.needs(other.entity, one.entity)
  );
}
