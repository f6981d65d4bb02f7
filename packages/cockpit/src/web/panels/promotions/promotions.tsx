import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { z } from 'zod';
import { Facet } from '../../kit/facets.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Tabs } from '../../kit/tabs.tsx';
import { Ago, Code, Line } from '../../kit/text.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { useScope } from '../../store/use-deeds.ts';
import { BulkReject } from './bulk.tsx';
import { type PromotionRow, promotionSchema } from '@kora/runtime/client';
import { Loops } from './loops.tsx';
import { Application, Decision, Gain, Risk } from './parts.tsx';
import {
  applications,
  decisions,
  filtered,
  isOpen,
  promotionEvents,
  type PromotionFilter,
  promotionFilterKeys,
} from './proposals.ts';

const rowsSchema = z.array(promotionSchema);

/** What the loops propose: the queue first, then everything that was ever proposed, and the loops themselves. */
export function PromotionsPage(): ReactNode {
  const [filter, change] = useFilter(promotionFilterKeys);
  const { data, view } = useDetail('/api/promotions?limit=500', rowsSchema, promotionEvents);
  const open = data?.filter(isOpen).length ?? null;
  return (
    <Page
      title="Proposals"
      tools={<FilterBox label="Title, place, number" value={filter.q} onChange={(q) => change({ q })} />}
    >
      <Tabs
        label="Proposals"
        current={filter.view === '' ? 'queue' : filter.view}
        tabs={[
          { name: 'queue', title: 'Queue', href: '/promotions', count: open },
          { name: 'history', title: 'History', href: '/promotions?view=history' },
          { name: 'loops', title: 'Loops', href: '/promotions?view=loops' },
        ]}
      />
      {filter.view === 'loops' ? (
        <Loops />
      ) : (
        <>
          <Facets rows={data ?? []} filter={filter} change={change} />
          <Queue key={filter.view} rows={data} view={view} filter={filter} />
        </>
      )}
    </Page>
  );
}

interface FacetsProps {
  readonly rows: readonly PromotionRow[];
  readonly filter: PromotionFilter;
  readonly change: (part: Partial<PromotionFilter>) => void;
}

function Facets({ rows, filter, change }: FacetsProps): ReactNode {
  const loops = [...new Set(rows.map((row) => row.loop))].sort();
  const named = (value: string): { readonly value: string; readonly title: string } => ({
    value,
    title: value.replaceAll('_', ' '),
  });
  return (
    <div role="group" aria-label="Facets" className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <Facet
        first
        label="Loop"
        value={filter.loop}
        choices={loops.map(named)}
        onChange={(loop) => change({ loop })}
      />
      <Facet
        label="Decision"
        value={filter.decision}
        choices={decisions.map(named)}
        onChange={(decision) => change({ decision })}
      />
      <Facet
        label="Application"
        value={filter.application}
        choices={applications.map(named)}
        onChange={(application) => change({ application })}
      />
      <Facet
        label="Risk"
        value={filter.risk}
        choices={['low', 'high'].map(named)}
        onChange={(risk) => change({ risk })}
      />
    </div>
  );
}

interface QueueProps {
  readonly rows: readonly PromotionRow[] | null;
  readonly view: ReturnType<typeof useDetail>['view'];
  readonly filter: PromotionFilter;
}

function Queue({ rows, view, filter }: QueueProps): ReactNode {
  const [picked, setPicked] = useState<ReadonlySet<number>>(new Set());
  const may = useScope('approve');
  const shown = filtered(rows ?? [], filter);
  const isEmpty = shown.length === 0;
  const here = view.state === 'ready' && isEmpty ? { ...view, state: 'empty' as const } : view;
  const rejectable = shown.filter((row) => row.decision === 'pending');
  const pick = (id: number): void => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    setPicked(next);
  };
  const history = filter.view === 'history';
  return (
    <>
      <Panel
        title={history ? 'Everything that was proposed' : 'Queue'}
        count={shown.length}
        view={here}
        whenEmpty={
          history
            ? 'Nothing of this kind was ever proposed.'
            : 'Nothing waits for your word, nothing is on trial. Loops look back as often as they are told to.'
        }
        rows={6}
      >
        <Table
          caption={history ? 'Proposals, newest first' : 'Proposals, what runs out first on top'}
          columns={may && !history ? [pickColumn(picked, pick), ...columns] : columns}
          rows={shown}
          keyOf={(row) => String(row.id)}
          hrefOf={(row) => `/promotions/${row.id}`}
        />
      </Panel>
      <BulkReject rows={rejectable.filter((row) => picked.has(row.id))} clear={() => setPicked(new Set())} />
    </>
  );
}

/** Only what waits can be picked, and only to be rejected: agreeing is done one by one. */
function pickColumn(picked: ReadonlySet<number>, pick: (id: number) => void): Column<PromotionRow> {
  return {
    name: 'Pick',
    cell: (row) =>
      row.decision === 'pending' ? (
        <input
          type="checkbox"
          aria-label={`Pick proposal ${row.id}`}
          checked={picked.has(row.id)}
          onChange={() => pick(row.id)}
          className="size-6"
        />
      ) : null,
  };
}

const columns: readonly Column<PromotionRow>[] = [
  {
    name: 'Proposal',
    cell: (row) => (
      <Link href={`/promotions/${row.id}`} className="group block">
        <Line className="block truncate font-semibold group-hover:underline">{row.title}</Line>
        <Code className="block truncate text-dim">{`#${row.id} ${row.change.kind}`}</Code>
      </Link>
    ),
    wide: true,
  },
  { name: 'Decision', cell: (row) => <Decision of={row} /> },
  { name: 'Application', cell: (row) => <Application of={row} />, from: 'sm' },
  { name: 'Risk', cell: (row) => <Risk risk={row.risk} />, from: 'sm' },
  { name: 'Evidence', cell: (row) => row.evidence.size, align: 'end', from: 'md' },
  { name: 'Saves', cell: (row) => <Gain gain={row.expected} />, from: 'lg' },
  { name: 'Age', cell: (row) => <Ago at={row.proposedAt} />, from: 'lg' },
  {
    name: 'Runs out',
    cell: (row) => (row.decision === 'pending' ? <Ago at={row.expiresAt} /> : <Trial row={row} />),
    from: 'sm',
  },
];

function Trial({ row }: { readonly row: PromotionRow }): ReactNode {
  if (row.application !== 'applied' || row.trialUntil === null) return null;
  return (
    <span className="text-dim">
      trial ends <Ago at={row.trialUntil} />
    </span>
  );
}
