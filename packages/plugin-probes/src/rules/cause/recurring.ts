import type { Finding } from '../../scene/contract.ts';
import { gaugesOf } from '../gauge/gauges.ts';
import { percentile } from '../gauge/numbers.ts';
import { watchedBy } from '../world/lineage.ts';
import { isBad } from '../world/statements.ts';
import type { CauseRule, Study } from '../world/study.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** Once is an accident and twice is chance. */
const fewestDays = 3;
const widestMs = 90 * minuteMs;

interface Happening {
  readonly at: number;
  readonly evidence: string;
}

interface Window {
  /** Milliseconds of the day, UTC. */
  readonly from: number;
  readonly to: number;
  readonly days: number;
}

/** A fault that keeps a timetable, wherever it shows: incidents, looks, errors in a log, peaks of a gauge. */
export const recurring: CauseRule = (study) => {
  const found = candidates(study).flatMap(({ entity, happenings }): Finding[] => {
    const window = windowOf(happenings.map(({ at }) => at));
    if (window === null || !holdsNow(window, study)) return [];
    const first = happenings.reduce((earliest, one) => (one.at < earliest.at ? one : earliest));
    const words = `${clock(window.from, Math.floor)}–${clock(window.to, Math.ceil)} UTC`;
    return [
      {
        rule: 'recurring',
        cause: 'recurring_window',
        entity,
        text: `It fails between ${words}, on ${window.days} days: something that runs then belongs to it.`,
        evidence: evidenceOf(happenings),
        at: first.at,
        weight: 'deciding',
        fix: `find what is scheduled at ${clock(window.from, Math.floor)} UTC: a backup, a job, a rotation`,
      },
    ];
  });
  return found.slice(0, 3);
};

function candidates(study: Study): readonly { entity: string; happenings: readonly Happening[] }[] {
  const { scene, lineage, logs } = study;
  const subject = lineage.subject === null ? `probe:${scene.order.probe}` : watchedBy(lineage.subject);
  const own = scene.incidents.filter(({ probe }) => probe === scene.order.probe);
  // Both ends of each, so that the window has its width.
  const incidents = own.flatMap(({ incidentId, failingSince, resolvedAt }) =>
    [failingSince, ...(resolvedAt === null ? [] : [resolvedAt])].map((at) => ({
      at: Date.parse(at),
      evidence: `incident:${incidentId}`,
    })),
  );
  const looks = scene
    .looks(scene.order.probe)
    .filter(({ status }) => isBad(status))
    .map(({ at }) => ({ at, evidence: `look:${scene.order.probe}@${new Date(at).toISOString()}` }));
  const said = logs.map((log) => ({
    entity: log.entity,
    happenings: log.templates
      .filter(({ level, times }) => (level === 'error' || level === 'warn') && windowOf(times) !== null)
      .flatMap(({ times, first, last }) =>
        times.map((at) => ({ at, evidence: `${log.source.id}#${at === first.at ? first.line : last.line}` })),
      ),
  }));
  const peaks = gaugesOf(study).flatMap((gauge) => {
    if (gauge.points.length < 20) return [];
    const usual = percentile(
      gauge.points.map(([, value]) => value),
      0.5,
    );
    const happenings = gauge.points.flatMap(([at, value], index) =>
      usual > 0 && value > usual * 3 ? [{ at, evidence: gauge.cite(index) }] : [],
    );
    return [{ entity: gauge.entity, happenings }];
  });
  return [
    ...said,
    { entity: subject, happenings: looks },
    { entity: subject, happenings: incidents },
    ...peaks,
  ];
}

/** The time of day in which nearly all of it happened, on at least three days; null when there is none. */
function windowOf(times: readonly number[]): Window | null {
  if (times.length < fewestDays) return null;
  const spread = Math.max(...times.slice(-20_000)) - Math.min(...times.slice(0, 20_000));
  if (spread < (fewestDays - 1) * dayMs * 0.9) return null;
  const ofDay = times.map((at) => at % dayMs).sort((one, other) => one - other);
  // The widest gap on the clock face lies opposite of the window.
  let [gap, start] = [(ofDay[0] ?? 0) + dayMs - (ofDay.at(-1) ?? 0), 0];
  for (const [index, at] of ofDay.entries()) {
    const next = ofDay[index + 1];
    if (next !== undefined && next - at > gap) [gap, start] = [next - at, index + 1];
  }
  if (dayMs - gap > widestMs) return null;
  const from = ofDay[start] ?? 0;
  const to = (from + dayMs - gap) % dayMs;
  const days = new Set(times.map((at) => Math.floor((at - from) / dayMs))).size;
  return days < fewestDays ? null : { from, to, days };
}

/** Whether this failure began in the window too; an unknown beginning does not speak against it. */
function holdsNow({ from, to }: Window, { onset }: Study): boolean {
  if (onset === null) return true;
  const margin = 10 * minuteMs;
  const length = (to - from + dayMs) % dayMs;
  const after = ((((onset % dayMs) - from + margin) % dayMs) + dayMs) % dayMs;
  return after <= length + 2 * margin;
}

function evidenceOf(happenings: readonly Happening[]): readonly string[] {
  const byDay = Map.groupBy(happenings, ({ at }) => Math.floor(at / dayMs));
  const firsts = [...byDay.values()].flatMap((day) => day.slice(0, 1));
  return [...new Set(firsts.map(({ evidence }) => evidence))].slice(-5);
}

function clock(ofDay: number, round: (minutes: number) => number): string {
  const minutes = round(ofDay / minuteMs) % 1_440;
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
