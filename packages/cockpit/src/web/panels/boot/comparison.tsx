import type { BootReport, GateReport } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Facet } from '../../kit/facets.tsx';
import { clock, duration } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Line } from '../../kit/text.tsx';
import type { PanelView } from '../../store/view.ts';
import { comparedWith, type GatePair, gatePairs, type PastBoot, slowerWords } from './compare.ts';

interface ComparisonProps {
  readonly boot: BootReport;
  readonly history: readonly PastBoot[];
  readonly view: PanelView;
  /** The boot that the address asks for; empty: the last good one. */
  readonly asked: string;
  readonly ask: (bootId: string) => void;
}

/** This boot beside an earlier one, gate by gate: what ended differently, and what takes longer now. */
export function Comparison({ boot, history, view, asked, ask }: ComparisonProps): ReactNode {
  const other = comparedWith(history, boot, asked);
  if (other === null) return null;
  const pairs = gatePairs(other.gates, boot.gates);
  const differing = pairs.filter(({ differs }) => differs).length;
  return (
    <Panel
      title={`Beside boot #${other.bootId}`}
      view={view}
      whenEmpty=""
      tools={
        <>
          <span className={differing === 0 ? 'text-dim' : 'text-paused'}>
            {differing === 0 ? 'every gate ended as then' : `${differing} ended differently`}
          </span>
          <Facet
            first
            label="Beside"
            all="the last good one"
            value={asked}
            choices={history
              .filter(({ bootId }) => bootId !== boot.bootId)
              .map(({ bootId, outcome, startedAt }) => ({
                value: String(bootId),
                title: `#${bootId} ${outcome}, ${clock(startedAt)}`,
              }))}
            onChange={ask}
          />
        </>
      }
    >
      <Table
        caption={`Gates of this boot beside those of boot ${other.bootId}`}
        columns={columns}
        rows={pairs}
        keyOf={(row) => row.gateId}
        current={(row) => row.differs}
      />
    </Panel>
  );
}

function Ended({ gate }: { readonly gate: GateReport | null }): ReactNode {
  if (gate === null) return <span className="text-dim">no such gate</span>;
  return (
    <span className="flex items-center gap-2">
      <Mark look={lookOf('gate', gate.outcome)} />
      {gate.outcome === 'not_reached' ? null : (
        <span className="text-dim tabular-nums">{duration(gate.elapsedMs)}</span>
      )}
    </span>
  );
}

const columns: readonly Column<GatePair>[] = [
  { name: 'Gate', cell: (row) => <Line className="block truncate">{row.title}</Line>, wide: true },
  { name: 'Then', cell: (row) => <Ended gate={row.before} /> },
  { name: 'Now', cell: (row) => <Ended gate={row.now} /> },
  {
    name: 'Slower by',
    cell: (row) => (row.slowerMs === null ? '' : plain(slowerWords(row.slowerMs, duration))),
    align: 'end',
    from: 'sm',
  },
];
