import type { ReasonRunRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Refusal } from '../../kit/act.tsx';
import { Button } from '../../kit/button.tsx';
import { Chip } from '../../kit/chip.tsx';
import { Facet } from '../../kit/facets.tsx';
import { ago, counted } from '../../kit/format.ts';
import { microDollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import { oneLine } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line } from '../../kit/text.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { useFilter, writeFilter } from '../../shell/query.ts';
import { useList, useServerNow } from '../../store/use.ts';
import type { PanelView } from '../../store/view.ts';
import { AskButton } from './ask.tsx';
import { RunCost, RunMark, RunSource, RunTokens, RunTook } from './run-parts.tsx';
import { filtered, outcomes, type RunFilter, runFilterKeys, sourceKinds, valuesOf } from './runs.ts';
import { useRuns } from './use-runs.ts';

/** Whatever was thought: by which model, for whom, at what cost, and how it ended. */
export function ReasoningPage(): ReactNode {
  const [filter, change] = useFilter(runFilterKeys);
  return (
    <Page
      title="Reasoning"
      tools={
        <>
          <AskButton />
          <FilterBox label="Question, id, asker" value={filter.q} onChange={(q) => change({ q })} />
        </>
      }
    >
      {/* What the runtime filters is another list: nothing of the one before stands in for it. */}
      <RunsPanel key={`${filter.ticket} ${filter.outcome}`} filter={filter} change={change} />
    </Page>
  );
}

interface RunsPanelProps {
  readonly filter: RunFilter;
  readonly change: (part: Partial<RunFilter>) => void;
}

function RunsPanel({ filter, change }: RunsPanelProps): ReactNode {
  const { runs, view, older, fault } = useRuns(filter);
  const all = runs ?? [];
  const rows = filtered(all, filter);
  const query = writeFilter(filter, runFilterKeys);
  const running = rows.filter((run) => run.status === 'open').length;
  const whenEmpty = useWhenEmpty(all);
  return (
    <>
      <Facets runs={all} filter={filter} change={change} />
      <Panel
        title="Calls"
        count={rows.length}
        view={rows.length === 0 ? emptied(view) : view}
        whenEmpty={
          all.length === 0 ? whenEmpty : `None of the ${all.length} newest calls matches the filter.`
        }
        tools={running > 0 ? <Chip tone="active">{running} running</Chip> : null}
        rows={8}
      >
        <Table
          caption="Calls, newest first"
          columns={columnsWith(query)}
          rows={rows}
          keyOf={(run) => run.runId}
          hrefOf={(run) => hrefOf(run, query)}
        />
      </Panel>
      <div className="flex flex-wrap items-center gap-3 text-dim">
        <span>
          {counted(rows.length, 'call')} shown, {microDollars(sumOf(rows))} in all.
        </span>
        {older === null ? null : <Button onClick={older}>Look further back</Button>}
        {fault === null ? null : <Refusal fault={fault} />}
      </div>
    </>
  );
}

function emptied(view: PanelView): PanelView {
  if (view.state === 'ready') return { ...view, state: 'empty' };
  return view.state === 'stale' ? { ...view, wasEmpty: true } : view;
}

function sumOf(rows: readonly ReasonRunRow[]): number {
  return rows.reduce((sum, run) => sum + run.receipt.costMicroUsd, 0);
}

/** Nothing is fine where nobody asked: the ladder says whether anybody may. */
function useWhenEmpty(all: readonly ReasonRunRow[]): string {
  const spend = useList('status')?.spend ?? null;
  const now = useServerNow();
  const last = all[0]?.startedAt;
  const rung = spend === null ? 'unknown' : spend.rung.replaceAll('_', ' ');
  return `No calls here. Ladder: ${rung}${last === undefined ? '' : `; last call ${ago(last, now)}`}.`;
}

function hrefOf(run: ReasonRunRow, query: string): string {
  return `/reasoning/${encodeURIComponent(run.runId)}${query}`;
}

