import type { ReactNode } from 'react';
import { clock } from '../kit/format.ts';
import { plain } from '../kit/plain.ts';
import { useLink, useModel } from '../store/use.ts';

/** One line under the bar when the whole page is not what it seems: the link is lost, or the runtime was updated. */
export function Notice(): ReactNode {
  const { verdict } = useLink();
  const link = useModel((model) => model.link);
  const build = useModel((model) => model.build);
  const updated = build !== null && link.beat !== null && link.beat.build !== build;
  if (updated) {
    return (
      <div className="flex flex-wrap items-center gap-3 border-b border-line bg-raised px-4 py-1.5">
        <p>
          Kora was updated to <span className="font-mono text-xs">{plain(link.beat?.build ?? '')}</span>. This
          page is from <span className="font-mono text-xs">{plain(build)}</span>.
        </p>
        <button
          type="button"
          className="h-7 rounded-sm border border-line-strong bg-surface px-3 hover:border-ink"
          onClick={() => location.reload()}
        >
          Reload
        </button>
      </div>
    );
  }
  if (verdict !== 'offline') return null;
  const since = link.beatAt === null ? null : new Date(link.beatAt).toISOString();
  return (
    <p className="hatch border-b border-stopped px-4 py-1.5">
      <span className="font-semibold text-stopped">The link to the runtime is lost.</span>{' '}
      {since === null ? 'It has not answered yet. ' : `Everything below is as of ${clock(since)}. `}
      {link.bye === null ? '' : `It said: ${plain(link.bye)}. `}
      In a terminal: <code className="font-mono text-xs">kora status</code>
    </p>
  );
}
