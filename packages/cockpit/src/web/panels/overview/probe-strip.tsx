import type { ProbeRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { lookOf } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Line, Took } from '../../kit/text.tsx';
import { toneText } from '../../kit/tone.ts';
import { useList, useView } from '../../store/use.ts';
import { byTrouble } from '../probes/order.ts';

const shown = 6;

/** How many of the watched things are well, and which are not. */
export function ProbeStrip(): ReactNode {
  const probes = useList('probes') ?? [];
  const view = useView('probes', probes.length === 0);
  const well = probes.filter((probe) => probe.status === 'healthy').length;
  const rows = [...probes].sort(byTrouble).slice(0, shown);
  return (
    <Panel
      title="Probes"
      view={view}
      whenEmpty="No probe is configured. They are named in kora.json."
      tools={
        view.state === 'ready' || view.state === 'stale' ? (
          <span className={`tabular-nums ${well === probes.length ? 'text-ready' : 'text-paused'}`}>
            {well}/{probes.length} healthy
          </span>
        ) : null
      }
    >
      <ul className="py-1">
        {rows.map((probe) => (
          <ProbeLine key={probe.name} probe={probe} />
        ))}
      </ul>
      {probes.length > shown ? (
        <Link href="/probes" className="block border-t border-line px-3 py-1.5 text-dim hover:text-ink">
          {probes.length - shown} more
        </Link>
      ) : null}
    </Panel>
  );
}

function ProbeLine({ probe }: { readonly probe: ProbeRow }): ReactNode {
  const look = lookOf('probe', probe.status);
  const Icon = look.icon;
  return (
    <li>
      <Link
        href={`/probes/${encodeURIComponent(probe.name)}`}
        className="flex h-7 items-center gap-2 px-3 hover:bg-raised/60"
      >
        <Icon size={14} aria-hidden="true" className={`shrink-0 ${toneText[look.tone]}`} />
        <Line className="min-w-0 flex-1 truncate">{probe.name}</Line>
        {probe.status === 'healthy' && probe.latencyMs !== null ? (
          <span className="text-dim tabular-nums">
            <span className="sr-only">{look.word}, </span>
            <Took ms={probe.latencyMs} />
          </span>
        ) : (
          <span className={probe.status === 'healthy' ? 'text-dim' : toneText[look.tone]}>{look.word}</span>
        )}
      </Link>
    </li>
  );
}
