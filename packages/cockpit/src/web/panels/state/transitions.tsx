import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Chip } from '../../kit/chip.tsx';
import { counted } from '../../kit/format.ts';
import { LongList } from '../../kit/long-list.tsx';
import { plain } from '../../kit/plain.ts';
import { Clock, Code, Line } from '../../kit/text.tsx';
import { stateLooks, toneText } from '../../kit/tone.ts';
import { type StateTransition, type TransitionLine, transitionLines } from './stretches.ts';

interface TransitionsProps {
  /** Newest first. */
  readonly transitions: readonly StateTransition[];
  /** Ready and active by turns are one line. */
  readonly fold: boolean;
}

/** Each change with its cause, whose doing it was and what it added or took of the reasons. */
export function Transitions({ transitions, fold }: TransitionsProps): ReactNode {
  const lines = transitionLines(transitions, fold);
  return (
    <LongList
      label="Changes, newest first"
      rows={lines}
      keyOf={(line) => String(line.kind === 'one' ? line.transition.seq : `work ${line.seq}`)}
      hrefOf={(line) => `/events?seq=${line.kind === 'one' ? line.transition.seq : line.seq}`}
      rowHeight={36}
      className="max-h-[60dvh]"
      draw={drawn}
    />
  );
}

function drawn(line: TransitionLine): ReactNode {
  return <TransitionRow line={line} />;
}

const row =
  'flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1 hover:bg-raised/60';

function TransitionRow({ line }: { readonly line: TransitionLine }): ReactNode {
  if (line.kind === 'work') {
    return (
      <div className={row}>
        <Clock at={line.to} className="w-20 text-dim" />
        <span className="text-active">{counted(line.cycles, 'work cycle')}</span>
        <span className="text-dim">
          since <Clock at={line.from} />
        </span>
      </div>
    );
  }
  const { transition } = line;
  return (
    <div className={row}>
      <Clock at={transition.at} className="w-20 text-dim" />
      <span className="w-44">
        <StateWord name={transition.from} /> → <StateWord name={transition.to} />
      </span>
      <Code>{transition.cause}</Code>
      <Line className="text-dim">{transition.actor}</Line>
      {transition.reasonsAdded.map((reason) => (
        <Chip key={`+${reason}`} tone="paused">
          + {plain(reason)}
        </Chip>
      ))}
      {transition.reasonsRemoved.map((reason) => (
        <Chip key={`-${reason}`} tone="ready">
          − {plain(reason)}
        </Chip>
      ))}
      {transition.note === null ? null : <Line className="min-w-0 truncate">{transition.note}</Line>}
      <span className="ml-auto flex gap-3 text-xs text-dim">
        <span>claims {plain(transition.claimPermission.replaceAll('_', ' '))}</span>
        <Link href={`/events?seq=${transition.seq}`} className="font-mono underline">
          #{transition.seq}
        </Link>
      </span>
    </div>
  );
}

function StateWord({ name }: { readonly name: string }): ReactNode {
  const look = Object.entries(stateLooks).find(([state]) => state === name.toLowerCase())?.[1];
  return <span className={toneText[look?.tone ?? 'stale']}>{look?.word ?? plain(name)}</span>;
}
