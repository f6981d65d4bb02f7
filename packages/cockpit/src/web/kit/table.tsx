import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';

export interface Column<Row> {
  readonly name: string;
  /** The cell; what it returns is drawn as it is. */
  readonly cell: (row: Row) => ReactNode;
  readonly align?: 'end';
  /** Shown when the table itself has this width: 512, 768, 1152 px. Always when absent. */
  readonly from?: 'sm' | 'md' | 'lg';
  /** Takes what is left of the width, and cuts its text there. */
  readonly wide?: boolean;
}

interface TableProps<Row> {
  /** Says what the table holds, for those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly current?: (row: Row) => boolean;
  /** Where a row leads: the keyboard opens it, peeks at it, copies it. */
  readonly hrefOf?: (row: Row) => string;
}

const shownFrom = { sm: '@max-lg:hidden', md: '@max-3xl:hidden', lg: '@max-6xl:hidden' } as const;

/**
 * A semantic table. Where its columns need more room than there is, each row becomes a paragraph of named cells: nothing is
 * cut, and nothing scrolls sideways.
 */
export function Table<Row>(props: TableProps<Row>): ReactNode {
  const { caption, columns, rows, keyOf } = props;
  const frame = useRef<HTMLDivElement>(null);
  const stacked = useTooWide(frame);
  return (
    <div ref={frame} className="@container overflow-x-auto">
      {/* The roles stand here in words: a table that is laid out otherwise is none any more for some readers. */}
      <table role="table" className={`w-full border-collapse text-left ${stacked ? 'block' : ''}`}>
        <caption className="sr-only">{caption}</caption>
        <thead role="rowgroup" className={stacked ? 'sr-only' : undefined}>
          <tr role="row" className="border-b border-line">
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                role="columnheader"
                className={`h-8 px-3 text-xs font-normal text-dim ${classOf(column)}`}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className={stacked ? 'block' : undefined}>
          {rows.map((row) => (
            <TableRow key={keyOf(row)} {...props} row={row} stacked={stacked} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface TableRowProps<Row> extends TableProps<Row> {
  readonly row: Row;
  readonly stacked: boolean;
}

function TableRow<Row>({ row, columns, current, hrefOf, stacked }: TableRowProps<Row>): ReactNode {
  return (
    <tr
      role="row"
      data-row={hrefOf?.(row)}
      tabIndex={hrefOf === undefined ? undefined : -1}
      aria-current={current?.(row) === true ? 'true' : undefined}
      className={`border-b border-line last:border-b-0 hover:bg-raised/60 aria-[current]:bg-raised ${stacked ? 'flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2' : 'row-skip'}`}
    >
      {columns.map((column) => (
        <td key={column.name} role="cell" className={stacked ? stackedClassOf(column) : cellClassOf(column)}>
          {stacked && column.wide !== true ? (
            <span aria-hidden="true" className="shrink-0 text-xs text-dim">
              {column.name}
            </span>
          ) : null}
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Whether what is in the frame is wider than the frame; it is not any more once the frame has the width that was lacking. */
function useTooWide(frame: RefObject<HTMLElement | null>): boolean {
  const [needed, setNeeded] = useState<number | null>(null);
  useEffect(() => {
    const element = frame.current;
    const [content] = element?.children ?? [];
    if (element === null || content === undefined) return undefined;
    const look = (): void =>
      setNeeded((before) => {
        if (before !== null) return element.clientWidth < before ? before : null;
        return element.scrollWidth > element.clientWidth + 1 ? element.scrollWidth : null;
      });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    observer.observe(content);
    return () => observer.disconnect();
  }, [frame]);
  return needed !== null;
}

function cellClassOf<Row>(column: Column<Row>): string {
  return `h-(--row) px-3 py-1 in-data-[density=compact]:py-0.5 ${classOf(column)}`;
}

function stackedClassOf<Row>(column: Column<Row>): string {
  const hidden = column.from === undefined ? '' : shownFrom[column.from];
  if (column.wide === true) return `block w-full min-w-0 ${hidden}`;
  return `flex max-w-full min-w-0 flex-wrap items-center gap-x-1.5 wrap-anywhere [&>*]:min-w-0 ${hidden}`;
}

function classOf<Row>(column: Column<Row>): string {
  const align = column.align === 'end' ? 'text-right' : '';
  const width = column.wide === true ? 'w-full min-w-40 max-w-0' : 'whitespace-nowrap';
  const hidden = column.from === undefined ? '' : shownFrom[column.from];
  return `${align} ${width} ${hidden}`;
}
