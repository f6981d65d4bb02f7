import type { CauseClass, Finding } from '../../scene/contract.ts';
import { oneLine } from '../words.ts';
import { blamedIn } from '../world/blame.ts';
import { isWell, statementsOf } from '../world/statements.ts';
import type { Statement } from '../world/statements.ts';
import type { CauseRule, Study } from '../world/study.ts';
import { sayingOf } from './catalogue.ts';
import type { Saying } from './catalogue.ts';

/** Causes that are of how a thing is made: its copies have them together, and its maker is to blame. */
const ofTheMake: ReadonlySet<CauseClass> = new Set([
  'script_error',
  'missing_executable',
  'missing_configuration',
  'image_pull',
  'unschedulable',
]);
/** What a probe sees from outside is what failed; these alone are also why. */
const seenFromOutside: ReadonlySet<CauseClass> = new Set([
  'certificate_expired',
  'disk_full',
  'out_of_memory',
]);
/** That a name does not resolve is never its own reason. */
const neverAlone: ReadonlySet<CauseClass> = new Set(['dns']);
const mostEvidence = 5;

interface Heard {
  readonly statement: Statement;
  readonly saying: Saying;
  readonly entity: string;
}

/** What logs, units, events and probes say in words that are known. */
export const said: CauseRule = (study) => {
  const heard: Heard[] = [];
  for (const statement of statementsOf(study)) {
    const saying = sayingOf(statement.text) ?? (statement.tight === null ? null : sayingOf(statement.tight));
    if (saying !== null) heard.push({ statement, saying, entity: blamed(statement, saying, study) });
  }
  return [
    ...Map.groupBy(lifted(heard, study), ({ saying, entity }) => `${saying.cause} ${entity}`).values(),
  ].map((group) => findingOf(group, study));
};

/** Where the cause lies: at what is named where somebody else is named, else with who says it. */
function blamed({ text, entity }: Statement, { cause }: Saying, study: Study): string {
  if (cause === 'dependency_refused') return blamedIn(text, entity, study) ?? entity;
  if (cause !== 'certificate_expired') return entity;
  const { certificates, now } = study.scene;
  const expired = certificates.filter(
    ({ entity: owner, notAfter }) =>
      notAfter <= now && (owner === entity || study.lineage.entities.has(owner)),
  );
  const meant = expired.find(({ subject }) => text.includes(subject.replace(/^CN=/, ''))) ?? expired[0];
  return meant?.entity ?? blamedIn(text, entity, study) ?? entity;
}

/** Several copies of one thing that say the same: the thing they are made of. */
function lifted(heard: readonly Heard[], { lineage }: Study): readonly Heard[] {
  const byCause = Map.groupBy(heard, ({ saying }) => saying.cause);
  return [...byCause].flatMap(([cause, group]) => {
    const copies = new Set(group.map(({ entity }) => entity));
    if (!ofTheMake.has(cause) || copies.size < 2) return group;
    const maker = makerOf([...copies], lineage.entities);
    return maker === null ? group : group.map((one) => ({ ...one, entity: maker }));
  });
}

function makerOf(copies: readonly string[], entities: Study['lineage']['entities']): string | null {
  const makers = copies.map((id) => {
    const copy = entities.get(id);
    if (copy === undefined) return id;
    const label = copy.labels['owner'] ?? copy.labels['job'] ?? copy.labels['app'] ?? copy.labels['parent'];
    const named = [...entities.values()].filter(({ kind }) => kind !== 'probe' && kind !== 'host');
    const byLabel = named.find(
      ({ id: other, name }) => label !== undefined && (other === label || name === label),
    );
    const byName = named.find(
      ({ id: other, name }) =>
        !copies.includes(other) &&
        copy.name.startsWith(`${bareName(name)}-`) &&
        (copy.dependsOn.includes(other) || entities.get(other)?.dependsOn.includes(id) === true),
    );
    return byLabel?.id ?? byName?.id ?? id;
  });
  const [first] = makers;
  return first !== undefined && makers.every((maker) => maker === first) ? first : null;
}

/** `nightly` of `job/nightly`. */
function bareName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function findingOf(group: readonly Heard[], study: Study): Finding {
  const ordered = group.toSorted((one, other) => earliest(one) - earliest(other));
  const best = ordered.find(({ statement }) => decides(statement, study)) ?? ordered[0];
  const { saying, statement, entity } = best ?? emptyGroup;
  const name = study.lineage.entities.get(statement.entity)?.name ?? statement.entity;
  const limit = saying.cause === 'out_of_memory' ? memoryLimit(entity, study) : '';
  const deciding = group.some((one) => decides(one.statement, study)) && !neverAlone.has(saying.cause);
  const times = group.flatMap((one) => (one.statement.at === null ? [] : [one.statement.at]));
  return {
    rule: 'said',
    cause: saying.cause,
    entity,
    text: `${name} ${saying.says}${limit}: "${oneLine(statement.text, 200)}".`,
    evidence: [
      ...new Set([statement, ...ordered.map((one) => one.statement)].map((one) => one.evidence)),
    ].slice(0, mostEvidence),
    at: times.length === 0 ? null : Math.min(...times),
    weight: deciding ? 'deciding' : 'supporting',
    fix: saying.fix,
  };
}

const emptyGroup: Heard = {
  statement: {
    source: 'log',
    entity: '',
    evidence: '',
    at: null,
    level: 'none',
    text: '',
    tight: null,
    count: 0,
  },
  saying: { cause: 'unknown', patterns: [], says: '', fix: '' },
  entity: '',
};

function earliest({ statement }: Heard): number {
  return statement.at ?? Number.MAX_SAFE_INTEGER;
}

function decides({ source, text, entity }: Statement, { lineage }: Study): boolean {
  const saying = sayingOf(text);
  if (source === 'look') return saying !== null && seenFromOutside.has(saying.cause);
  // A state that is well does not become a fault by a word in a label.
  return source !== 'entity' || !isWell(lineage.entities.get(entity)?.state ?? '');
}

function memoryLimit(entity: string, { scene }: Study): string {
  const bytes = scene.units.find((unit) => unit.entity === entity)?.limits.memoryBytes;
  return bytes === undefined ? '' : ` (limit ${Math.round(bytes / 1_048_576)} MiB)`;
}
