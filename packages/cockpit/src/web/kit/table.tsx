import type { ReactNode } from 'react';

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

/** A semantic table that scrolls sideways in itself when it must, reachable by keyboard. */
export function Table<Row>({ caption, columns, rows, keyOf, current, hrefOf }: TableProps<Row>): ReactNode {
  return (
    <div className="@container overflow-x-auto" role="group" aria-label={caption} tabIndex={0}>
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line">
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className={`h-8 px-3 text-xs font-normal text-dim ${classOf(column)}`}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={keyOf(row)}
              data-row={hrefOf?.(row)}
              tabIndex={hrefOf === undefined ? undefined : -1}
              aria-current={current?.(row) === true ? 'true' : undefined}
              className="row-skip border-b border-line last:border-b-0 hover:bg-raised/60 aria-[current]:bg-raised"
            >
              {columns.map((column) => (
                <td
                  key={column.name}
                  className={`h-(--row) px-3 py-1 in-data-[density=compact]:py-0.5 ${classOf(column)}`}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf<Row>(column: Column<Row>): string {
  const align = column.align === 'end' ? 'text-right' : '';
  const width = column.wide === true ? 'w-full min-w-40 max-w-0' : 'whitespace-nowrap';
  const hidden = column.from === undefined ? '' : shownFrom[column.from];
  return `${align} ${width} ${hidden}`;
}