function columnsWith(query: string): readonly Column<ReasonRunRow>[] {
  return [
    { name: 'Time', cell: (run) => <Ago at={run.startedAt} /> },
    {
      name: 'Question',
      cell: (run) => (
        <Link href={hrefOf(run, query)} className="block truncate font-semibold hover:underline">
          {run.question === '' ? run.runId : <Line>{run.question}</Line>}
        </Link>
      ),
      wide: true,
    },
    { name: 'Outcome', cell: (run) => <RunMark run={run} /> },
    { name: 'Cost', cell: (run) => <RunCost run={run} />, align: 'end' },
    { name: 'Latency', cell: (run) => <RunTook run={run} />, align: 'end', from: 'sm' },
    { name: 'Model', cell: (run) => <ModelOf run={run} />, from: 'sm' },
    { name: 'Source', cell: (run) => <RunSource run={run} />, from: 'md' },
    { name: 'Tokens', cell: (run) => <RunTokens run={run} />, align: 'end', from: 'lg' },
    { name: 'Tools', cell: (run) => <ToolsOf run={run} />, align: 'end', from: 'lg' },
  ];
}

/** How many different tools; which, on hover and in its own page. */
function ToolsOf({ run }: { readonly run: ReasonRunRow }): ReactNode {
  const { tools } = run.receipt;
  return tools.length === 0 ? (
    <span className="text-dim">none</span>
  ) : (
    <span title={tools.map((tool) => oneLine(tool)).join(', ')}>{tools.length}</span>
  );
}

/** The tier, and what it came to; the phrasebook needs neither. */
function ModelOf({ run }: { readonly run: ReasonRunRow }): ReactNode {
  const { tier, model } = run.receipt;
  if (run.by === 'phrasebook') return <span className="text-dim">phrasebook</span>;
  if (model === null) return <span className="text-dim">none</span>;
  return (
    <>
      {tier === null ? null : <span className="text-dim">{tier} → </span>}
      <Code>{model}</Code>
    </>
  );
}

interface FacetsProps extends RunsPanelProps {
  readonly runs: readonly ReasonRunRow[];
}

function Facets({ runs, filter, change }: FacetsProps): ReactNode {
  const tools = valuesOf(runs, (run) => run.receipt.tools);
  return (
    <div role="group" aria-label="Facets" className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <Facet
        first
        label="Outcome"
        value={filter.outcome}
        choices={outcomes.map((value) => ({ value, title: value === 'open' ? 'running' : value }))}
        onChange={(outcome) => change({ outcome })}
      />
      <Facet
        label="Route"
        value={filter.route}
        choices={valuesOf(runs, (run) => [run.route])}
        onChange={(route) => change({ route })}
      />
      <Facet
        label="Source"
        value={filter.source}
        choices={sourceKinds.map((value) => ({ value, title: value }))}
        onChange={(source) => change({ source })}
      />
      <Facet
        label="Model"
        value={filter.model}
        choices={valuesOf(runs, (run) => [run.receipt.model])}
        onChange={(model) => change({ model })}
      />
      <Facet
        label="Tool"
        value={filter.tool}
        choices={tools.map(({ value }) => ({ value, title: value }))}
        onChange={(tool) => change({ tool })}
      />
      <Small label="Cost from, $" value={filter.cost} onChange={(cost) => change({ cost })} />
      <Small label="Ticket" value={filter.ticket} onChange={(ticket) => change({ ticket })} />
    </div>
  );
}

interface SmallProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Small({ label, value, onChange }: SmallProps): ReactNode {
  return (
    <label className="inline-flex items-center gap-1.5">
      <span className="text-xs text-dim">{label}</span>
      <input
        inputMode="decimal"
        value={value}
        maxLength={12}
        onChange={(event) => onChange(event.currentTarget.value)}
        className="h-8 w-20 rounded-sm border border-line-strong bg-surface px-2 tabular-nums"
      />
    </label>
  );
}
