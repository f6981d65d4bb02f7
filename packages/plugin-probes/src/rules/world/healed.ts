import type { Scene } from '../../scene/contract.ts';
import { leadMs } from '../logs/picture.ts';
import type { LogPicture } from '../logs/picture.ts';
import type { Template } from '../logs/templates.ts';
import { watchedBy } from './lineage.ts';
import type { Lineage } from './lineage.ts';

/** When what watches an entity was last found well again before this failure; null when nothing is on record. */
export function healedAt(
  entity: string,
  {
    scene,
    lineage,
    onset,
  }: { readonly scene: Scene; readonly lineage: Lineage; readonly onset: number | null },
): number | null {
  if (onset === null) return null;
  const probes = new Set(
    [...lineage.entities.values()].flatMap((one) =>
      one.kind === 'probe' && (one.id === entity || watchedBy(one) === entity) ? [one.name] : [],
    ),
  );
  const ends = scene.incidents.flatMap(({ probe, incidentId, resolvedAt }) => {
    if (resolvedAt === null || incidentId === scene.order.incidentId || !probes.has(probe)) return [];
    const end = Date.parse(resolvedAt);
    return end <= onset ? [end] : [];
  });
  return ends.length === 0 ? null : Math.max(...ends);
}

/**
 * A log without what belongs to a failure that is over: a statement that was last made before what makes it was found
 * well again explains that failure and not this one. What is made again counts from then on.
 */
export function sinceHealed(log: LogPicture, healed: number | null, onset: number | null): LogPicture {
  if (healed === null || onset === null) return log;
  return {
    ...log,
    templates: log.templates.flatMap((template): Template[] => {
      const [first, last] = [template.first.at, template.last.at];
      if (first === null || last === null || first > healed) return [template];
      if (last <= healed) return [];
      // What was there long before is judged by its rate, and keeps its beginning.
      if (first < onset - leadMs) return [template];
      const times = template.times.filter((at) => at > healed);
      return [{ ...template, first: template.last, times, count: times.length }];
    }),
  };
}
