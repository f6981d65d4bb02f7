import { memo, type ReactNode } from 'react';
import { Link } from 'wouter';
import { absolute } from '../../kit/format.ts';
import { jsonText } from '../../kit/json-text.ts';
import { oneLine, plain } from '../../kit/plain.ts';
import { Clock, Code, Line } from '../../kit/text.tsx';
import { type Tone, toneText } from '../../kit/tone.ts';
import { columnsOf, type Correlation, correlationsOf, fieldText } from './log-filter.ts';
import { type Hole, type LogEntry, type LogLine, skippedText } from './ring.ts';

const levelTone: Readonly<Record<LogLine['level'], Tone>> = {
  debug: 'dim',
  info: 'ink',
  warn: 'paused',
  error: 'stopped',
};

interface LogRowProps {
  readonly entry: LogEntry;
  readonly open: boolean;
  readonly onToggle: (at: string, open: boolean) => void;
  /** The fields that have a column, with a comma between. */
  readonly columns: string;
  readonly wrap: boolean;
  readonly onField: (field: string) => void;
}

/** One line of the log; opened, its fields. A line never changes. */
export const LogRow: React.MemoExoticComponent<(props: LogRowProps) => ReactNode> = memo(LogRowOf);

function LogRowOf({ entry, open, onToggle, columns, wrap, onField }: LogRowProps): ReactNode {
  const { line, skipped } = entry;
  return (
    <>
      <details
        id={`line-${line.place}`}
        open={open}
        onToggle={(toggle) => {
          // It also tells of what the page itself opened.
          if (toggle.currentTarget.open !== open) onToggle(line.place, toggle.currentTarget.open);
        }}
        className={`border-b border-line ${open ? 'bg-raised/50' : ''}`}
      >
        <summary className="flex min-h-7 list-none items-baseline gap-3 px-3 py-0.5 font-mono text-xs hover:bg-raised/60">
          <Clock at={line.time} className="shrink-0 text-dim" />
          <span className={`w-10 shrink-0 font-semibold ${toneText[levelTone[line.level]]}`}>
            {line.level}
          </span>
          <Line className="w-28 shrink-0 truncate text-dim max-sm:hidden">{line.logger}</Line>
          {columnsOf(columns).map((column) => (
            <span key={column} title={oneLine(column)} className="w-40 shrink-0 truncate max-sm:hidden">
              {oneLine(fieldText(line, column) ?? '–')}
            </span>
          ))}
          {wrap ? (
            <bdi className="min-w-0 flex-1 whitespace-pre-wrap wrap-anywhere">{plain(line.message)}</bdi>
          ) : (
            <Line className="min-w-0 flex-1 truncate">{line.message}</Line>
          )}
        </summary>
        {open ? <Opened line={line} onField={onField} /> : null}
      </details>
      {skipped === null ? null : <Gap hole={skipped} above={line} />}
    </>
  );
}

/** What came too fast for the page: how much, how fast, and the way to it. */
function Gap({ hole, above }: { readonly hole: Hole; readonly above: LogLine }): ReactNode {
  const range =
    hole.since === null
      ? `before=${above.place}`
      : new URLSearchParams({ from: hole.since, to: above.time }).toString();
  return (
    <p className="hatch border-b border-line px-3 py-1 text-xs text-stale">
      Skipped {skippedText(hole, above.time)} —{' '}
      <Link href={`/logs?${range}`} className="underline">
        open range
      </Link>
    </p>
  );
}

interface OpenedProps {
  readonly line: LogLine;
  readonly onField: (field: string) => void;
}

function Opened({ line, onField }: OpenedProps): ReactNode {
  const belongs = correlationsOf(line);
  return (
    <div className="space-y-2 px-3 pt-1 pb-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs">
        <span>{absolute(line.time)}</span>
        <Code>{line.logger}</Code>
        {belongs.map((each) => (
          <Belongs key={each.name} correlation={each} onField={onField} />
        ))}
        <Link href={`/logs?line=${line.place}`} className="text-active underline">
          link, in context
        </Link>
      </div>
      <pre
        tabIndex={0}
        role="group"
        aria-label="The line in full"
        className="max-h-80 overflow-auto rounded-sm border border-line bg-surface p-2 font-mono text-xs whitespace-pre-wrap wrap-anywhere"
      >
        {plain(line.message)}
        {Object.keys(line.fields).length === 0 ? '' : `\n${plain(jsonText(line.fields))}`}
      </pre>
    </div>
  );
}

interface BelongsProps {
  readonly correlation: Correlation;
  readonly onField: (field: string) => void;
}

/** What the line belongs to: pressed, only lines of the same are shown; and the thing itself, where it has a page. */
function Belongs({ correlation, onField }: BelongsProps): ReactNode {
  const { name, value, href } = correlation;
  return (
    <span className="inline-flex items-center gap-1">
      <button
        type="button"
        onClick={() => onField(`${name}:${value}`)}
        className="min-h-6 rounded-sm border border-line-strong px-1.5 hover:bg-raised"
      >
        {oneLine(`${name} ${value}`)}
      </button>
      {href === null ? null : (
        <Link href={href} className="text-active underline">
          open
        </Link>
      )}
    </span>
  );
}
