import type { Finding } from '../../scene/contract.ts';
import { clockTime, oneLine } from '../words.ts';
import { namedNeed } from '../world/blame.ts';
import { ofLog } from '../world/statements.ts';
import type { Statement } from '../world/statements.ts';
import type { CauseRule, Study } from '../world/study.ts';
import { pointsElsewhere, sayingOf } from './catalogue.ts';

const errorWord =
  /\b(?:errors?|exception|fatal|panic(?:ked)?|traceback|fail(?:ed|ure|s)?|abort(?:ed)?|corrupt\w*|crash(?:ed)?|cannot|could not|refused|denied|invalid|rejected|violat\w*|assert\w*)\b/i;
/** Paths that people ask for, and counts of nothing. */
const noError =
  /(?:GET|POST|PUT|PATCH|DELETE|HEAD) \S{1,500}|\b(?:0|no) \w{0,20} ?(?:errors?|failures?|failed)\b|\b\w{0,20}(?:errors?|failures?|failed)["']?[=:] ?0\b/gi;
/** More kinds of new errors than these at once, and none of them is the needle. */
const mostKinds = 3;
/** Errors that come after the probe has failed are its company. */
const lateMs = 60_000;
/** How long an error takes to become the error of who waits for it, clocks that differ included. */
const slackMs = 5_000;

/** The earliest error of each log that is new with this fault. */
export function newErrors(study: Study): readonly Statement[] {
  return study.logs
    .flatMap((log) => ofLog(log, study.onset))
    .filter(isError)
    .toSorted((one, other) => timeOf(one) - timeOf(other));
}

function isError({ level, text }: Statement): boolean {
  return level === 'error' || (level === 'none' && errorWord.test(text.replace(noError, ' ')));
}

/** A new error that no saying knows: the one line among many, as long as it is the one. */
export const earliestError: CauseRule = (study) => {
  const errors = newErrors(study);
  const unknown = errors.filter(
    ({ text, tight }) => sayingOf(text) === null && (tight === null || sayingOf(tight) === null),
  );
  const own = unknown.filter(
    ({ text, entity }) => !pointsElsewhere.test(text) && namedNeed(text, entity, study) === undefined,
  );
  return unknown.slice(0, 6).map((statement): Finding => {
    const isFirst = statement === own[0];
    const late = study.onset !== null && statement.at !== null && statement.at > study.onset + lateMs;
    const isNeedle = isFirst && !late && own.length <= mostKinds && isBeforeAll(statement, errors);
    return {
      rule: 'earliest_error',
      cause: 'log_error',
      entity: statement.entity,
      text: `${isFirst ? 'The earliest new error' : 'A new error'} is of ${nameOf(statement.entity, study)}${when(statement, study)}: "${oneLine(statement.text, 200)}".`,
      evidence: [statement.evidence],
      at: statement.at,
      weight: isNeedle ? 'deciding' : 'supporting',
      fix: nextLook(statement, study),
    };
  });
};

function nextLook({ text, entity }: Statement, study: Study): string {
  const blamed = namedNeed(text, entity, study);
  return `look at what ${nameOf(blamed ?? entity, study)} did when ${blamed === undefined ? 'it' : nameOf(entity, study)} said so`;
}

/** Nothing that is an error was said before it, apart from what is of the same moment. */
function isBeforeAll(statement: Statement, errors: readonly Statement[]): boolean {
  return errors.every((other) => timeOf(other) >= timeOf(statement) - slackMs);
}

interface Link {
  readonly statement: Statement;
  /** How many stand above it, itself included. */
  readonly chain: readonly Statement[];
}

/** Errors that climb from one entity to the next that needs it: the lowest and earliest of them is the origin. */
export const cascade: CauseRule = (study) => {
  const first = new Map<string, Statement>();
  for (const statement of [...newErrors(study), ...complaints(study)].sort((a, b) => timeOf(a) - timeOf(b))) {
    if (statement.at !== null && !first.has(statement.entity)) first.set(statement.entity, statement);
  }
  const longest = [...first.values()]
    .map((statement): Link => ({ statement, chain: chainAbove(statement, first, study) }))
    .reduce<Link | null>(
      (best, link) => (best === null || link.chain.length > best.chain.length ? link : best),
      null,
    );
  if (longest === null || longest.chain.length < 3) return [];
  const { statement, chain } = longest;
  const names = chain.map(({ entity }) => nameOf(entity, study));
  return [
    {
      rule: 'cascade',
      cause: 'cascade',
      entity: statement.entity,
      text: `It began with ${nameOf(statement.entity, study)}${when(statement, study)}: "${oneLine(statement.text, 160)}", and went on to ${names.slice(1).join(', then ')}.`,
      evidence: chain.map(({ evidence }) => evidence).slice(0, 8),
      at: statement.at,
      weight: 'deciding',
      fix: `mend ${nameOf(statement.entity, study)} first: the others wait for it`,
    },
  ];
};

/** Warnings that blame somebody else are part of a chain, though no errors. */
function complaints({ logs, onset }: Study): readonly Statement[] {
  return logs
    .flatMap((log) => ofLog(log, onset))
    .filter(({ level, text }) => level === 'warn' && pointsElsewhere.test(text));
}

/** The longest line of entities, each of which needs the one before it and failed no earlier. */
function chainAbove(
  origin: Statement,
  first: ReadonlyMap<string, Statement>,
  study: Study,
): readonly Statement[] {
  const above = [...first.values()].filter(
    (other) =>
      other !== origin &&
      timeOf(other) >= timeOf(origin) - slackMs &&
      study.lineage.needs(other.entity, origin.entity) &&
      !study.lineage.needs(origin.entity, other.entity),
  );
  // Who is nearest to the origin comes next; who is beside it is no step further.
  const ordered = above.toSorted((one, other) => depthOf(other, study) - depthOf(one, study));
  const chain = [origin];
  for (const next of ordered) {
    const top = chain.at(-1) ?? origin;
    if (top === origin || study.lineage.needs(next.entity, top.entity)) chain.push(next);
  }
  return chain;
}

function depthOf({ entity }: Statement, { lineage }: Study): number {
  return lineage.depth(entity);
}

function timeOf({ at }: Statement): number {
  return at ?? Number.MAX_SAFE_INTEGER;
}

function when({ at }: Statement, { scene }: Study): string {
  return at === null ? '' : ` at ${clockTime(at, scene.now)}`;
}

function nameOf(id: string, { lineage }: Study): string {
  return oneLine(lineage.entities.get(id)?.name ?? id, 80);
}
