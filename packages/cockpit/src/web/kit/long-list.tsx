import { measureElement, type Rect, useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useCallback, useRef } from 'react';
import { usePictured } from './pictured.ts';

interface LongListProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly draw: (row: Row) => ReactNode;
  /** Pixels of a row before it was measured; the nearer it comes, the less is laid out twice. */
  readonly rowHeight: number;
  /** How many there are in all, where not all are here. */
  readonly total?: number | null;
  /** Where a row leads, for the keyboard. */
  readonly hrefOf?: (row: Row) => string;
  /** Called when the end comes into sight: there may be more. */
  readonly onEnd?: () => void;
  readonly className?: string;
}

/** What a list is taken for until it was measured: so its first rows come with it, and not after it. */
const firstRect: Rect = { width: 300, height: 600 };
/** Rows that are drawn beyond each edge, once those in sight are. */
const beyond = 8;

/** Thousands of rows, of which only those in sight are drawn. What is inserted above does not move what is being read. */
export function LongList<Row>(props: LongListProps<Row>): ReactNode {
  const { label, rows, keyOf, draw, rowHeight, total, hrefOf, onEnd, className = 'h-[70dvh]' } = props;
  const box = useRef<HTMLDivElement>(null);
  const pictured = usePictured();
  const getItemKey = useCallback((index: number) => keyAt(rows, keyOf, index), [rows, keyOf]);
  // oxlint-disable-next-line react/incompatible-library -- what it answers changes without its name; no compiler memoises it here
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    getItemKey,
    overscan: pictured ? beyond : 0,
    initialRect: firstRect,
    observeElementRect: observeRect,
    measureElement: measure,
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

type List = Virtualizer<HTMLDivElement, Element>;

/** A row's pixels as the browser tells them after its layout; to ask for them would make it lay out at once, for each row. */
function measure(element: Element, entry: ResizeObserverEntry | undefined, list: List): number {
  if (entry !== undefined) return measureElement(element, entry, list);
  const index = list.indexFromElement(element);
  return list.itemSizeCache.get(list.options.getItemKey(index)) ?? list.options.estimateSize(index);
}

/** The same for the box of the list. */
function observeRect(list: List, tell: (rect: Rect) => void): (() => void) | undefined {
  const box = list.scrollElement;
  if (box === null) return undefined;
  const observer = new ResizeObserver(() => tell({ width: box.clientWidth, height: box.clientHeight }));
  observer.observe(box);
  return () => observer.disconnect();
}

/** Set through the DOM by React, which the policy allows; only styles written in HTML are refused. */
function heightOf(height: number): { readonly style: { readonly height: number } } {
  return { style: { height } };
}

function keyAt<Row>(rows: readonly Row[], keyOf: (row: Row) => string, index: number): string | number {
  const row = rows[index];
  return row === undefined ? index : keyOf(row);
}
