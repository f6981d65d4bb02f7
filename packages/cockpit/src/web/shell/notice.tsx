import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from '../kit/button.tsx';
import { clock, span } from '../kit/format.ts';
import { plain } from '../kit/plain.ts';
import { bootingNow } from '../store/booting.ts';
import { readsAlone } from '../store/shared-stream.ts';
import { useLink, useModel, useNow } from '../store/use.ts';
import { earlierReloads, hasDraft, mayReload, reloadOnce } from './reload.ts';

/** One line under the bar when the whole page is not what it seems: the link is lost, the runtime is new or anew. */
export function Notice(): ReactNode {
  const { verdict } = useLink();
  const link = useModel((model) => model.link);
  const build = useModel((model) => model.build);
  const booting = bootingNow(
    useModel((model) => model.lists.boot),
    useNow(),
  );
  if (build !== null && link.beat !== null && link.beat.build !== build)
    return <Updated from={build} to={link.beat.build} />;
  if (verdict !== 'offline') return <Restarted />;
  const since = link.beatAt === null ? null : new Date(link.beatAt).toISOString();
  if (booting !== null)
    return (
      <p className="hatch border-b border-paused px-4 py-1.5">
        <span className="font-semibold text-paused">Kora is booting.</span>{' '}
        {booting.waitingFor === null ? '' : `It waits: ${plain(booting.waitingFor)}. `}
        {since === null ? '' : `Everything but its gates is as of ${clock(since)}. `}
        In a terminal: <code className="font-mono text-xs">kora boot</code>
      </p>
    );
  return (
    <p className="hatch border-b border-stopped px-4 py-1.5">
      <span className="font-semibold text-stopped">The link to the runtime is lost.</span>{' '}
      {since === null ? 'It has not answered yet. ' : `Everything below is as of ${clock(since)}. `}
      {link.bye === null ? '' : `It said: ${plain(link.bye)}. `}
      {readsAlone ? 'This browser has no locks: each tab reads a stream of its own, and four at most. ' : ''}
      In a terminal: <code className="font-mono text-xs">kora status</code>
    </p>
  );
}

/** Offers to load the page of the new build; does it itself when nobody is there to lose anything. */
function Updated({ from, to }: { readonly from: string; readonly to: string }): ReactNode {
  const touchedAt = useRef(0);
  useEffect(() => {
    const touch = (): void => {
      touchedAt.current = Date.now();
    };
    touch();
    const kinds = ['keydown', 'pointerdown', 'wheel'] as const;
    for (const kind of kinds) addEventListener(kind, touch, { passive: true });
    const timer = setInterval(() => {
      const now = Date.now();
      const dialogOpen = document.querySelector('dialog[open]') !== null;
      const idleMs = now - touchedAt.current;
      if (mayReload({ idleMs, dialogOpen, draft: hasDraft(), earlier: earlierReloads(), now }))
        reloadOnce(now);
    }, 5_000);
    return () => {
      for (const kind of kinds) removeEventListener(kind, touch);
      clearInterval(timer);
    };
  }, []);
  return (
    <div className="flex flex-wrap items-center gap-3 border-b border-line bg-raised px-4 py-1.5">
      <p>
        Kora was updated to <span className="font-mono text-xs">{plain(to)}</span>. This page is from{' '}
        <span className="font-mono text-xs">{plain(from)}</span>.
      </p>
      <Button onClick={() => location.reload()}>Reload</Button>
    </div>
  );
}

/** How long after its beginning it is said that a runtime is not the one the page was opened on. */
const saidForMs = 120_000;

function Restarted(): ReactNode {
  const startedAt = useModel((model) => model.link.startedAt);
  const status = useModel((model) => model.lists.status.good);
  const now = useNow();
  if (status === null) return null;
  const begunAt = status.receivedAt - status.data.uptimeMs;
  if (begunAt <= startedAt || now - begunAt > saidForMs) return null;
  return (
    <p className="border-b border-line bg-raised px-4 py-1.5">
      The runtime was started again {span(Math.max(0, now - begunAt))} ago.
    </p>
  );
}
