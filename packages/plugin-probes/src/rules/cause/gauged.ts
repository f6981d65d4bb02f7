import type { CauseClass, Finding } from '../../scene/contract.ts';
import { gaugesOf, placeOf, shown } from '../gauge/gauges.ts';
import type { Gauge } from '../gauge/gauges.ts';
import { climb, median } from '../gauge/numbers.ts';
import { clockTime, oneLine } from '../words.ts';
import type { CauseRule, Study } from '../world/study.ts';

const memory = /rss|heap|mem(?!ber)|resident|working_set/i;
const latency = /latency|duration|p50|p9\d|response_?time|resp_?ms|elapsed|took/i;
const garbage = /gc|pause|collect/i;
/** What takes less nobody waits for, however it rose. */
const noticeableMs = 100;
const timeouts = /time[d]?[_ -]?out/i;

/** Memory that climbs and climbs: the slope counts, not the last value, and pauses of a collector are its effect. */
export const memoryGrowth: CauseRule = (study) =>
  gaugesOf(study).flatMap((gauge): Finding[] => {
    if (
      !memory.test(gauge.name) ||
      garbage.test(gauge.name) ||
      /limit|max|avail|free|total/i.test(gauge.name)
    )
      return [];
    const rise = climb(gauge.points, 1.3);
    if (rise === null) return [];
    const limit = study.scene.units.find(({ entity }) => entity === gauge.entity)?.limits.memoryBytes;
    const isNear =
      limit === undefined || gauge.unit !== 'bytes' ? rise.to >= rise.from * 1.5 : rise.to >= limit * 0.7;
    const of = limit === undefined || gauge.unit !== 'bytes' ? '' : ` of a limit of ${shown(limit, 'bytes')}`;
    return [
      {
        rule: 'memory_growth',
        cause: 'memory_growth',
        entity: gauge.entity,
        text: `${gauge.name} of ${nameOf(gauge.entity, study)} climbs since ${clockTime(rise.since, study.scene.now)}: from ${shown(rise.from, gauge.unit)} to ${shown(rise.to, gauge.unit)}${of}, ${shown(rise.perHour, gauge.unit)} an hour.`,
        evidence: [gauge.cite(placeOf(gauge, rise.since)), gauge.cite(-1)],
        at: rise.since,
        weight: isNear ? 'deciding' : 'supporting',
        fix: 'restart it to win time, and find what holds the memory: compare two heap snapshots',
      },
    ];
  });

/** Answers that take longer and longer. What else rises beside them is told by no class of its own. */
export const latencyTrend: CauseRule = (study) => {
  const measured = gaugesOf(study).filter(({ name }) => latency.test(name) && !garbage.test(name));
  const timed = study.logs.flatMap((log): Gauge[] => {
    const all = [...log.paths.values()];
    const order = all
      .flatMap(({ points, lines }) => points.map((point, index) => ({ point, line: lines[index] ?? 1 })))
      .sort((one, other) => one.point[0] - other.point[0]);
    return [
      {
        entity: log.entity,
        name: 'durations in the log',
        unit: 'ms',
        points: order.map(({ point }) => point),
        cite: (index) => `${log.source.id}#${order.at(index)?.line ?? 1}`,
      },
    ];
  });
  return [...measured, ...timed].flatMap((gauge): Finding[] => {
    const rise = climb(gauge.points, 3);
    const unit = gauge.unit === '' ? 'ms' : gauge.unit;
    if (rise === null || (unit === 'ms' && rise.to < noticeableMs)) return [];
    return [
      {
        rule: 'latency_trend',
        cause: 'latency_trend',
        entity: gauge.entity,
        text: `${gauge.name} of ${nameOf(gauge.entity, study)} rises steadily since ${clockTime(rise.since, study.scene.now)}: from ${shown(rise.from, unit)} to ${shown(rise.to, unit)}.`,
        evidence: [gauge.cite(placeOf(gauge, rise.since)), gauge.cite(-1)],
        at: rise.since,
        weight: 'deciding',
        fix: 'find what grows with it: a table without an index, a queue, a list that is never cut',
      },
    ];
  });
};

interface Fill {
  readonly cause: CauseClass;
  readonly used: RegExp;
  readonly fix: string;
}

/** What can be full, by the names of its gauges. */
const fills: readonly Fill[] = [
  {
    cause: 'pool_exhausted',
    used: /pool|conn|^active$|^in_?use$/i,
    fix: 'find who holds the connections before enlarging the pool',
  },
  { cause: 'disk_full', used: /disk|volume|fs_|filesystem|inode|storage/i, fix: 'free or add space' },
  {
    cause: 'capacity',
    used: /pods|slots|workers|instances|capacity|queue|backlog|fd|files/i,
    fix: 'add capacity, or move something away',
  },
];
const most = /max|limit|capacity|total|size|allocatable/i;
const notUse = /wait|reject|pending|avail|free|idle|error|latency|duration|time|percent_free|hit/i;
const complaints = /wait|reject|pending|queue|timeout|refus|denied|drop/i;

