import type { Entity } from '../../scene/contract.ts';
import { begins, freshness } from '../logs/picture.ts';
import type { LogPicture } from '../logs/picture.ts';
import type { Level } from '../logs/entry.ts';
import { watchedBy } from './lineage.ts';
import { evidenceId, iso } from './study.ts';
import type { Study } from './study.ts';

/** Something that somebody in the lineage says of itself, wherever it was written. */
export interface Statement {
  readonly source: 'log' | 'unit' | 'change' | 'look' | 'entity';
  readonly entity: string;
  readonly evidence: string;
  readonly at: number | null;
  readonly level: Level;
  readonly text: string;
  /** The text with broken words mended, null where nothing was joined. */
  readonly tight: string | null;
  readonly count: number;
}

/** Ended so long before the failure, and well since, it is history. */
const staleMs = 6 * 3_600_000;
const hourMs = 3_600_000;

/** All that is said and belongs to the fault; what was said at the same rate all along is left out. */
export function statementsOf(study: Study): readonly Statement[] {
  return [
    ...ofUnits(study),
    ...ofEntities(study),
    ...study.logs.flatMap((log) => ofLog(log, study.onset)),
    ...ofChanges(study),
    ...ofLooks(study),
  ];
}

/** What a log says above plain information, one statement for each template. */
export function ofLog(log: LogPicture, onset: number | null): readonly Statement[] {
  const statements: Statement[] = [];
  for (const template of log.templates) {
    if (template.level === 'info' || template.level === 'debug') continue;
    const fresh = freshness(template, log, onset);
    if (!fresh.isNew && !fresh.hasRisen) continue;
    const entry = fresh.isNew ? template.first : template.last;
    statements.push({
      source: 'log',
      entity: log.entity,
      evidence: `${log.source.id}#${entry.line}`,
      at: begins(template, fresh, onset),
      level: template.level,
      text: entry.text,
      tight: entry.tight,
      count: template.count,
    });
  }
  return statements;
}

function ofUnits({ scene, lineage, onset }: Study): readonly Statement[] {
  return scene.units.flatMap((unit): Statement[] => {
    if (!lineage.entities.has(unit.entity)) return [];
    const at = unit.last?.at ?? null;
    const isHistory = at !== null && onset !== null && at < onset - staleMs && isWell(unit.state);
    if (isHistory) return [];
    const { reason = '', exitCode = null, signal = null } = unit.last ?? {};
    const text = [
      unit.state,
      reason,
      exitCode === null ? '' : `exit code ${exitCode}`,
      signal === null ? '' : `signal ${signal}`,
    ];
    return [plain('unit', unit.entity, { evidence: unit.entity, at, text: text.filter(Boolean).join(', ') })];
  });
}

function ofEntities({ lineage }: Study): readonly Statement[] {
  return [...lineage.entities.values()].flatMap((entity): Statement[] => {
    const text = [entity.state, ...labelsThatTell(entity)].join(', ');
    return [plain('entity', entity.id, { evidence: entity.id, at: null, text })];
  });
}

function labelsThatTell({ labels }: Entity): readonly string[] {
  const telling = /reason|message|status|error|waiting|last|condition|event|detail|exit/i;
  return Object.entries(labels).flatMap(([key, value]) => (telling.test(key) ? [value] : []));
}

function ofChanges({ scene, lineage, onset }: Study): readonly Statement[] {
  return scene.changes.flatMap((change): Statement[] => {
    if (!lineage.entities.has(change.entity) || (onset !== null && change.at < onset - hourMs)) return [];
    const text = change.what;
    return [
      plain('change', change.entity, { evidence: evidenceId('change', change.id), at: change.at, text }),
    ];
  });
}

/** The first failing look of each probe in the lineage. */
function ofLooks({ scene, lineage, onset }: Study): readonly Statement[] {
  return [...lineage.entities.values()].flatMap((entity): Statement[] => {
    if (entity.kind !== 'probe') return [];
    const failing = scene
      .looks(entity.name)
      .filter(({ status, at }) => isBad(status) && (onset === null || at >= onset));
    const first = failing.at(-1);
    if (first === undefined) return [];
    const failure = typeof first.details['failure'] === 'string' ? first.details['failure'] : '';
    const error = first.error ?? first.status;
    const text = error.includes(failure) ? error : `${error} ${failure}`;
    const evidence = `look:${entity.name}@${iso(first.at)}`;
    return [plain('look', watchedBy(entity), { evidence, at: first.at, text })];
  });
}

function plain(
  source: Statement['source'],
  entity: string,
  said: Pick<Statement, 'evidence' | 'at' | 'text'>,
): Statement {
  return { source, entity, level: 'none', tight: null, count: 1, ...said };
}

export function isBad(status: string): boolean {
  return status === 'degraded' || status === 'unhealthy' || status === 'unreachable';
}

/** Whether a state, in whosever words, is one in which a thing does its work. */
export function isWell(state: string): boolean {
  return /^(?:healthy|running|active|ok|up|ready|online|good|started|available|normal|green|in_service|succeeded|completed|bound)\b/i.test(
    state.trim(),
  );
}
