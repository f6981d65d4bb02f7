import { probeSchema, probeWindowSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { SpanField, typedSpan } from './answers.tsx';

/** Looks now. The label is short where it stands in a row. */
export function LookNow({ probe }: { readonly probe: string }): ReactNode {
  return (
    <Act
      label="Look now"
      title={`Look at ${probe} now`}
      needs="operate"
      path={`/api/probes/${encodeURIComponent(probe)}/run`}
      answer={probeSchema}
      effect="One look beside its schedule. What it finds counts as any other: it may open an incident, or end one."
      reasoned={false}
      keyed={false}
      command={`kora probe run ${probe}`}
    />
  );
}

const oneHourMs = 3_600_000;

/** A maintenance window from now on, for one probe or for all. */
export function AddWindow({ probe }: { readonly probe: string | null }): ReactNode {
  const [forMs, setForMs] = useState(oneHourMs);
  return (
    <Act
      label="Maintenance…"
      title={probe === null ? 'Maintenance of everything' : `Maintenance of ${probe}`}
      needs="operate"
      path="/api/probe-windows"
      answer={probeWindowSchema}
      body={() => ({ probe, forMs })}
      effect="Looks go on, no incident opens and nobody is woken until it ends. What is still wrong then opens one."
      keyed={false}
      command={`kora probe window add ${probe ?? 'all'} --for ${typedSpan(forMs)} --reason "…"`}
    >
      <SpanField label="From now on, for how long" value={forMs} onChange={setForMs} />
    </Act>
  );
}

const windowsSchema = z.array(probeWindowSchema);
const windowEvents: readonly string[] = ['probe.window_'];

/** The windows that are on or to come; of one probe, with those for all. Nothing is drawn while there is none. */
export function Windows({ probe }: { readonly probe?: string }): ReactNode {
  const { data, view } = useDetail('/api/probe-windows', windowsSchema, windowEvents);
  const rows = (data ?? []).filter((row) => probe === undefined || row.probe === null || row.probe === probe);
  if (rows.length === 0 && (view.state === 'ready' || view.state === 'loading')) return null;
  return (
    <Panel title="Maintenance windows" count={rows.length} view={view} whenEmpty="">
      <ul className="divide-y divide-line">
        {rows.map((row) => (
          <li key={row.windowId} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2">
            <Line className="font-semibold">{row.probe ?? 'every probe'}</Line>
            <span>
              from <Ago at={row.startsAt} />, ends <Ago at={row.endsAt} />
            </span>
            <Line className="min-w-0 flex-1 truncate text-dim">{row.reason}</Line>
            <span className="text-dim">
              by <Line>{row.by}</Line>
            </span>
            <Act
              label="End"
              title={`End the maintenance of ${row.probe ?? 'everything'}`}
              needs="operate"
              path={`/api/probe-windows/${row.windowId}/end`}
              answer={probeWindowSchema}
              effect="What is wrong by then opens an incident at the next look."
              keyed={false}
              command={`kora probe window end ${row.windowId}`}
            />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
