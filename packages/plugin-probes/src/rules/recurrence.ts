import type { Incident } from '@kora/runtime/plugin';
import type { Fact, Scene } from './rule.ts';
import { clockTime, span } from './words.ts';

const dayMs = 86_400_000;

/** Whether this is the first time, and if not, how often it happened in a day and how the last one went. */
export function recurrence(scene: Scene): Fact | null {
  const earlier = earlierIncidents(scene);
  const opened = openedAt(scene);
  if (earlier === null || opened === null) return null;
  const [previous] = earlier;
  if (previous === undefined) {
    // Without the whole list nobody knows what came before it.
    if (!scene.incidentsComplete) return null;
    return { rule: 'recurrence', line: 'This is its first incident on record.', evidence: { earlier: [] } };
  }
  const today = earlier.filter((incident) => opened - Date.parse(incident.openedAt) < dayMs);
  const evidence = {
    earlier: earlier.slice(0, 20).map((incident) => incident.incidentId),
    within24h: today.length,
  };
  const last = `the one before opened at ${clockTime(previous.openedAt, scene.now)} (${previous.category}${lasted(previous)})`;
  const line =
    today.length === 0
      ? `It is the first incident in 24 h; ${last}.`
      : `It is the ${ordinal(today.length + 1)} incident in 24 h; ${last}.`;
  return { rule: 'recurrence', line, evidence };
}

/** Incidents of the same probe that opened before this one, newest first; null when this one is not known. */
export function earlierIncidents(scene: Scene): readonly Incident[] | null {
  const opened = openedAt(scene);
  if (opened === null) return null;
  return scene.incidents.filter(
    ({ incidentId, probe, openedAt: at }) =>
      probe === scene.order.probe && incidentId !== scene.order.incidentId && Date.parse(at) <= opened,
  );
}

/** When this incident opened, milliseconds since 1970. */
export function openedAt(scene: Scene): number | null {
  return scene.incident === null ? (scene.wake?.at ?? null) : Date.parse(scene.incident.openedAt);
}

function lasted({ failingSince, resolvedAt }: Incident): string {
  return resolvedAt === null ? '' : `, ${span(Date.parse(resolvedAt) - Date.parse(failingSince))} long`;
}

function ordinal(count: number): string {
  const ends: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
  return `${count}${ends[new Intl.PluralRules('en', { type: 'ordinal' }).select(count)] ?? 'th'}`;
}
