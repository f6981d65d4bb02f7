import { type ReactNode, useContext } from 'react';
import { absolute, age, ago, clock, count, duration, unknown } from './format.ts';
import { dollars } from './money.ts';
import { oneLine, plain } from './plain.ts';
import { AsOf, useServerNow } from '../store/use.ts';

interface TextProps {
  readonly children: string | null | undefined;
  readonly className?: string;
}

/** A stranger's text in a list: one line, isolated, hidden characters shown. Null reads "unknown". */
export function Line({ children, className = '' }: TextProps): ReactNode {
  if (children === null || children === undefined)
    return <span className={`text-stale ${className}`}>{unknown}</span>;
  const text = oneLine(children);
  return (
    <bdi className={className} title={text}>
      {text}
    </bdi>
  );
}

/** How much of a text is read without asking for more. */
const proseShown = 2_000;

/** A stranger's text in full, lines kept; a very long one is folded. */
export function Prose({ children, className = '' }: TextProps): ReactNode {
  if (children === null || children === undefined)
    return <span className={`text-stale ${className}`}>{unknown}</span>;
  const look = `max-w-[80ch] whitespace-pre-wrap wrap-anywhere ${className}`;
  if (children.length <= proseShown) return <p className={look}>{plain(children)}</p>;
  const [shown, folded] = [
    children.slice(0, proseShown).toWellFormed(),
    children.slice(proseShown).toWellFormed(),
  ];
  return (
    <div className={look}>
      {plain(shown)}…
      <details>
        <summary className="text-active underline">{count(folded.length)} more characters</summary>
        {plain(folded)}
      </details>
    </div>
  );
}

/** Words or a figure that say that there is nothing. Where that may be over, a dash is drawn instead. */
export function Nothing({ children }: { readonly children: ReactNode }): ReactNode {
  const isOld = useContext(AsOf) !== null;
  return isOld ? <span title="none, when it was last known">–</span> : children;
}

/** How many there are; null reads "unknown". */
export function Tally({ value }: { readonly value: number | null }): ReactNode {
  return value === 0 ? <Nothing>0</Nothing> : count(value);
}

/** An amount of money; null reads "unknown". */
export function Dollars({ usd }: { readonly usd: number | null }): ReactNode {
  return usd === 0 ? <Nothing>{dollars(0)}</Nothing> : dollars(usd);
}

/** A measured time; null reads "unknown". */
export function Took({ ms }: { readonly ms: number | null }): ReactNode {
  return <span className={ms === null ? 'text-stale' : 'tabular-nums'}>{duration(ms)}</span>;
}

/** A name or id that people copy: monospaced. */
export function Code({ children, className = '' }: TextProps): ReactNode {
  return <Line className={`font-mono text-xs ${className}`}>{children}</Line>;
}

interface TimeProps {
  /** Server clock, ISO 8601. */
  readonly at: string | null;
  readonly className?: string;
}

/** `3 min ago`, moving; the whole time with its zone on hover. */
export function Ago({ at, className = '' }: TimeProps): ReactNode {
  const now = useServerNow();
  if (at === null) return <span className={`text-stale ${className}`}>{unknown}</span>;
  return (
    <time dateTime={at} title={absolute(at)} className={`tabular-nums whitespace-nowrap ${className}`}>
      {ago(at, now)}
    </time>
  );
}

interface DueProps {
  readonly at: string | null;
  /** The runtime's own word that it should have run by now. */
  readonly late: boolean;
}

/** When something is to run: `in 12 s`, `now`, and `due 52 s ago` when the runtime says that it is late. */
export function Due({ at, late }: DueProps): ReactNode {
  const now = useServerNow();
  // Between two reads a due time passes without anything being wrong.
  if (at !== null && !late && Date.parse(at) <= now) return <span>now</span>;
  return (
    <span className="whitespace-nowrap">
      {late ? 'due ' : ''}
      <Ago at={at} />
    </span>
  );
}

interface ForProps {
  readonly since: string | null;
  /** The largest unit alone: `1 h`. */
  readonly coarse?: boolean;
  readonly className?: string;
}

/** `3 min`: how long something has lasted. */
export function For({ since, coarse = false, className = '' }: ForProps): ReactNode {
  const now = useServerNow();
  if (since === null) return <span className={`text-stale ${className}`}>{unknown}</span>;
  return (
    <time
      dateTime={since}
      title={`since ${absolute(since)}`}
      className={`tabular-nums whitespace-nowrap ${className}`}
    >
      {coarse ? age(since, now).split(' ').slice(0, 2).join(' ') : age(since, now)}
    </time>
  );
}

/** `12:04:11`, still; the whole time with its zone on hover. */
export function Clock({ at, className = '' }: TimeProps): ReactNode {
  if (at === null) return <span className={`text-stale ${className}`}>{unknown}</span>;
  return (
    <time dateTime={at} title={absolute(at)} className={`tabular-nums whitespace-nowrap ${className}`}>
      {clock(at)}
    </time>
  );
}
