import type { Change, Finding } from '../../scene/contract.ts';
import { gaugesOf, placeOf, shown } from '../gauge/gauges.ts';
import type { Gauge } from '../gauge/gauges.ts';
import { median, shiftAt } from '../gauge/numbers.ts';
import type { Shift } from '../gauge/numbers.ts';
import { clockTime, oneLine } from '../words.ts';
import { evidenceId } from '../world/study.ts';
import type { CauseRule, Study } from '../world/study.ts';

const hourMs = 3_600_000;
/** How far back a change may lie that broke something; what needs longer is not told by its order. */
const windowMs = 24 * hourMs;
/** What follows a change within this time follows it at once. */
const soonMs = 15 * 60_000;

/** A line of plain information that says that something was set anew. */
const reload =
  /\b(?:config(?:uration)?|settings?|polic(?:y|ies)|flags?|parameters?|rules?)\b.{0,40}\b(?:reload|chang|updat|appl(?:y|ied)|refresh|set to|switched|pushed)|\b(?:reload|re-?read|appl(?:y|ied)|chang|updat)(?:ed|ing)?\b.{0,40}\b(?:config(?:uration)?|settings?|flags?|rules?)\b|\bfeature.?flag\b|\bSIGHUP\b|\b(?:deploy(?:ed|ment)?|roll(?:ed)? ?out)\b.{0,30}\b(?:complete|finished|version|revision)/i;
const higherIsWorse = /error|latency|duration|miss|timeout|fail|reject|queue|wait|lag|p9\d|p50|5xx|4xx|retr/i;
const lowerIsWorse = /hit|success|throughput|rps|requests|orders|ratio|rate|available|healthy|uptime/i;

/** Everything that was set anew: what the scene knows, and what logs say at their ease. */
export function changesOf({ scene, logs, lineage, onset }: Study): readonly Change[] {
  const until = onset === null ? scene.now : onset + 60_000;
  const own = scene.changes.filter(
    ({ at, entity }) => at <= until && at >= until - windowMs && lineage.entities.has(entity),
  );
  const told = logs.flatMap((log) =>
    log.templates.flatMap(({ first, last, level, count }): Change[] => {
      if (level === 'error' || level === 'debug' || count > 10 || !reload.test(first.text)) return [];
      const entries = first === last ? [first] : [first, last];
      return entries.flatMap((entry): Change[] =>
        entry.at === null || entry.at > until || entry.at < until - windowMs
          ? []
          : [{ id: `${log.source.id}#${entry.line}`, at: entry.at, entity: log.entity, what: entry.text }],
      );
    }),
  );
  return [...own, ...told];
}

/** A gauge that was level until something was set anew, and is level elsewhere since. */
export const changeThenShift: CauseRule = (study) => {
  const gauges = gaugesOf(study);
  return changesOf(study).flatMap((change): Finding[] => {
    const moved = gauges.flatMap((gauge) => {
      const shift = follows(gauge, change, study);
      return shift === null ? [] : [{ gauge, shift }];
    });
    const [strongest] = moved.sort((one, other) => strength(other.shift) - strength(one.shift));
    if (strongest === undefined) return [];
    const { gauge, shift } = strongest;
    const unit = gauge.unit;
    return [
      {
        rule: 'change_then_shift',
        cause: 'configuration_change',
        entity: change.entity,
        text: `At ${clockTime(change.at, study.scene.now)} ${shownChange(change)}; right after it ${gauge.name} of ${nameOf(gauge.entity, study)} went from ${shown(shift.before, unit)} to ${shown(shift.after, unit)}.`,
        evidence: [
          changeEvidence(change),
          gauge.cite(Math.max(0, placeOf(gauge, change.at) - 1)),
          gauge.cite(-1),
        ],
        at: change.at,
        weight: 'deciding',
        fix: `take the change back: ${shownChange(change)}`,
      },
    ];
  });
};

function follows(gauge: Gauge, change: Change, { lineage }: Study): Shift | null {
  const related = gauge.entity === change.entity || lineage.needs(gauge.entity, change.entity);
  if (!related) return null;
  const shift = shiftAt(gauge.points, change.at);
  if (shift === null || !isWorse(gauge.name, shift)) return null;
  const distance = Math.abs(shift.after - shift.before);
  // Last good, first bad: it was still at its level just before, and left it soon.
  const justBefore = gauge.points.filter(([at]) => at < change.at).slice(-3);
  const left = gauge.points.find(
    ([at, value]) => at > change.at && Math.abs(value - shift.before) > distance * 0.4,
  );
  const wasLevel = Math.abs(median(justBefore.map(([, value]) => value)) - shift.before) <= distance * 0.3;
  const interval = (gauge.points.at(-1)?.[0] ?? 0) - (gauge.points[0]?.[0] ?? 0);
  const soon = Math.max(soonMs, (3 * interval) / gauge.points.length);
  return wasLevel && left !== undefined && left[0] - change.at <= soon ? shift : null;
}

