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

/** Rows under aligned headings, one line each, no wider than the terminal where a flexible column can give way. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): string[] {
  const cells = rows.map((row) => columns.map((column) => plain(column.of(row))));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => displayWidth(line[index] ?? ''))),
  );
  if (options.width !== undefined) shrink(widths, columns, options.width);
  const line = (texts: readonly string[], paint: (text: string, index: number) => string): string =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0;
        const shown = cut(text, width);
        const padding = ' '.repeat(width - displayWidth(shown));
        return columns[index]?.right === true ? padding + paint(shown, index) : paint(shown, index) + padding;
      })
      .join(gap)
      .trimEnd();
  const head = line(
    columns.map((column) => column.title),
    options.heading,
  );
  return [
    head,
    ...rows.map((row, at) =>
      line(cells[at] ?? [], (text, index) => columns[index]?.paint?.(text, row) ?? text),
    ),
  ];
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
