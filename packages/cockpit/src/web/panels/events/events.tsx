import type { EventRow } from '@kora/runtime/client';
import { type ReactNode, useRef, useState } from 'react';
import { Panel } from '../../kit/panel.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { useFilter } from '../../shell/query.ts';
import { eventsKept } from '../../store/model.ts';
import { useEventsView, useModel } from '../../store/use.ts';
import { EventRows } from './event-list.tsx';
import { ofType, prefixesOf, useOlder } from './filter.ts';

export const eventFilterKeys = ['type', 'seq'] as const;

/** The end of the chain, live until one scrolls: what is being read does not move. */
export function EventsPage(): ReactNode {
  const [filter, change] = useFilter(eventFilterKeys);
  const live = useModel((model) => model.events);
  const older = useOlder(filter.type, filter.seq);
  const rows = ofType(older, live, filter.type);
  const view = useEventsView(rows.length === 0);
  const { list, shown, waiting, resume, onScroll } = useStill(rows, filter.type);
  const openSeq = filter.seq === '' ? null : Number(filter.seq);
  return (
    <Page
      title="Events"
      tools={<FilterBox label="Type or prefix" value={filter.type} onChange={(type) => change({ type })} />}
    >
      <Prefixes events={live} chosen={filter.type} onChoose={(type) => change({ type })} />
      <Panel
        title="Chain"
        count={shown.length}
        view={view}
        whenEmpty={
          filter.type === '' ? 'The chain is empty.' : `No event of a type that begins with ${filter.type}.`
        }
        tools={<Waiting count={waiting} paused={waiting !== null} onResume={resume} />}
        rows={8}
      >
        <div
          ref={list}
          onScroll={onScroll}
          tabIndex={0}
          role="group"
          aria-label="Events, newest first"
          className="max-h-[calc(100dvh-220px)] min-h-60 overflow-y-auto"
        >
          <EventRows key={filter.seq} rows={shown} gaps={filter.type === ''} openSeq={openSeq} />
          <p className="px-3 py-2 text-xs text-dim">
            {shown.length >= eventsKept ? `The newest ${eventsKept}. ` : ''}Further back: kora event tail
          </p>
        </div>
      </Panel>
    </Page>
  );
}

interface Still {
  readonly list: React.RefObject<HTMLDivElement | null>;
  readonly shown: readonly EventRow[];
  /** How many came since the list stands still; null while it is live. */
  readonly waiting: number | null;
  resume(): void;
  onScroll(): void;
}

/** Freezes the rows while the list is scrolled away from its top. */
function useStill(rows: readonly EventRow[], type: string): Still {
  const list = useRef<HTMLDivElement>(null);
  const [frozen, setFrozen] = useState<{ readonly rows: readonly EventRow[]; readonly type: string } | null>(
    null,
  );
  const still = frozen?.type === type ? frozen.rows : null;
  const newest = still?.[0]?.seq ?? 0;
  return {
    list,
    shown: still ?? rows,
    waiting: still === null ? null : rows.filter((event) => event.seq > newest).length,
    resume: () => {
      setFrozen(null);
      list.current?.scrollTo({ top: 0 });
    },
    onScroll: () => {
      const away = (list.current?.scrollTop ?? 0) > 8;
      if (away && still === null) setFrozen({ rows, type });
      if (!away && still !== null) setFrozen(null);
    },
  };
}

interface WaitingProps {
  readonly count: number | null;
  readonly paused: boolean;
  readonly onResume: () => void;
}

function Waiting({ count, paused, onResume }: WaitingProps): ReactNode {
  if (!paused) return null;
  return (
    <button
      type="button"
      onClick={onResume}
      className="h-7 rounded-sm border border-line-strong bg-raised px-2 tabular-nums hover:border-ink"
    >
      Paused, {count} new: go on
    </button>
  );
}

interface PrefixesProps {
  readonly events: readonly EventRow[];
  readonly chosen: string;
  readonly onChoose: (prefix: string) => void;
}

/** The prefixes that occur, one press each. */
function Prefixes({ events, chosen, onChoose }: PrefixesProps): ReactNode {
  const prefixes = prefixesOf(events);
  if (prefixes.length === 0) return null;
  return (
    <div role="group" aria-label="Prefixes" className="flex flex-wrap gap-1">
      {prefixes.map(({ prefix, count }) => (
        <button
          key={prefix}
          type="button"
          aria-pressed={chosen === prefix}
          onClick={() => onChoose(chosen === prefix ? '' : prefix)}
          className="flex h-7 items-center gap-2 rounded-sm border border-line px-2 font-mono text-xs text-dim hover:border-line-strong hover:text-ink aria-pressed:border-line-strong aria-pressed:bg-raised aria-pressed:text-ink"
        >
          {prefix}
          <span className="tabular-nums">{count}</span>
        </button>
      ))}
    </div>
  );
}
