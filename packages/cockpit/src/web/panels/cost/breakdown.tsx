import { ArrowDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../kit/button.tsx';
import { Chip } from '../../kit/chip.tsx';
import { Facet } from '../../kit/facets.tsx';
import { count } from '../../kit/format.ts';
import { microDollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import { Dollars, Line, Tally } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import {
  breakdown,
  type By,
  bys,
  csvOf,
  type Slice,
  type Sort,
  sorts,
  totalOf,
  unpricedOf,
} from './slices.ts';
import { daysOf, spendDaysSchema } from './days.ts';
import { byOf, daysPath } from './lines.tsx';
import { saveText } from './save.ts';

interface BreakdownProps {
  readonly filter: { readonly days: string; readonly by: string; readonly sort: string };
  readonly change: (part: { readonly by?: string; readonly sort?: string }) => void;
}

const stirring: readonly string[] = ['kora.spend.', 'reasoning.run_completed'];

/** What it went to. The total is the sum of the rows, and the rows are the ledger's. */
export function BreakdownPanel(props: BreakdownProps): ReactNode {
  const days = daysOf(props.filter.days);
  return <Rows key={days} days={days} {...props} />;
}

function Rows({ days, filter, change }: BreakdownProps & { readonly days: number }): ReactNode {
  const { data, view } = useDetail(daysPath(days), spendDaysSchema, stirring);
  const by = byOf(filter.by);
  const sort = sorts.find((each) => each === filter.sort) ?? 'cost';
  const rows = breakdown(data ?? [], by, sort);
  const unpriced = unpricedOf(data ?? []);
  const here = view.state === 'ready' && rows.length === 0 ? { ...view, state: 'empty' as const } : view;
  return (
    <Panel
      title="What it went to"
      count={rows.length}
      view={here}
      whenEmpty="No call was made in this window."
      tools={
        <>
          <Facet
            label="By"
            all="route"
            value={filter.by}
            choices={bys.filter((each) => each !== 'route').map((each) => ({ value: each, title: each }))}
            onChange={(next) => change({ by: next })}
          />
          {unpriced > 0 ? (
            <Chip tone="paused" title="Their cost is an estimate, or their model has no price">
              unpriced: {count(unpriced)}
            </Chip>
          ) : null}
          {rows.length === 0 ? null : <Button onClick={() => exportCsv(rows, by, days)}>Export CSV</Button>}
        </>
      }
    >
      <SliceTable
        rows={rows}
        by={by}
        sort={sort}
        onSort={(next) => change({ sort: next === 'cost' ? '' : next })}
      />
    </Panel>
  );
}

function exportCsv(rows: readonly Slice[], by: By, days: number): void {
  const lines = rows.map(({ key, costMicroUsd, calls }) => [key, costMicroUsd / 1_000_000, calls]);
  saveText(`kora-cost-${by}-${days}d.csv`, 'text/csv', csvOf([[by, 'cost_usd', 'calls'], ...lines]));
}

interface SliceTableProps {
  readonly rows: readonly Slice[];
  readonly by: By;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
}

function SliceTable({ rows, by, sort, onSort }: SliceTableProps): ReactNode {
  const total = totalOf(rows);
  const head = { sort, onSort };
  return (
    <div className="overflow-x-auto" role="group" aria-label={`Spend by ${by}`} tabIndex={0}>
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">Spend by {by}</caption>
        <thead>
          <tr className="border-b border-line">
            <Head {...head} name="name" title={by} />
            <Head {...head} name="cost" title="Cost" end />
            <th scope="col" className="px-3 text-xs font-normal text-dim max-sm:hidden">
              Share
            </th>
            <Head {...head} name="calls" title="Calls" end />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} className="row-skip border-b border-line">
              <th scope="row" className="h-8 px-3 text-left font-normal sm:whitespace-nowrap">
                <Line>{row.key.replaceAll('_', ' ')}</Line>
              </th>
              <td className="px-3 text-right">{microDollars(row.costMicroUsd)}</td>
              <td className="w-full px-3 max-sm:hidden">
                <Share part={row.costMicroUsd} of={total.costMicroUsd} />
              </td>
              <td className="px-3 text-right">{count(row.calls)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr className="font-semibold">
            <th scope="row" className="h-8 px-3 text-left">
              All of these
            </th>
            <td className="px-3 text-right">
              <Dollars usd={total.costMicroUsd / 1_000_000} />
            </td>
            <td className="max-sm:hidden" />
            <td className="px-3 text-right">
              <Tally value={total.calls} />
            </td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

interface HeadProps {
  readonly name: Sort;
  readonly title: string;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
  readonly end?: boolean;
}

function Head({ name, title, sort, onSort, end = false }: HeadProps): ReactNode {
  const here = sort === name;
  const order = name === 'name' ? 'ascending' : 'descending';
  return (
    <th scope="col" aria-sort={here ? order : 'none'} className={`px-1 ${end ? 'text-right' : ''}`}>
      <button
        type="button"
        onClick={() => onSort(name)}
        className={`inline-flex h-8 items-center gap-1 rounded-sm px-2 text-xs font-normal hover:text-ink ${here ? 'text-ink' : 'text-dim'}`}
      >
        {title}
        {here ? (
          <ArrowDown size={12} aria-hidden="true" className={name === 'name' ? 'rotate-180' : ''} />
        ) : null}
      </button>
    </th>
  );
}

/** The bar of a share; the figures beside it say the same. */
function Share({ part, of }: { readonly part: number; readonly of: number }): ReactNode {
  const width = of > 0 ? Math.max(0, (part / of) * 100) : 0;
  return (
    <svg
      aria-hidden="true"
      width="100%"
      height="10"
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      className="min-w-24 text-active"
    >
      <rect width={width} height="10" fill="currentColor" />
    </svg>
  );
}
