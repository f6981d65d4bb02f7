import type { ReactNode } from 'react';
import { span } from '../kit/format.ts';
import { plain } from '../kit/plain.ts';
import { type Tone, toneText } from '../kit/tone.ts';
import type { LinkVerdict } from '../store/link.ts';
import { useLink, useModel } from '../store/use.ts';

const words: Readonly<Record<LinkVerdict, { readonly word: string; readonly tone: Tone }>> = {
  connecting: { word: 'Connecting', tone: 'dim' },
  live: { word: 'Live', tone: 'ready' },
  stale: { word: 'Stale', tone: 'paused' },
  offline: { word: 'Offline', tone: 'stopped' },
};

/** The one place that says whether the page is live. The age is that of the runtime's last heartbeat. */
export function LinkChip(): ReactNode {
  const { verdict, silentMs } = useLink();
  const bye = useModel((model) => model.link.bye);
  const { word, tone } = words[verdict];
  const title =
    bye === null
      ? 'Age of the last heartbeat; one is due every 5 s'
      : `The runtime closed the stream: ${plain(bye)}`;
  return (
    <span
      title={title}
      className={`mr-1 flex h-7 items-center gap-2 rounded-sm px-2 tabular-nums ${toneText[tone]} ${verdict === 'live' ? '' : 'hatch border border-current/40'}`}
    >
      <Pulse verdict={verdict} />
      <span className="font-semibold">{word}</span>
      {silentMs === null ? null : <span className="text-dim">{span(silentMs)}</span>}
    </span>
  );
}

/** Filled, half, hollow: the verdict without its colour. */
function Pulse({ verdict }: { readonly verdict: LinkVerdict }): ReactNode {
  return (
    <svg
      width="10"
      height="10"
      viewBox="0 0 10 10"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
    >
      <circle cx="5" cy="5" r="4" {...(verdict === 'live' ? { fill: 'currentColor' } : {})} />
      {verdict === 'stale' ? <path d="M5 1a4 4 0 0 1 0 8Z" fill="currentColor" stroke="none" /> : null}
      {verdict === 'offline' ? <path d="M2 8 8 2" /> : null}
    </svg>
  );
}
