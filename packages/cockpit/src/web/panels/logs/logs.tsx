import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Refusal } from '../../kit/act.tsx';
import { Button } from '../../kit/button.tsx';
import { Chip } from '../../kit/chip.tsx';
import { count } from '../../kit/format.ts';
import { LongList } from '../../kit/long-list.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { showIn } from '../../kit/show-in.ts';
import { Page } from '../../shell/page.tsx';
import { useFilter } from '../../shell/query.ts';
import type { PanelView } from '../../store/view.ts';
import { Download, ReadLatest } from './log-acts.tsx';
import { isNarrowed, logFilterKeys, rangePath, testOf } from './log-filter.ts';
import { LogRow } from './log-row.tsx';
import { LogTools } from './log-tools.tsx';
import { type LogEntry, withLines } from './ring.ts';
import { useRange } from './use-range.ts';
import { type TailState, useTail } from './use-tail.ts';

const rowHeight = 29;

/** The runtime's log: its end as it is written, or a range of it. What is secret was taken out by the runtime. */
export function LogsPage(): ReactNode {
  const [filter, change] = useFilter(logFilterKeys);
  const range = rangePath(filter);
  const read = useRange(filter);
  const { lines } = read;
  const tail = useTail();
  const ring = useMemo(
    () =>
      range === null
        ? withLines(tail.ring, lines)
        : { entries: lines.map((line) => ({ line, skipped: null })), letGo: 0 },
    [range, tail.ring, lines],
  );
  const { box, entries, waiting, resume, onScroll } = useStill(ring.entries, range === null);
  const test = testOf(filter);
  const rows = entries.filter(({ line }) => test.fits(line));
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((at: string, open: boolean): void => {
    setOpened((before) => new Set(open ? [...before, at] : [...before].filter((each) => each !== at)));
  }, []);
  const onField = useCallback((field: string) => change({ field }), [change]);
  const hasLines = ring.entries.length > 0;
  useEffect(() => {
    if (filter.line === '' || !hasLines) return undefined;
    const frame = requestAnimationFrame(() => showIn(box.current?.firstElementChild, `line-${filter.line}`));
    return () => cancelAnimationFrame(frame);
  }, [box, filter.line, hasLines]);
  const drawEntry = (entry: LogEntry): ReactNode => (
    <LogRow
      entry={entry}
      open={opened.has(entry.line.place) || entry.line.place === filter.line}
      onToggle={toggle}
      columns={filter.col}
      wrap={filter.wrap !== ''}
      onField={onField}
    />
  );
  return (
    <Page title="Logs">
      <LogTools filter={filter} change={change} entries={ring.entries} />
      {test.problem === null ? null : (
        <p role="alert" className="text-stopped">
          This is no pattern: {plain(test.problem)}
        </p>
      )}
      <Panel
        title={range === null ? 'Tail' : 'Range'}
        count={rows.length}
        view={viewOf(read.view, rows.length === 0, range === null ? tail.state : null)}
        whenEmpty={
          ring.entries.length === 0
            ? 'The log has no line yet.'
            : `None of the ${count(ring.entries.length)} lines here matches the filter.`
        }
        tools={
          <span className="flex flex-wrap items-center gap-2">
            {range === null ? <TailChip state={tail.state} /> : null}
            {waiting === null ? null : (
              <Button data-key="pause" onClick={resume}>
                Paused, {count(waiting)} new: go on
              </Button>
            )}
            {range === null ? null : (
              <Button onClick={() => change({ before: '', line: '', from: '', to: '' })}>To the end</Button>
            )}
            {filter.line === '' || !isNarrowed(filter) ? null : (
              <Button onClick={() => change({ q: '', re: '', level: '', logger: '', field: '' })}>
                View in context
              </Button>
            )}
            <ReadLatest line={rows[0]?.line ?? null} />
            <Download rows={rows} read={range === null ? null : read} fits={test.fits} />
          </span>
        }
        rows={8}
      >
        {/* Lines are not read out as they come: what is newest is, when it is asked for. */}
        <div ref={box} role="log" aria-live="off" aria-label="Log" onScrollCapture={onScroll}>
          <LongList<LogEntry>
            label="Log lines, newest first"
            rows={rows}
            keyOf={({ line }) => line.place}
            rowHeight={rowHeight}
            hrefOf={({ line }) => `/logs?line=${line.place}`}
            className="h-[calc(100dvh-240px)] min-h-60"
            {...(read.older === null ? {} : { onEnd: read.older })}
            draw={drawEntry}
          />
        </div>
        {read.fault === null ? null : (
          <div className="p-3">
            <Refusal fault={read.fault} />
          </div>
        )}
        {ring.letGo === 0 ? null : (
          <p className="px-3 py-2 text-xs text-dim">{count(ring.letGo)} older lines were let go of here.</p>
        )}
      </Panel>
    </Page>
  );
}

/** The end of the log is true only while its stream is: a tail that is not live shows what it had. */
function viewOf(view: PanelView, isEmpty: boolean, tail: TailState | null): PanelView {
  if (view.state !== 'ready') return view;
  if (tail === 'lost' || tail === 'ended') {
    const asOf = new Date(view.at ?? 0).toISOString();
    return { state: 'stale', asOf, reason: 'the log is not followed now', wasEmpty: isEmpty };
  }
  return isEmpty ? { state: 'empty', at: view.at } : view;
}

const tailWords = {
  opening: { tone: 'dim', text: 'opening' },
  live: { tone: 'ready', text: 'live' },
  lost: { tone: 'paused', text: 'lost, tried again' },
  ended: { tone: 'stopped', text: 'ended: reload the page' },
} as const;

function TailChip({ state }: { readonly state: TailState }): ReactNode {
  return <Chip tone={tailWords[state].tone}>{tailWords[state].text}</Chip>;
}

interface Still {
  readonly box: React.RefObject<HTMLDivElement | null>;
  readonly entries: readonly LogEntry[];
  /** How many came since the list stands still; null while it is live. */
  readonly waiting: number | null;
  resume(): void;
  onScroll(event: React.UIEvent<HTMLDivElement>): void;
}

/** Leaves the lines as they are while the tail is scrolled away from its end; what comes is counted, not queued. */
function useStill(entries: readonly LogEntry[], live: boolean): Still {
  const box = useRef<HTMLDivElement>(null);
  const [frozen, setFrozen] = useState<readonly LogEntry[] | null>(null);
  const still = live ? frozen : null;
  const newest = still?.[0]?.line.place ?? '';
  return {
    box,
    entries: still ?? entries,
    waiting: still === null ? null : entries.filter(({ line }) => line.place > newest).length,
    resume: () => {
      setFrozen(null);
      box.current?.firstElementChild?.scrollTo({ top: 0 });
    },
    onScroll: ({ currentTarget, target }) => {
      // A line that is scrolled in its own box is no leaving of the end.
      if (!live || target !== currentTarget.firstElementChild) return;
      const away = currentTarget.firstElementChild.scrollTop > 8;
      if (away && still === null) setFrozen(entries);
      if (!away && still !== null) setFrozen(null);
    },
  };
}
