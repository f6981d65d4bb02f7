import { reconciliationSchema, type Spend, spendSchema, spendStandingSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Act } from '../../kit/act.tsx';
import { Facet } from '../../kit/facets.tsx';
import { PanelHold } from '../../kit/hold.tsx';
import { dollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import { Page } from '../../shell/page.tsx';
import { useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { BreakdownPanel } from './breakdown.tsx';
import { windows } from './days.ts';
import { Ladder } from './ladder.tsx';
import { LinesPanel } from './lines.tsx';
import { BoundsPanel, JournalPanel, PricesPanel, RefusalsPanel, ReservationsPanel } from './standing.tsx';

export const costFilterKeys = ['days', 'by', 'sort'] as const;

/** The events after which money stands elsewhere. */
export const spendEvents: readonly string[] = ['kora.spend.', 'reasoning.run_completed'];

/** How far up the ladder the month is, what it went to, and what the operator can say about it. */
export function CostPage(): ReactNode {
  const [filter, change] = useFilter(costFilterKeys);
  const { data: spend, view } = useDetail('/api/spend', spendSchema, spendEvents, true);
  return (
    <Page
      title="Cost"
      tools={
        <Facet
          first
          label="Window"
          all="7 days"
          value={filter.days}
          choices={windows.filter(({ value }) => value !== '7')}
          onChange={(days) => change({ days })}
        />
      }
    >
      <Panel
        title="Ladder"
        view={view}
        whenEmpty="No pool is set: kora.json names what a month may cost."
        tools={spend === null ? null : <Deeds spend={spend} />}
      >
        {spend === null ? null : <Ladder spend={spend} />}
      </Panel>
      <PanelHold>
        <LinesPanel filter={filter} />
      </PanelHold>
      <PanelHold>
        <BreakdownPanel filter={filter} change={change} />
      </PanelHold>
      {spend === null ? null : (
        <div className="grid items-start gap-4 md:grid-cols-2">
          <BoundsPanel spend={spend} view={view} />
          <ReservationsPanel spend={spend} view={view} />
          <RefusalsPanel spend={spend} view={view} />
          <JournalPanel spend={spend} view={view} />
        </div>
      )}
      <PanelHold>
        <PricesPanel />
      </PanelHold>
    </Page>
  );
}

function Deeds({ spend }: { readonly spend: Spend }): ReactNode {
  return (
    <span className="flex flex-wrap gap-2">
      <Reconcile spend={spend} />
      <Act
        label="Refresh"
        title="Look again whether there is money"
        needs="operate"
        path="/api/spend/refresh"
        answer={spendStandingSchema}
        effect="If spend is below the pool now, the hold of spend ends and work is claimed again, one ticket at a time at first."
      />
    </span>
  );
}

/** Spend is only ever raised to what the provider reports. */
function Reconcile({ spend }: { readonly spend: Spend }): ReactNode {
  const [amount, setAmount] = useState('');
  const micro = microOf(amount);
  return (
    <Act
      label="Reconcile"
      title="Hold the journal against the provider"
      needs="operate"
      path="/api/spend/reconcile"
      answer={reconciliationSchema}
      body={() => ({ reportedMicroUsd: micro ?? 0 })}
      effect={effectOf(micro, spend)}
    >
      <label className="block space-y-1">
        <span className="text-xs text-dim">What the provider says was spent this month, in dollars</span>
        <input
          required
          inputMode="decimal"
          pattern="\d{1,9}(\.\d{1,6})?"
          value={amount}
          onChange={(event) => setAmount(event.currentTarget.value)}
          className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2 tabular-nums"
        />
      </label>
    </Act>
  );
}

/** Micro-dollars of what was typed in dollars; null where it is no amount. */
export function microOf(text: string): number | null {
  return /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text) * 1_000_000) : null;
}

function effectOf(micro: number | null, { spentUsd }: Spend): string {
  if (micro === null)
    return `The journal says ${dollars(spentUsd)}. It is raised to a higher figure, never lowered.`;
  const raised = micro / 1_000_000 - spentUsd;
  return raised > 0
    ? `Spend is raised by ${dollars(raised)} to ${dollars(micro / 1_000_000)}; the ladder may change.`
    : `The journal says ${dollars(spentUsd)} already: nothing is raised, and that it was held against this is kept.`;
}
