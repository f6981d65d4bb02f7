import { earlierIncidents, openedAt } from './recurrence.ts';
import type { Fact, Scene } from './rule.ts';

const dayMs = 86_400_000;
/** How far from each other the times of day may lie. */
const sameTimeMs = 15 * 60_000;
/** On how many other days it must have happened: twice is chance. */
const otherDays = 2;

/** A fault that keeps a timetable: something that runs at that hour belongs to it. */
export function dailyWindow(scene: Scene): Fact | null {
  const opened = openedAt(scene);
  const earlier = earlierIncidents(scene);
  if (opened === null || earlier === null) return null;
  const alike = earlier.filter((incident) => timeApart(Date.parse(incident.openedAt), opened) <= sameTimeMs);
  const days = new Set(alike.map((incident) => incident.openedAt.slice(0, 10)));
  days.delete(new Date(opened).toISOString().slice(0, 10));
  if (days.size < otherDays) return null;
  const at = new Date(opened).toISOString().slice(11, 16);
  return {
    rule: 'daily_window',
    line: `It also failed within 15 min of ${at} UTC on ${days.size} other days: something that runs at that hour may be part of it.`,
    evidence: { incidents: alike.map((incident) => incident.incidentId), days: [...days].toSorted() },
  };
}

/** Distance on the clock face, so that 23:55 and 00:05 are ten minutes apart. */
function timeApart(one: number, other: number): number {
  const apart = Math.abs((one % dayMs) - (other % dayMs));
  return Math.min(apart, dayMs - apart);
}
