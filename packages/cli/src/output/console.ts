import type { Problem } from '../fault.ts';
import type { Host } from '../host.ts';
import { failure, success } from './envelope.ts';
import { coloured, createStyle, plainLines } from './style.ts';
import type { Style } from './style.ts';
import { facts, table } from './table.ts';
import type { Column } from './table.ts';

export interface ConsoleChoice {
  readonly json: boolean;
  readonly quiet: boolean;
  /** False after `--no-color`. */
  readonly colour: boolean;
}

/** Where a command speaks: the result on stdout, all else on stderr, one document or NDJSON with `--json`. */
export interface Console {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly style: Style;
  /** The style of stderr, for what is told beside the result. */
  readonly aside: Style;
  /** Now, for relative times. */
  readonly now: number;
  /** Columns of the terminal; undefined on a pipe, where nothing is cut. */
  readonly width: number | undefined;
  /** Aborts when stdout's reader has gone. */
  readonly closed: AbortSignal;
  /** The command's one result: `data` in the envelope, or the lines. */
  result(data: unknown, lines: () => readonly string[]): void;
  /** One item of a stream: a line of NDJSON, or the lines. */
  item(data: unknown, lines: () => readonly string[]): void;
  /** A sentence beside the result; silent with `--quiet`. */
  note(text: string): void;
  /** Why the command failed. */
  problem(problem: Problem): void;
  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], none: string): readonly string[];
  facts(pairs: readonly (readonly [name: string, value: string])[]): readonly string[];
}

export function createConsole(host: Host, choice: ConsoleChoice): Console {
  const { stdout, stderr, env } = host;
  const style = createStyle(coloured({ wanted: choice.colour, env, isTTY: stdout.isTTY }));
  const aside = createStyle(coloured({ wanted: choice.colour, env, isTTY: stderr.isTTY }));
  const width = stdout.isTTY ? (stdout.columns ?? 80) : undefined;
  const out = (lines: readonly string[]): void => stdout.write(lines.map((line) => `${line}\n`).join(''));
  return {
    json: choice.json,
    quiet: choice.quiet,
    style,
    aside,
    get now() {
      return host.now();
    },
    width,
    closed: stdout.closed,
    result: (data, lines) => out(choice.json ? [success(data)] : lines()),
    item: (data, lines) => out(choice.json ? [JSON.stringify(data)] : lines()),
    note: (text) => {
      if (!choice.quiet) stderr.write(`${text}\n`);
    },
    problem: (problem) => {
      if (choice.json) out([failure(problem)]);
      else
        stderr.write(
          problemLines(problem, aside)
            .map((line) => `${line}\n`)
            .join(''),
        );
    },
    // An empty list is a result too: it says so in words, where a script asks for `[]` with --json.
    table: (rows, columns, none) =>
      rows.length === 0
        ? [style.dim(none)]
        : table(rows, columns, {
            width,
            heading: style.dim,
          }),
    facts: (pairs) => facts(pairs, style.dim),
  };
}

function problemLines(problem: Problem, style: Style): string[] {
  const [first = '', ...rest] = plainLines(problem.message);
  const lines = [
    `${style.bad('kora:')} ${first} ${style.dim(`(${problem.code})`)}`,
    ...rest.map((line) => `      ${line}`),
  ];
  if (problem.hint !== undefined) lines.push(`${style.dim(' fix:')} ${plainLines(problem.hint).join(' ')}`);
  return lines;
}