function isWorse(name: string, { before, after }: Shift): boolean {
  const rises = after > before * 1.5 && after - before > 0;
  const falls = after < before * 0.7;
  if (higherIsWorse.test(name)) return rises;
  return lowerIsWorse.test(name) ? falls : false;
}

function strength({ before, after }: Shift): number {
  const low = Math.max(Math.min(before, after), 1e-9);
  return Math.max(before, after) / low;
}

const plainWords = new Set(
  'config configuration change changed update updated deploy deployed version value values setting settings from with that this have after before when into then was were been the and for not error errors failed failure service server application default true false null none info warn level time name type data request requests response timeout'.split(
    ' ',
  ),
);

/** A change that names the very thing that fails afterwards: its order and its words together make it the cause. */
export function linkedChanges(found: readonly Finding[], study: Study): readonly Finding[] {
  const changes = changesOf(study);
  return found.flatMap((finding): Finding[] => {
    if (finding.cause === 'configuration_change' || finding.rule === 'what_was_seen') return [];
    return changes.flatMap((change): Finding[] => {
      const related = change.entity === finding.entity || study.lineage.needs(finding.entity, change.entity);
      const isEarlier = finding.at === null || change.at <= finding.at;
      const isIt = finding.evidence.includes(changeEvidence(change));
      const shared = isIt || !related || !isEarlier ? [] : sharedWords(change, finding.text);
      if (shared.length === 0) return [];
      return [
        {
          rule: 'linked_change',
          cause: 'configuration_change',
          entity: change.entity,
          text: `At ${clockTime(change.at, study.scene.now)} ${shownChange(change)}; what failed then is about the same (${shared.slice(0, 3).join(', ')}).`,
          evidence: [changeEvidence(change), ...finding.evidence.slice(0, 2)],
          at: change.at,
          weight: finding.weight,
          fix: `take the change back: ${shownChange(change)}`,
        },
      ];
    });
  });
}

/** Words of what was set that the fault says too; the names of entities are no link. */
function sharedWords(change: Change, text: string): readonly string[] {
  // A change without what it set says only that there was one.
  const set = `${change.before ?? ''} ${change.after ?? ''} ${change.before === undefined && change.after === undefined ? '' : change.what}`;
  const own = wordsOf(change.entity);
  const said = wordsOf(text);
  return [...wordsOf(set)].filter((word) => said.has(word) && !own.has(word));
}

function wordsOf(text: string): ReadonlySet<string> {
  const words = text
    .slice(0, 4_000)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word.length >= 4 && !plainWords.has(word));
  return new Set(words);
}

/** What was set anew just before, and for which nothing else speaks: for whoever thinks further. */
export const changedBefore: CauseRule = (study) => {
  const { onset, scene } = study;
  if (onset === null) return [];
  return changesOf(study)
    .filter(({ at }) => at <= onset && at >= onset - 2 * hourMs)
    .slice(-5)
    .map(
      (change): Finding => ({
        rule: 'changed_before',
        cause: 'configuration_change',
        entity: change.entity,
        text: `At ${clockTime(change.at, scene.now)}, before it failed, ${shownChange(change)}. That it came before does not make it the cause.`,
        evidence: [changeEvidence(change)],
        at: change.at,
        weight: 'supporting',
      }),
    );
};

function shownChange({ what, before, after, by }: Change): string {
  const values =
    before === undefined && after === undefined
      ? ''
      : ` (${oneLine(before ?? 'nothing', 60)} → ${oneLine(after ?? 'nothing', 60)})`;
  return `${oneLine(what, 120)}${values}${by === undefined ? '' : `, by ${oneLine(by, 40)}`}`;
}

function changeEvidence({ id }: Change): string {
  return id.startsWith('log:') ? id : evidenceId('change', id);
}

function nameOf(id: string, { lineage }: Study): string {
  return oneLine(lineage.entities.get(id)?.name ?? id, 80);
}
