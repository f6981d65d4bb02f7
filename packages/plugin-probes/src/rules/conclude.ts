import type { Abstention, Conclusion, Entity, Finding, Missing, Scene } from '../scene/contract.ts';
import { pointsElsewhere } from './cause/catalogue.ts';
import { isOfOthers } from './cause/outside.ts';
import { nearNames } from './near-names.ts';
import { isAkin, rankOf, standing } from './standing.ts';
import { lineageOf } from './world/lineage.ts';
import type { Lineage } from './world/lineage.ts';
import { isBad, isWell } from './world/statements.ts';

/** Two causes at once is what happens; three is a rule that sees too much. */
const mostCauses = 2;
const nothingThere =
  /^\s*$|\b(?:empty|no (?:log|line|entr|output|data|record|sample)|nothing|0 (?:lines|bytes))/i;

/**
 * Weighs what the rules found; pure. Answers with a cause only where one explains itself or nothing that it points at
 * was left in the dark; else it says what it would need to know.
 */
export function conclude(scene: Scene, findings: readonly Finding[]): Conclusion {
  const lineage = lineageOf(scene);
  const absent = absentNames(scene, lineage);
  if (absent !== null) {
    return { ...abstained('no_such_object', [absent.need], findings), suggest: absent.suggest };
  }
  const causes = standing(findings, lineage);
  const fires = causes.find(({ rule }) => rule === 'watchdog_fires');
  const others = causes.filter(({ rule }) => rule !== 'watchdog_fires');
  if (fires !== undefined && others.every((one) => rankOf(one) > 0)) {
    return { kind: 'no_incident', why: fires.text, findings };
  }
  if (nothingFailed(scene, lineage)) {
    return { kind: 'no_incident', why: 'Everything that the order is about is well.', findings };
  }
  const [first] = others;
  if (first === undefined) return nothingDecides(scene, lineage, findings);
  return doubt(first, { scene, lineage, findings }) ?? judged(others, { scene, lineage, findings });
}

interface Case {
  readonly scene: Scene;
  readonly lineage: Lineage;
  readonly findings: readonly Finding[];
}

/** Why a cause that only points on must not be taken for the last one; null when nothing speaks against it. */
function doubt(first: Finding, { scene, lineage, findings }: Case): Conclusion | null {
  if (rankOf(first) === 0) return null;
  const dark = [...darkBelow(first.entity, scene, lineage), ...unobserved(first, scene, lineage)];
  if (dark.length > 0) return abstained('missing_source', dark, findings);
  const change = findings.find((one) => mayHaveSet(one, first));
  if (change !== undefined) {
    // Either of the two may be it, and nothing else.
    const either = findings.map((one) => (one === change ? { ...one, weight: 'deciding' as const } : one));
    return abstained('conflict', [`whether this explains it: ${change.text}`], either);
  }
  const outside = findings.find(
    ({ rule, entity }) => rule === 'outside' && reaches(first.entity, entity, lineage),
  );
  const owner = lineage.entities.get(first.entity);
  if ((outside !== undefined && mayBeOutside(first)) || (owner !== undefined && isOfOthers(owner))) {
    return abstained('external', outside?.fix === undefined ? [] : [outside.fix], findings);
  }
  const isCut = findings.some(({ rule, entity }) => rule === 'truncated' && entity === first.entity);
  if (rankOf(first) === 2 && isCut) return abstained('truncated', cutNeeds(findings), findings);
  return null;
}

/** What a chain of errors blames and nobody has looked at: the deepest thing seen is not the deepest there is. */
function unobserved({ rule, entity, text }: Finding, scene: Scene, lineage: Lineage): readonly string[] {
  if (!(rule === 'cascade' || rule === 'earliest_error') || !pointsElsewhere.test(text)) return [];
  return (lineage.entities.get(entity)?.dependsOn ?? []).flatMap((id) => {
    const needed = lineage.entities.get(id);
    if (needed === undefined || needed.kind === 'host' || isObserved(id, scene)) return [];
    if (darkAt(id, scene, lineage).length > 0) return [];
    return [`${id}: nothing of it was looked at`];
  });
}

function isObserved(id: string, scene: Scene): boolean {
  const isWatched = scene.entities.some(
    ({ kind, dependsOn, name }) => kind === 'probe' && dependsOn.includes(id) && scene.looks(name).length > 0,
  );
  return isWatched || [...scene.logs, ...scene.units, ...scene.series].some(({ entity }) => entity === id);
}

