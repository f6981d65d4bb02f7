import { type ReactNode, useContext, useId } from 'react';
import { AsOf, HeldAt, useNow, useServerNow } from '../store/use.ts';
import type { PanelView } from '../store/view.ts';
import { Command } from './command.tsx';
import { clock, count, span } from './format.ts';
import { PanelHoldButton } from './hold.tsx';
import { oneLine, plain } from './plain.ts';

export interface PanelProps {
  readonly title: string;
  /** How many there are; null is unknown, left out when counting makes no sense. */
  readonly count?: number | null;
  readonly view: PanelView;
  /** What would be here and why it is fine or not that nothing is. */
  readonly whenEmpty: ReactNode;
  /** Beside the title: a filter, a link. */
  readonly tools?: ReactNode;
  /** No header while the data is true: the panel says itself what it is. */
  readonly bare?: boolean;
  /** Rows the skeleton shows, default 3. */
  readonly rows?: number;
  readonly className?: string;
  readonly children: ReactNode;
}

/**
 * The frame of everything that shows data. It alone decides what is drawn in each of the six states, so no panel can
 * show a zero that it does not know: children appear in `ready` and `stale` only.
 */
export function Panel(props: PanelProps): ReactNode {
  const { view } = props;
  const id = useId();
  const counted = props.count !== undefined && mayCount(view, props.count);
  return (
    <section
      aria-labelledby={id}
      data-panel={view.state}
      className={`relative flex min-w-0 flex-col rounded-md border border-line bg-surface text-ink ${props.className ?? ''}`}
    >
      <header className={props.bare === true && view.state === 'ready' ? bareHeader : header(view)}>
        <h2 id={id} className="font-semibold">
          {oneLine(props.title)}
        </h2>
        {counted ? <span className="text-dim tabular-nums">{count(props.count)}</span> : null}
        {props.tools}
        {/* Together, so that a narrow header breaks before both. */}
        <span className="ml-auto flex items-center gap-1">
          <Freshness view={view} />
          {props.bare === true || !isLive(view) ? null : <PanelHoldButton />}
        </span>
      </header>
      <div data-panel-body="" className="min-w-0 flex-1">
        <Body {...props} />
      </div>
    </section>
  );
}

/** Only what goes on can be held. */
function isLive({ state }: PanelView): boolean {
  return state === 'ready' || state === 'empty';
}

/** Zero is said only of what is true now: of an old list it would read as "nothing is wrong". */
function mayCount(view: PanelView, value: number | null): boolean {
  return view.state === 'ready' || view.state === 'empty' || (view.state === 'stale' && value !== 0);
}

function header(view: PanelView): string {
  const hatch = view.state === 'stale' ? 'hatch' : '';
  return `flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 rounded-t-md border-b border-line px-3 py-1 ${hatch}`;
}

// The heading stays for the ear, the age for the eye.
const bareHeader = 'absolute top-2 right-3 [&>h2]:sr-only';

function Body({ view, whenEmpty, rows = 3, children }: PanelProps): ReactNode {
  switch (view.state) {
    case 'loading':
      return <Skeleton rows={rows} />;
    case 'empty':
      return <p className="px-3 py-4 text-dim">{whenEmpty}</p>;
    case 'unavailable':
      return <Refusal title="Not known" code={view.code} message={view.message} hint={view.hint} />;
    case 'forbidden':
      return <Refusal title="Not permitted" code={null} message={view.message} hint={view.hint} />;
    case 'ready':
      // The same shape as below, so that what is open in the rows stays open when the link goes.
      return <AsOf value={null}>{children}</AsOf>;
    case 'stale':
      if (view.wasEmpty)
        return <p className="px-3 py-4">There was nothing here then. What came since is not known.</p>;
      // What is old is shown as of then: nothing in it may look as if it went on.
      return <AsOf value={Date.parse(view.asOf)}>{children}</AsOf>;
  }
}

interface RefusalProps {
  readonly title: string;
  readonly code: string | null;
  readonly message: string;
  readonly hint: string | null;
}

function Refusal({ title, code, message, hint }: RefusalProps): ReactNode {
  return (
    <div className="space-y-2 px-3 py-4">
      <p>
        <span className="font-semibold text-stale">{title}.</span> {plain(message)}
      </p>
      {code === null ? null : <p className="font-mono text-xs text-dim">{plain(code)}</p>}
      {hint === null ? null : <Hint>{plain(hint)}</Hint>}
    </div>
  );
}

/** A hint is a command or a sentence; only a command can be copied to good use. */
function Hint({ children }: { readonly children: string }): ReactNode {
  return children.startsWith('kora ') ? (
    <Command>{children}</Command>
  ) : (
    <p className="text-dim">{children}</p>
  );
}

function Skeleton({ rows }: { readonly rows: number }): ReactNode {
  return (
    <div className="skeleton space-y-3 px-3 py-4" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={`h-3 rounded-sm bg-raised ${widths[row % widths.length] ?? ''}`} />
      ))}
    </div>
  );
}

const widths = ['w-3/4', 'w-1/2', 'w-2/3'];

/** How old what is drawn is. Never hidden: a frozen page must not look healthy. */
function Freshness({ view }: { readonly view: PanelView }): ReactNode {
  const now = useNow();
  const serverNow = useServerNow();
  const heldAt = useContext(HeldAt);
  const place = 'flex items-center gap-1.5 text-xs text-dim tabular-nums';
  if (view.state === 'stale') {
    const old = span(Math.max(0, serverNow - Date.parse(view.asOf)));
    return (
      <span className={place}>
        as of {clock(view.asOf)}, {old} ago — {plain(view.reason)}
      </span>
    );
  }
  if (view.state !== 'ready' && view.state !== 'empty') return null;
  if (heldAt !== null) return <span className={place}>held at {clock(new Date(heldAt).toISOString())}</span>;
  return (
    <span className={place} title="Age of what this panel shows">
      <span aria-hidden="true" className="size-1.5 rounded-full bg-ready" />
      {view.at === null ? 'age unknown' : span(Math.max(0, now - view.at))}
    </span>
  );
}
