import { refusal, usage } from './fault.ts';

export interface PickOptions<Row> {
  /** `ticket`, `daemon`: how the thing is called in sentences. */
  readonly noun: string;
  /** The runtime's code for one that does not exist. */
  readonly code: string;
  /** The command that lists them. */
  readonly list: string;
  /** Everything a row answers to, the id first. */
  readonly names: (row: Row) => readonly string[];
}

const shownCandidates = 8;

/**
 * Finds the row an operator means: an exact name or id, else the only one that begins so. Several are listed and none
 * is guessed.
 */
export function pick<Row>(rows: readonly Row[], wanted: string, options: PickOptions<Row>): Row {
  const { noun, code, list, names } = options;
  const key = wanted.trim().toLowerCase();
  const exact = rows.filter((row) => names(row).some((name) => name.toLowerCase() === key));
  const found = exact.length > 0 || key === '' ? exact : rows.filter((row) => begins(names(row), key));
  const [first] = found;
  if (first === undefined) throw refusal(code, `there is no ${noun} ${JSON.stringify(wanted)}`, list);
  if (found.length === 1) return first;
  const candidates = found.slice(0, shownCandidates).map((row) => `  ${[...new Set(names(row))].join('  ')}`);
  const more = found.length > shownCandidates ? [`  and ${found.length - shownCandidates} more`] : [];
  const head = `${JSON.stringify(wanted)} fits ${found.length} ${noun}s:`;
  throw usage([head, ...candidates, ...more].join('\n'), 'name one of them in full');
}

function begins(names: readonly string[], key: string): boolean {
  return names.some((name) => name.toLowerCase().startsWith(key));
}