const setByChange: ReadonlySet<string> = new Set([
  'cascade',
  'log_error',
  'timeout_rate',
  'latency_trend',
  'slow_path',
]);
const justBeforeMs = 30 * 60_000;

/** Something was set anew at the very place just before: it may be why, and nothing here proves it. */
function mayHaveSet(change: Finding, first: Finding): boolean {
  if (change.rule !== 'changed_before' || change.entity !== first.entity || !setByChange.has(first.cause))
    return false;
  return (
    change.at !== null && first.at !== null && change.at <= first.at && first.at - change.at <= justBeforeMs
  );
}

function reaches(one: string, other: string, lineage: Lineage): boolean {
  return one === other || lineage.needs(one, other) || lineage.needs(other, one);
}

/** What a machine of others does to us looks like these. */
function mayBeOutside({ cause, rule }: Finding): boolean {
  const inside = ['pool_exhausted', 'process_gone', 'slow_path'];
  return !inside.includes(cause) && rule !== 'limited_client';
}

/** One cause, or two that have nothing to do with each other; a conflict when they are more, or only impressions. */
function judged(causes: readonly Finding[], { scene, lineage, findings }: Case): Conclusion {
  const [first, ...rest] = causes;
  if (first === undefined) return nothingDecides(scene, lineage, findings);
  const independent: Finding[] = [first];
  for (const one of rest) {
    const isPeer = rankOf(one) === rankOf(first);
    if (isPeer && independent.every((other) => !isAkin(one, other, lineage))) independent.push(one);
  }
  const isImpression = rankOf(first) === 2;
  if (independent.length > mostCauses || (isImpression && independent.length > 1)) {
    const needs = independent.map(({ entity, cause }) => `what tells ${cause} at ${entity} from the others`);
    return abstained('conflict', needs, findings);
  }
  const rival = rest.find((one) => one.entity === first.entity && isRival(first, one));
  if (rival !== undefined) {
    return abstained(
      'conflict',
      [`when ${first.cause} and ${rival.cause} began at ${first.entity}`],
      findings,
    );
  }
  return {
    kind: 'concluded',
    cause: first.cause,
    entities: [...new Set(independent.map(({ entity }) => entity))],
    findings: [...independent, ...findings.filter((one) => !independent.includes(one))],
    confidence: confidenceOf(first, { scene, lineage, findings }),
    next: nextOf(independent),
  };
}

/** Two whole causes at one place, and nothing says which was first. */
function isRival(first: Finding, other: Finding): boolean {
  const untimed = first.at === null && other.at === null;
  return untimed && first.cause !== other.cause && rankOf(first) === 0 && rankOf(other) === 0;
}

function nextOf(causes: readonly Finding[]): string {
  const steps = causes.map(({ fix, entity }) => fix ?? `look at ${entity}`);
  return `${steps.join('; and ')}.`;
}

function confidenceOf(first: Finding, { scene, findings }: Case): number {
  let confidence = [0.9, 0.8, 0.7][rankOf(first)] ?? 0.7;
  const same = findings.filter(({ cause, entity }) => cause === first.cause && entity === first.entity);
  if (same.length > 1) confidence += 0.05;
  if (scene.missing.length > 0) confidence -= 0.15;
  if (findings.some(({ rule }) => rule === 'truncated')) confidence -= 0.1;
  return Math.round(confidence * 100) / 100;
}

/** No finding decides: why not, and what would help. */
function nothingDecides(scene: Scene, lineage: Lineage, findings: readonly Finding[]): Conclusion {
  const others = [...lineage.entities.values()].find((one) => isOfOthers(one) && isHidden(one, scene));
  if (others !== undefined) return abstained('external', [`ask whoever runs ${others.name}`], findings);
  const dark = [...lineage.entities.keys()].flatMap((id) => darkAt(id, scene, lineage));
  const unread = [...new Set([...dark, ...lineage.unseen.map((id) => `${id}: it is not known`)])];
  if (unread.length > 0) return abstained('missing_source', unread, findings);
  const isCut = findings.some(({ rule }) => rule === 'truncated');
  if (isCut) return abstained('truncated', cutNeeds(findings), findings);
  const outside = findings.find(({ rule }) => rule === 'outside');
  if (outside !== undefined) return abstained('external', [outside.fix ?? outside.entity], findings);
  const elsewhere = scene.missing.filter(({ why }) => !nothingThere.test(why));
  if (elsewhere.length > 0) return abstained('missing_source', elsewhere.map(needOf), findings);
  const logs = scene.logs.filter(({ entity }) => lineage.entities.has(entity));
  const bare = [...lineage.entities.values()]
    .filter(
      ({ id, kind }) =>
        kind !== 'probe' &&
        kind !== 'host' &&
        kind !== 'object' &&
        !logs.some(({ entity, bytes }) => entity === id && bytes > 0),
    )
    .map(({ id }) => `log lines of ${id}: there are none`);
  return abstained(
    'no_evidence',
    bare.length > 0 ? bare : [`a log or a gauge of ${scene.order.target}`],
    findings,
  );
}

