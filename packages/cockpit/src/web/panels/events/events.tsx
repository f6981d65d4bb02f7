import type { EventRow } from '@kora/runtime/client';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { count } from '../../kit/format.ts';
import { LongList } from '../../kit/long-list.tsx';
import { Panel } from '../../kit/panel.tsx';
import { showIn } from '../../kit/show-in.ts';
import { Refusal } from '../../kit/act.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { useFilter } from '../../shell/query.ts';
import { useModel } from '../../store/use.ts';
import { EventItem } from './event-row.tsx';
import { linesOf, type ChainLine } from './filter.ts';
import { Integrity } from './integrity.tsx';
import { Jump } from './jump-box.tsx';
import { Prefixes } from './prefixes.tsx';
import { besides } from './subject.ts';
import { useChain } from './use-chain.ts';

export const eventFilterKeys = ['type', 'seq', 'at'] as const;
const rowHeight = 33;
/** How far `Newer` goes forward. */
const step = 100;

/** The chain: its integrity, then its events, live until one scrolls, or around the place that an address names. */
export function EventsPage(): ReactNode {
  const [filter, change] = useFilter(eventFilterKeys);
  const { rows: all, view, live, older, fault } = useChain(filter);
  const head = useModel((model) => model.seq);
  const { box, shown: rows, waiting, resume, onScroll } = useStill(all, live ? filter.type : null);
  const seq = filter.seq === '' ? null : Number(filter.seq);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const toggle = useCallback((which: number, open: boolean): void => {
    setOpened((before) => {
      const next = new Set(before);
      if (open) next.add(which);
      else next.delete(which);
      return next;
    });
  }, []);
  useEffect(() => {
    if (seq === null || rows.length === 0) return undefined;
    const frame = requestAnimationFrame(() => showIn(box.current?.firstElementChild, `event-${seq}`));
    return () => cancelAnimationFrame(frame);
  }, [box, seq, rows.length]);
  const drawLine = ({ event, missing }: ChainLine): ReactNode => {
    const open = opened.has(event.seq) || event.seq === seq;
    return (
      <>
        <Gap below={event.seq} missing={missing} />
        <EventItem
          event={event}
          open={open}
          onToggle={toggle}
          {...(open ? besides(event, rows) : noNeighbours)}
        />
      </>
    );
  };
  const newest = rows[0]?.seq ?? 0;
  const newer = (): void => {
    const at = newest + step;
    change(at >= head ? { seq: '', at: '' } : { seq: '', at: String(at) });
  };
  return (
    <Page
      title="Events"
      tools={
        <>
          <Jump head={head} onJump={(to) => change({ seq: String(to), at: '' })} />
          <FilterBox label="Type or prefix" value={filter.type} onChange={(type) => change({ type })} />
        </>
      }
    >
      <Integrity rows={rows} />
      <Prefixes events={all} chosen={filter.type} onChoose={(type) => change({ type })} />
      <Panel
        title={live ? 'Chain' : `Chain around #${filter.at === '' ? filter.seq : filter.at}`}
        count={rows.length}
        view={rows.length === 0 && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
        whenEmpty={
          filter.type === '' ? 'The chain is empty.' : `No event of a type that begins with ${filter.type}.`
        }
        tools={
          <span className="flex flex-wrap gap-2">
            {live ? null : (
              <>
                <Button onClick={newer}>Newer</Button>
                <Button onClick={() => change({ seq: '', at: '' })}>To the end</Button>
              </>
            )}
            {seq === null || filter.type === '' ? null : (
              <Button onClick={() => change({ type: '' })}>View in context</Button>
            )}
            {waiting === null ? null : (
              <Button data-key="pause" onClick={resume}>
                Paused, {count(waiting)} new: go on
              </Button>
            )}
          </span>
        }
        rows={8}
      >
        <div ref={box} onScrollCapture={onScroll}>
          <LongList<ChainLine>
            label="Events, newest first"
            rows={linesOf(rows, filter.type === '')}
            keyOf={({ event }) => String(event.seq)}
            rowHeight={rowHeight}
            total={filter.type === '' && live ? head : null}
            hrefOf={({ event }) => `/events?seq=${event.seq}`}
            className="h-[calc(100dvh-220px)] min-h-60"
            {...(older === null ? {} : { onEnd: older })}
            draw={drawLine}
          />
        </div>
        {fault === null ? null : (
          <div className="p-3">
            <Refusal fault={fault} />
          </div>
        )}
      </Panel>
    </Page>
  );
}

const noNeighbours = { previous: null, next: null } as const;

/** A hole in the sequence is shown as what it is, not closed up. */
function Gap({ below, missing }: { readonly below: number; readonly missing: number }): ReactNode {
  if (missing === 0) return null;
  return (
    <p className="hatch border-b border-line px-3 py-1 text-xs text-stale">
      {missing === 1 ? `#${below + 1} is` : `#${below + 1} to #${below + missing} are`} not on this page
    </p>
  );
}

interface Still {
  readonly box: React.RefObject<HTMLDivElement | null>;
  readonly shown: readonly EventRow[];
  /** How many came since the list stands still; null while it is live. */
  readonly waiting: number | null;
  resume(): void;
  onScroll(event: React.UIEvent<HTMLDivElement>): void;
}

/** Leaves out what comes while the live list is scrolled away from its end; further back it may grow. Null: not live. */
function useStill(rows: readonly EventRow[], type: string | null): Still {
  const box = useRef<HTMLDivElement>(null);
  const [frozen, setFrozen] = useState<{ readonly newest: number; readonly type: string } | null>(null);
  const newest = frozen !== null && frozen.type === type ? frozen.newest : null;
  return {
    box,
    shown: newest === null ? rows : rows.filter((event) => event.seq <= newest),
    waiting: newest === null ? null : rows.filter((event) => event.seq > newest).length,
    resume: () => {
      setFrozen(null);
      box.current?.firstElementChild?.scrollTo({ top: 0 });
    },
    onScroll: ({ currentTarget, target }) => {
      // A payload that is scrolled in its own box is no leaving of the end.
      if (type === null || target !== currentTarget.firstElementChild) return;
      const away = currentTarget.firstElementChild.scrollTop > 8;
      const [first] = rows;
      if (away && newest === null && first !== undefined) setFrozen({ newest: first.seq, type });
      if (!away && newest !== null) setFrozen(null);
    },
  };
}
