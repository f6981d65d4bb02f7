import { watchedBy } from '../world/lineage.ts';
import { evidenceId, iso } from '../world/study.ts';
import type { Study } from '../world/study.ts';
import type { Point } from './numbers.ts';

/** A gauge of the lineage, wherever it was read: a series, or numbers that a log or a probe reports. */
export interface Gauge {
  readonly entity: string;
  readonly name: string;
  readonly unit: string;
  readonly points: readonly Point[];
  /** The evidence id of one of its points, by its place. */
  cite(index: number): string;
}

export function gaugesOf({ scene, lineage, logs }: Study): readonly Gauge[] {
  const series = scene.series.flatMap((one): Gauge[] => {
    if (!lineage.entities.has(one.entity)) return [];
    const id = evidenceId('series', one.id);
    return [{ ...one, cite: (index) => cited(id, one.points, index) }];
  });
  const fromLogs = logs.flatMap(({ gauges, entity, source }) =>
    [...gauges].map(
      ([name, { points, lines }]): Gauge => ({
        entity,
        name,
        unit: '',
        points,
        cite: (index) => `${source.id}#${lines.at(index) ?? lines.at(-1) ?? 1}`,
      }),
    ),
  );
  return [...series, ...fromLogs, ...ofLooks({ scene, lineage })];
}

/** What probes of the lineage measured: how long answers took, and every number among their details. */
function ofLooks({ scene, lineage }: Pick<Study, 'scene' | 'lineage'>): readonly Gauge[] {
  return [...lineage.entities.values()].flatMap((entity): Gauge[] => {
    if (entity.kind !== 'probe') return [];
    const looks = scene.looks(entity.name).toReversed();
    const found = new Map<string, Point[]>();
    for (const { at, latencyMs, details } of looks) {
      if (latencyMs !== null) keep(found, 'latency', [at, latencyMs]);
      for (const [name, value] of Object.entries(details)) {
        if (typeof value === 'number' && Number.isFinite(value)) keep(found, name, [at, value]);
      }
    }
    const watched = watchedBy(entity);
    return [...found].map(([name, points]) => ({
      entity: watched,
      name,
      unit: name === 'latency' ? 'ms' : '',
      points,
      cite: (index) => cited(`look:${entity.name}`, points, index),
    }));
  });
}

function keep(into: Map<string, Point[]>, name: string, point: Point): void {
  const points = into.get(name);
  if (points === undefined) into.set(name, [point]);
  else points.push(point);
}

function cited(id: string, points: readonly Point[], index: number): string {
  const point = points.at(index) ?? points.at(-1);
  return point === undefined ? id : `${id}@${iso(point[0])}`;
}

/** The place of the first point at or after an instant. */
export function placeOf({ points }: Gauge, at: number): number {
  const place = points.findIndex(([time]) => time >= at);
  return place < 0 ? points.length - 1 : place;
}

/** `1.2 GiB`, `340 ms`, `62 %`, `1 840`: a reading with its unit. */
export function shown(value: number, unit: string): string {
  if (unit === 'bytes' || unit === 'B') {
    return value >= 1_073_741_824
      ? `${(value / 1_073_741_824).toFixed(1)} GiB`
      : `${Math.round(value / 1_048_576)} MiB`;
  }
  const digits =
    Math.abs(value) >= 100 || Number.isInteger(value) ? Math.round(value) : Number(value.toFixed(2));
  if (unit === 'percent' || unit === '%') return `${digits} %`;
  return unit === '' ? String(digits) : `${digits} ${unit}`;
}
