import { plain } from './style.ts';

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string;
  /** Colours the finished cell; it gets the text without its padding. */
  readonly paint?: (text: string, row: Row) => string;
  readonly right?: boolean;
  /** May be cut when the line is wider than the terminal; the first such column gives way first. */
  readonly flexible?: boolean;
}

export interface TableOptions {
  /** Columns of the terminal; undefined (a pipe) cuts nothing. */
  readonly width: number | undefined;
  readonly heading: (text: string) => string;
}

const gap = '  ';
const narrowest = 8;

/**
 * Rows under aligned headings, one line each, no wider than the terminal where a flexible column can give way. A column
 * that says nothing in any row is left out.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): string[] {
  const filled = columns
    .map((column) => ({ column, cells: rows.map((row) => plain(column.of(row))) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const widths = filled.map(({ column, cells }) => Math.max(column.title.length, ...cells.map(displayWidth)));
  if (options.width !== undefined)
    shrink(
      widths,
      filled.map(({ column }) => column),
      options.width,
    );
  const line = (text: (at: number) => string, paint: (text: string, at: number) => string): string =>
    filled
      .map(({ column }, at) => {
        const width = widths[at] ?? 0;
        const shown = cut(text(at), width);
        const padding = ' '.repeat(width - displayWidth(shown));
        return column.right === true ? padding + paint(shown, at) : paint(shown, at) + padding;
      })
      .join(gap)
      .trimEnd();
  const head = line((at) => filled[at]?.column.title ?? '', options.heading);
  const body = rows.map((row, index) =>
    line(
      (at) => filled[at]?.cells[index] ?? '',
      (shown, at) => filled[at]?.column.paint?.(shown, row) ?? shown,
    ),
  );
  return [head, ...body];
}

/** `name   value` lines with the names aligned; for one thing seen whole. */
export function facts(
  pairs: readonly (readonly [name: string, value: string])[],
  name: (text: string) => string,
): string[] {
  const width = Math.max(0, ...pairs.map(([key]) => key.length));
  return pairs.map(([key, value]) => `${name(key.padEnd(width))}${gap}${value}`.trimEnd());
}

/** Cuts to `width` columns with an ellipsis; never through a character. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let shown = '';
  let used = 0;
  for (const character of text) {
    const next = used + characterWidth(character);
    if (next > width - 1) break;
    shown += character;
    used = next;
  }
  return `${shown}…`;
}

export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

// Combining marks and joiners take no column; emoji and East Asian wide characters take two.
const noColumn = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const twoColumns =
  /^[\p{Emoji_Presentation}\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{20000}-\u{3fffd}]$/u;

function characterWidth(character: string): number {
  if (character.length === 1 && character >= ' ' && character <= '~') return 1;
  if (noColumn.test(character)) return 0;
  return twoColumns.test(character) ? 2 : 1;
}

function shrink<Row>(widths: number[], columns: readonly Column<Row>[], limit: number): void {
  const total = (): number => widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1));
  for (const [index, column] of columns.entries()) {
    const excess = total() - limit;
    if (excess <= 0) return;
    if (column.flexible !== true) continue;
    const width = widths[index] ?? 0;
    widths[index] = Math.min(width, Math.max(narrowest, column.title.length, width - excess));
  }
}
