import { describe, expect, it } from 'vitest';
import { plain } from './style.ts';
import { cut, displayWidth, facts, table } from './table.ts';
import type { Column } from './table.ts';

interface Row {
  readonly id: number;
  readonly title: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'id', of: (row) => String(row.id), right: true },
  { title: 'title', of: (row) => row.title, flexible: true },
  { title: 'end', of: () => 'x' },
];
const heading = (text: string): string => text;

describe('table', () => {
  it('aligns the columns, numbers to the right', () => {
    const rows = [
      { id: 7, title: 'short' },
      { id: 1_234, title: 'a longer one' },
    ];
    expect(table(rows, columns, { width: undefined, heading })).toEqual([
      '  id  title         end',
      '   7  short         x',
      '1234  a longer one  x',
    ]);
  });

  it('gives way in the flexible column, so that a line fits the terminal', () => {
    const lines = table([{ id: 1, title: 'w'.repeat(200) }], columns, { width: 80, heading });
    expect(lines.map(displayWidth)).toEqual([80, 78]);
    expect(lines[1]).toContain('w…  x');
  });

  it('cuts nothing on a pipe', () => {
    const [, line] = table([{ id: 1, title: 'w'.repeat(200) }], columns, { width: undefined, heading });
    expect(line).toContain('w'.repeat(200));
  });

  it('leaves a column out that says nothing in any row', () => {
    const quiet = [...columns, { title: 'error', of: () => '' }];
    expect(table([{ id: 1, title: 'a' }], quiet, { width: undefined, heading })[0]).toBe('id  title  end');
  });

  it('counts what a terminal shows: wide characters twice, combining marks not at all', () => {
    expect(displayWidth('日本')).toBe(4);
    expect(displayWidth('🚨')).toBe(2);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(cut('日本語', 5)).toBe('日本…');
  });

  it('lets no control character through: a title cannot move the cursor', () => {
    const [, line] = table([{ id: 1, title: 'a\u001b[2Jb\r\nc\u0007' }], columns, {
      width: undefined,
      heading,
    });
    expect(line).toBe(' 1  a [2Jb c  x');
    expect(plain('\u001b]0;owned\u0007')).toBe(']0;owned');
  });
});

it('facts align their names', () => {
  expect(
    facts(
      [
        ['home', '/a'],
        ['store', 'b'],
      ],
      heading,
    ),
  ).toEqual(['home   /a', 'store  b']);
});
