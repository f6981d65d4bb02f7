import type { Quoted } from '@kora/runtime/plugin';
import { oneLine } from '../rules/words.ts';
import type { Finding } from '../scene/contract.ts';

/** What a model is shown at most: the few deciding lines, never the file. */
export const mostLines = 40;
const longestLine = 500;
const evidenceId = /^[\p{L}\p{N}_.:@/+#-]{1,160}$/u;

/** What was read, with the id by which it may be cited. */
export interface DecidingLine {
  readonly source: string;
  readonly text: string;
  readonly evidenceId: string;
}

/** The lines that findings rest on, deciding ones first, one for each id. */
export function linesOf(findings: readonly Finding[]): readonly DecidingLine[] {
  const ordered = findings.toSorted((one, other) => weightOf(one) - weightOf(other));
  const lines = ordered.flatMap(({ rule, entity, text, evidence }) =>
    evidence.map((id) => ({
      source: `${rule} about ${oneLine(entity, 100)}`,
      text: oneLine(text, longestLine),
      evidenceId: id,
    })),
  );
  return distinct(lines);
}

/** As a question quotes them: text of strangers, delimited as data wherever a model sees it. */
export function quotedLines(lines: readonly DecidingLine[]): readonly Quoted[] {
  return distinct(lines).slice(0, mostLines);
}

function distinct(lines: readonly DecidingLine[]): readonly DecidingLine[] {
  const seen = new Map<string, DecidingLine>();
  for (const line of lines) {
    if (evidenceId.test(line.evidenceId) && !seen.has(line.evidenceId)) seen.set(line.evidenceId, line);
  }
  return [...seen.values()];
}

function weightOf({ weight }: Finding): number {
  return weight === 'deciding' ? 0 : 1;
}
