import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';

interface LongListProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly draw: (row: Row) => ReactNode;
  /** Pixels of a row before it was measured. */
  readonly rowHeight: number;
  /** How many there are in all, where not all are here. */
  readonly total?: number | null;
  /** Where a row leads, for the keyboard. */
  readonly hrefOf?: (row: Row) => string;
  /** Called when the end comes into sight: there may be more. */
  readonly onEnd?: () => void;
  readonly className?: string;
}

/** Thousands of rows, of which only those in sight are drawn. What is inserted above does not move what is being read. */
export function LongList<Row>(props: LongListProps<Row>): ReactNode {
  const { label, rows, keyOf, draw, rowHeight, total, hrefOf, onEnd, className = 'h-[70dvh]' } = props;
  const box = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- what it answers changes without its name; no compiler memoises it here
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keyAt(rows, keyOf, index),
    overscan: 12,
    anchorTo: 'start',
    onChange: (instance) => {
      const last = instance.getVirtualItems().at(-1)?.index;
      if (last !== undefined && last >= rows.length - 1) onEnd?.();
    },
  });
  return (
    <div ref={box} role="group" aria-label={label} tabIndex={0} className={`overflow-y-auto ${className}`}>
      <div role="list" aria-label={label} className="relative" {...heightOf(list.getTotalSize())}>
        {list.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          return row === undefined ? null : (
            <div
              key={key}
              ref={list.measureElement}
              role="listitem"
              data-index={index}
              data-row={hrefOf?.(row)}
              tabIndex={hrefOf === undefined ? undefined : -1}
              aria-setsize={total ?? rows.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start}px)` }}
            >
              {draw(row)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Set through the DOM by React, which the policy allows; only styles written in HTML are refused. */
function heightOf(height: number): { readonly style: { readonly height: number } } {
  return { style: { height } };
}

function keyAt<Row>(rows: readonly Row[], keyOf: (row: Row) => string, index: number): string | number {
  const row = rows[index];
  return row === undefined ? index : keyOf(row);
}
