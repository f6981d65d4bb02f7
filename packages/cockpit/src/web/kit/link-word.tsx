import type { ReactNode } from 'react';
import { useLiveLink } from '../store/use.ts';
import { span } from './format.ts';

const lostWords = 'The link to the runtime is lost';

/** Why nothing can be sent now; undefined while something can. Only a stop is tried all the same. */
export function useLost(): string | undefined {
  return useLiveLink().verdict === 'offline' ? lostWords : undefined;
}

/** Why what is asked for may rest on old data; undefined while the page is live. */
export function useDoubt(): string | undefined {
  const { verdict, silentMs } = useLiveLink();
  if (verdict === 'offline') return `${lostWords}: nothing is sent until it is back.`;
  if (verdict !== 'stale') return undefined;
  const since = silentMs === null ? 'yet' : `for ${span(silentMs)}`;
  return `The runtime was not heard ${since}: what you see may be old, and this may not arrive.`;
}

/** Said where something is about to be sent. That the link is old is spoken once by the page: here its seconds tick. */
export function Doubt(): ReactNode {
  const doubt = useDoubt();
  return doubt === undefined ? null : <p className="hatch px-2 py-1 text-stale">{doubt}</p>;
}
