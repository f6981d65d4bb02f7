import { fault } from '../../fault/index.ts';
import type { StoreStatement } from './contract.ts';

/** Statements on rows, by their first word. Nothing else: no transaction is ended, no setting changed, no table altered. */
const verbs: ReadonlySet<string> = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'with',
  'values',
  'table',
]);
const mostStatements = 100;
const longestText = 100_000;

/**
 * The protocol takes one statement at a time, so its first word says what it is. Throws KORA_PLUGIN_STATEMENT_REFUSED
 * naming the statement.
 */
export function checkStatements(statements: readonly StoreStatement[]): void {
  if (statements.length > mostStatements) {
    throw refused(`${statements.length} statements at once; ${mostStatements} may be`);
  }
  for (const [at, { sql, values }] of statements.entries()) {
    const wrong = problemOf(sql, values);
    if (wrong !== undefined) throw refused(`statement ${at}: ${wrong}`, at);
  }
}

function problemOf(sql: unknown, values: unknown): string | undefined {
  if (typeof sql !== 'string' || sql.includes('\0')) return 'it is no text';
  if (sql.length > longestText) return `it is longer than ${longestText} characters`;
  if (values !== undefined && !Array.isArray(values)) return 'its values are no list';
  const verb = firstWord(sql);
  if (verbs.has(verb)) return undefined;
  const what = verb === '' ? 'it begins with no word' : `it begins with ${verb.slice(0, 40)}`;
  return `${what}; ${[...verbs].join(', ')} may be`;
}

function refused(message: string, statement?: number): Error {
  return fault('KORA_PLUGIN_STATEMENT_REFUSED', message, {
    fix: 'change tables in a migration; read and change rows here',
    details: statement === undefined ? {} : { statement },
  });
}

/** As PostgreSQL reads it: past its own blanks (no others), comments that nest, and brackets. */
export function firstWord(sql: string): string {
  let at = 0;
  for (;;) {
    const rest = sql.slice(at);
    const blank = /^[ \t\n\r\f\v(]+|^--[^\n\r]*/.exec(rest)?.[0].length ?? 0;
    const skipped = blank > 0 ? blank : commentLength(rest);
    if (skipped === 0)
      return (/^[A-Za-z_]+(?![A-Za-z_0-9$\u0080-\uffff])/.exec(rest)?.[0] ?? '').toLowerCase();
    at += skipped;
  }
}

/** Of a comment that may hold others; all the rest of the text when it has no end. */
function commentLength(text: string): number {
  if (!text.startsWith('/*')) return 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith('/*', at)) depth += 1;
    else if (text.startsWith('*/', at)) depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}
