import type { Finding } from '../../scene/contract.ts';
import { percentile } from '../gauge/numbers.ts';
import { freshness, leadMs } from '../logs/picture.ts';
import type { LogPicture } from '../logs/picture.ts';
import type { Template } from '../logs/templates.ts';
import { clockTime, oneLine } from '../words.ts';
import type { CauseRule, Study } from '../world/study.ts';
import { sayingOf } from './catalogue.ts';

const mostOfOneLog = 3;
const mostFindings = 8;
/** What comes once is an accident; what comes later than this is company. */
const fewest = 2;
const lateMs = 60_000;
const slowMs = 500;

/**
 * What a log says since the fault and never said before, though it is no error: for whoever thinks further. It decides
 * nothing: that something is new does not make it the cause.
 */
export const noticed: CauseRule = (study) => [
  ...study.logs.flatMap((log) => newIn(log, study)).slice(0, mostFindings),
  ...study.logs.flatMap((log) => slowerIn(log, study)).slice(0, mostFindings),
];

function newIn(log: LogPicture, study: Study): readonly Finding[] {
  const { onset } = study;
  const from = log.times[0];
  // In a log that begins with the fault everything is new.
  if (onset === null || from === undefined || from >= onset - leadMs) return [];
  return log.templates
    .filter((template) => isNews(template, log, onset))
    .toSorted((one, other) => rank(one) - rank(other))
    .slice(0, mostOfOneLog)
    .map(({ first, count, level }) => ({
      rule: 'noticed',
      cause: level === 'warn' ? ('log_error' as const) : ('unknown' as const),
      entity: log.entity,
      text: `${nameOf(log.entity, study)} says since ${clockTime(first.at ?? onset, study.scene.now)}, ${count} times, what it never said before: "${oneLine(first.text, 200)}".`,
      evidence: [`${log.source.id}#${first.line}`],
      at: first.at,
      weight: 'supporting',
    }));
}

function isNews(template: Template, log: LogPicture, onset: number): boolean {
  const { first, level, count } = template;
  if (level === 'error' || level === 'debug' || count < fewest) return false;
  if (first.at === null || first.at > onset + lateMs) return false;
  return freshness(template, log, onset).isNew && sayingOf(first.text) === null;
}

function rank({ level, first }: Template): number {
  return (level === 'warn' ? 0 : Number.MAX_SAFE_INTEGER / 2) + (first.at ?? 0);
}

/** Steps that take several times as long since the fault as before it. */
function slowerIn(log: LogPicture, study: Study): readonly Finding[] {
  const { onset } = study;
  if (onset === null) return [];
  return [...log.paths].flatMap(([name, { points, lines }]): Finding[] => {
    const split = onset - lateMs;
    const before = points.filter(([at]) => at < split).map(([, value]) => value);
    const place = points.findIndex(([at]) => at >= split);
    const since = points.slice(Math.max(0, place)).map(([, value]) => value);
    if (place < 0 || before.length < 5 || since.length < 5) return [];
    const [was, is] = [percentile(before, 0.5), percentile(since, 0.5)];
    if (is < slowMs || is < was * 4) return [];
    return [
      {
        rule: 'slower_since',
        cause: 'slow_path',
        entity: log.entity,
        text: `${oneLine(name, 100)} in the log of ${nameOf(log.entity, study)} takes ${Math.round(is)} ms since ${clockTime(split, study.scene.now)}, and took ${Math.round(was)} ms before (medians).`,
        evidence: [`${log.source.id}#${lines[place + 1] ?? lines[place] ?? 1}`],
        at: split,
        weight: 'supporting',
      },
    ];
  });
}

function nameOf(id: string, { lineage }: Study): string {
  return oneLine(lineage.entities.get(id)?.name ?? id, 80);
}
