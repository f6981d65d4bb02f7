import { oneLine } from '../rules/words.ts';
import { causeClasses } from '../scene/contract.ts';
import type { CauseClass } from '../scene/contract.ts';

/** What whoever thinks said, taken apart. */
export interface Reading {
  /** Two to four sentences on one line, never empty. */
  readonly diagnosis: string;
  readonly next: string | null;
  readonly cause: CauseClass | null;
  readonly entity: string | null;
}

const longest = 900;
const mostSentences = 4;
const causeLine = /^\W{0,4}cause\W{1,4}([a-z_]{3,40})\s+at\s+(\S{1,160})/i;
/** A block of data that a model wrote into its words. */
const fenced = /```[\s\S]*?(?:```|$)/g;
const nextLine = /^\W{0,4}next step\W{1,4}(.+)$/i;

/**
 * Reads an answer. Its two last lines are taken out of the text wherever they stand, so that it can say neither twice, and
 * the rest becomes one line: nothing in it can begin a line of its own.
 */
export function readAnswer(text: string): Reading {
  const lines = text
    .replaceAll(fenced, '\n')
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.trim());
  const next = lines.map((line) => nextLine.exec(line)?.[1]).find((found) => found !== undefined);
  const named = lines.map((line) => causeLine.exec(line)).find((found) => found !== null);
  const rest = lines.filter((line) => !causeLine.test(line) && !nextLine.test(line));
  const diagnosis = sentences(oneLine(rest.join(' '), longest));
  const said = causeClasses.find((each) => each === named?.[1]?.toLowerCase()) ?? 'unknown';
  // Whoever names no cause blames nothing either.
  const cause = said === 'unknown' ? null : said;
  return {
    diagnosis: diagnosis === '' ? 'It gave no diagnosis in words.' : diagnosis,
    next: next === undefined ? null : oneLine(next, 240),
    cause,
    entity: cause === null ? null : (named?.[2]?.replace(/[.,;]+$/, '') ?? null),
  };
}

function sentences(text: string): string {
  return text
    .split(/(?<=[.!?])\s+/)
    .slice(0, mostSentences)
    .join(' ');
}