/** Gauges that stand at their end: by a percentage, by the gauge of their limit, or by a plateau where others wait. */
export const full: CauseRule = (study) => {
  const gauges = gaugesOf(study);
  return gauges.flatMap((gauge): Finding[] => {
    const fill = fills.find(({ used }) => used.test(gauge.name));
    if (fill === undefined || most.test(gauge.name) || notUse.test(gauge.name)) return [];
    const limit = limitOf(gauge, gauges);
    if (limit === null) return [];
    const place = gauge.points.findIndex(([, value]) => value >= limit * 0.99);
    const since = gauge.points[place]?.[0];
    if (since === undefined || median(gauge.points.slice(-3).map(([, value]) => value)) < limit * 0.97)
      return [];
    const rejects = gauges.find(
      ({ entity, name, points }) =>
        entity === gauge.entity &&
        complaints.test(name) &&
        points.some(([at, value]) => at >= since && value > 0),
    );
    return [
      {
        rule: 'full',
        cause: fill.cause,
        entity: gauge.entity,
        text: `${gauge.name} of ${nameOf(gauge.entity, study)} is at ${shown(gauge.points.at(-1)?.[1] ?? limit, gauge.unit)} of ${shown(limit, gauge.unit)} since ${clockTime(since, study.scene.now)}${rejects === undefined ? '' : `, and ${rejects.name} rises`}.`,
        evidence: [gauge.cite(place), gauge.cite(-1), ...(rejects === undefined ? [] : [rejects.cite(-1)])],
        at: since,
        weight: 'deciding',
        fix: fill.fix,
      },
    ];
  });
};

function limitOf(gauge: Gauge, gauges: readonly Gauge[]): number | null {
  if (gauge.unit === 'percent' || gauge.unit === '%' || /share|percent|utili[sz]ation/i.test(gauge.name))
    return 100;
  const stem = stemOf(gauge.name);
  const beside = gauges.find(
    ({ entity, name }) =>
      entity === gauge.entity && name !== gauge.name && most.test(name) && akin(stemOf(name), stem),
  );
  if (beside !== undefined) return beside.points.at(-1)?.[1] ?? null;
  return plateauOf(gauge, gauges);
}

/** Stuck at its own highest value, while a gauge beside it counts who waits or is turned away. */
function plateauOf(gauge: Gauge, gauges: readonly Gauge[]): number | null {
  const values = gauge.points.map(([, value]) => value);
  const highest = Math.max(...values.slice(-1_000));
  const stuck = values.length >= 6 && values.slice(-3).every((value) => value === highest) && highest > 1;
  const hasMoved = values.some((value) => value < highest * 0.9);
  const since = gauge.points.find(([, value]) => value >= highest)?.[0] ?? 0;
  const turnedAway = gauges.some(
    ({ entity, name, points }) =>
      entity === gauge.entity &&
      complaints.test(name) &&
      points.some(([at, value]) => at >= since && value > 0),
  );
  return stuck && hasMoved && turnedAway ? highest : null;
}

function stemOf(name: string): readonly string[] {
  return name
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(
      (word) =>
        word !== '' &&
        !/^(?:max|limit|capacity|total|size|allocatable|used|in|use|active|count|current|open)$/.test(word),
    );
}

function akin(one: readonly string[], other: readonly string[]): boolean {
  return one.length === 0 || one.some((word) => other.includes(word) || other.includes(`${word}s`));
}

/** A share of timeouts that rose and stayed: a single early one does not count. */
export const timeoutGauge: CauseRule = (study) =>
  gaugesOf(study).flatMap((gauge): Finding[] => {
    if (!timeouts.test(gauge.name) || gauge.points.length < 6) return [];
    const values = gauge.points.map(([, value]) => value);
    const before = median(values.slice(0, Math.ceil(values.length / 3)));
    const now = median(values.slice(-3));
    const isShare =
      /rate|ratio|share|percent/i.test(gauge.name) || gauge.unit === 'percent' || gauge.unit === '%';
    const least =
      isShare && gauge.unit !== 'percent' && gauge.unit !== '%' && Math.max(...values) <= 1 ? 0.05 : 5;
    if (now < least || now < before * 5) return [];
    const place = values.findIndex(
      (value, index) => value >= now / 2 && (values[index + 1] ?? value) >= now / 2,
    );
    const since = gauge.points[place]?.[0] ?? null;
    return [
      {
        rule: 'timeout_gauge',
        cause: 'timeout_rate',
        entity: gauge.entity,
        text: `${gauge.name} of ${nameOf(gauge.entity, study)} rose from ${shown(before, gauge.unit)} to ${shown(now, gauge.unit)}${since === null ? '' : ` at ${clockTime(since, study.scene.now)}`}.`,
        evidence: [gauge.cite(Math.max(0, place - 1)), gauge.cite(place), gauge.cite(-1)],
        at: since,
        weight: 'deciding',
        fix: 'look at what it waits for, from the time at which the rate rose',
      },
    ];
  });

function nameOf(id: string, { lineage }: Study): string {
  return oneLine(lineage.entities.get(id)?.name ?? id, 80);
}