/** What was to be read of an entity, or of what it needs, and could not be. */
function darkBelow(id: string, scene: Scene, lineage: Lineage): readonly string[] {
  const below = [...lineage.entities.keys()].filter((other) => other === id || lineage.needs(id, other));
  const unseen = lineage.unseen.filter((other) => lineage.needs(id, other));
  return [
    ...new Set([
      ...below.flatMap((other) => darkAt(other, scene, lineage)),
      ...unseen.map((other) => `${other}: it is not known`),
    ]),
  ];
}

function darkAt(id: string, { missing }: Scene, { entities }: Lineage): readonly string[] {
  const entity = entities.get(id);
  // What belongs to others is no source that could be opened.
  if (entity !== undefined && isOfOthers(entity)) return [];
  const unread = missing.filter(
    (one) => concerns(one, id, entity?.name ?? id) && !nothingThere.test(one.why),
  );
  const isUnknown = /^(?:unknown|uninspected|not[ _-]inspected|unread|unreadable|not[ _-]read)$/i.test(
    entity?.state ?? '',
  );
  return [...unread.map(needOf), ...(isUnknown && unread.length === 0 ? [`the state of ${id}`] : [])];
}

/** A thing of others that is not well, or of which nobody here can say. */
function isHidden(entity: Entity, { missing }: Scene): boolean {
  return !isWell(entity.state) || missing.some((one) => concerns(one, entity.id, entity.name));
}

/** `log:db` and `series:db.pool` are about `unit:db`. */
function concerns({ source, entity }: Missing, id: string, name: string): boolean {
  if (entity !== undefined) return entity === id;
  const about = source.replace(/^[a-z]+:/, '').toLowerCase();
  const own = name.toLowerCase();
  return (
    source === id ||
    about === own ||
    about.startsWith(`${own}.`) ||
    about.startsWith(`${own}/`) ||
    about.endsWith(`/${own}`)
  );
}

function needOf({ source, why, enable }: Missing): string {
  return enable === undefined ? `${source}: ${why}` : `${source}: ${why}; enable ${enable}`;
}

function cutNeeds(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ rule }) => rule === 'truncated')
    .map(({ evidence: [first = 'a log'] }) => `the rest of ${first.replace(/#\d+$/, '')}`);
}

/** The order is about something that is not there, while something is that is called almost so. */
function absentNames(scene: Scene, lineage: Lineage): { need: string; suggest: readonly string[] } | null {
  if (scene.entities.length === 0) return null;
  const need = `a thing called ${scene.order.target}: there is none`;
  if (lineage.entities.size === 0) return { need, suggest: nearNames(scene) };
  const notFound = [...lineage.entities.values()].find(
    ({ state, id }) =>
      /^(?:not[ _-]?found|no[ _-]such|absent|does not exist|nonexistent)/i.test(state) &&
      lineage.depth(id) <= 1,
  );
  const missed =
    notFound?.id ?? lineage.unseen.find((id) => lineage.subject?.dependsOn.includes(id) === true);
  if (missed === undefined) return null;
  const order = { ...scene.order, probe: missed.replace(/^[a-z]+:/, ''), target: missed };
  const suggest = nearNames({ ...scene, order }).filter((id) => id !== missed && id !== lineage.subject?.id);
  const isNear = notFound !== undefined || suggest.length > 0;
  return isNear ? { need: `a thing called ${missed}: there is none`, suggest } : null;
}

/** Nobody woke anybody, and the last looks are good: whatever a rule saw, nothing failed. */
function nothingFailed(scene: Scene, lineage: Lineage): boolean {
  const { incident, wake } = scene;
  if (incident?.status === 'open' || (incident === null && wake !== null)) return false;
  const recent = scene.looks(scene.order.probe).slice(0, 3);
  if (recent.length > 0) return recent.every(({ status }) => !isBad(status));
  return (
    incident === null && [...lineage.entities.values()].every(({ state }) => state === '' || isWell(state))
  );
}

function abstained(
  why: Abstention,
  needs: readonly string[],
  findings: readonly Finding[],
): Extract<Conclusion, { kind: 'abstained' }> {
  return { kind: 'abstained', why, needs, findings };
}
