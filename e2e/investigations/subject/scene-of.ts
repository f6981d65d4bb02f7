import type {
  LogLine,
  LogQuery,
  LogSource,
  Look,
  Scene,
} from '../../../packages/plugin-probes/src/scene/contract.ts';
import type { WholeWorld, WorldLine, WorldLog } from '../world.ts';
import type { Reading } from './reading.ts';

/** A world as rules and tools see one. Of what lies behind its instant nothing is shown; what is looked at is noted. */
export function sceneOf(world: WholeWorld, reading: Reading): Scene {
  const { now } = world;
  return {
    now,
    order: world.order,
    wake: world.wake,
    incident: world.incident,
    incidentsComplete: world.incidentsComplete,
    missing: world.missing,
    entities: world.entities.map((entity) => reading.watch(entity, entity.id, ['id', 'kind', 'name'])),
    looks: (probe) => looksOf(world, reading, probe),
    incidents: world.incidents.map((incident) =>
      reading.watch(incident, `incident:${incident.incidentId}`, ['incidentId', 'probe']),
    ),
    series: world.series.map((series) =>
      reading.watch({ ...series, points: series.points.filter(([at]) => at <= now) }, series.id, [
        'id',
        'entity',
        'name',
        'unit',
      ]),
    ),
    logs: world.logs.map((log) => sourceOf(log, world.lines[log.id] ?? [], now, reading)),
    units: world.units.map((unit) => reading.watch(unit, unit.entity, ['entity'])),
    certificates: world.certificates.map((each) => reading.watch(each, each.id, ['id', 'entity'])),
    changes: world.changes
      .filter(({ at }) => at <= now)
      .map((change) => reading.watch(change, change.id, ['id', 'entity'])),
    memories: world.memories.map((memory) => reading.watch(memory, memory.id, ['id', 'entity'])),
  };
}

function looksOf(world: WholeWorld, reading: Reading, probe: string): Look[] {
  const looks = (world.looks[probe] ?? []).filter(({ at }) => at <= world.now);
  if (looks.length > 0) reading.add(`look:${probe}`);
  return looks;
}

function sourceOf(
  { id, entity, bytes, truncated, firstLine }: WorldLog,
  rows: readonly WorldLine[],
  now: number,
  reading: Reading,
): LogSource {
  const lines = dated(rows, firstLine).filter(({ from }) => from <= now);
  return {
    id,
    entity,
    bytes,
    truncated,
    lines: (query) => {
      const found = asked(lines, query);
      for (const { line } of found) reading.add(`${id}#${line}`);
      return Promise.resolve(found);
    },
  };
}

/** With the time of a line, or of the one before it that says one. */
type Dated = LogLine & { readonly from: number };

function dated(rows: readonly WorldLine[], firstLine: number): Dated[] {
  let from = Number.NEGATIVE_INFINITY;
  return rows.map(([at, text], n) => {
    from = at ?? from;
    return { line: firstLine + n, at, text, from };
  });
}

function asked(lines: readonly Dated[], query: LogQuery): LogLine[] {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, contains, limit } = query;
  const wanted = contains?.toLowerCase();
  const found: LogLine[] = [];
  for (let n = lines.length - 1; n >= 0 && found.length < limit; n -= 1) {
    const line = lines[n];
    if (line === undefined || line.from < from || line.from > to) continue;
    if (wanted !== undefined && !line.text.toLowerCase().includes(wanted)) continue;
    found.push({ line: line.line, at: line.at, text: line.text });
  }
  return found.reverse();
}
