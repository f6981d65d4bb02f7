import {
  type ModelPriceRow,
  modelPriceRowSchema,
  releasedReservationSchema,
  type Spend,
} from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { count } from '../../kit/format.ts';
import { dollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import type { PanelView } from '../../store/view.ts';

interface PartProps {
  readonly spend: Spend;
  readonly view: PanelView;
}

function emptied(view: PanelView, isEmpty: boolean): PanelView {
  if (!isEmpty) return view;
  if (view.state === 'ready') return { ...view, state: 'empty' };
  return view.state === 'stale' ? { ...view, wasEmpty: true } : view;
}

type Limit = Spend['limits'][number];

const limitColumns: readonly Column<Limit>[] = [
  { name: 'Bound', cell: (row) => <Line>{`${row.scope} ${row.key}`}</Line>, wide: true },
  { name: 'Used today', cell: (row) => dollars(row.usedUsd), align: 'end' },
  { name: 'Of', cell: (row) => dollars(row.limitUsd), align: 'end' },
];

/** What bounds spend beside the pool. */
export function BoundsPanel({ spend, view }: PartProps): ReactNode {
  const { limits } = spend;
  return (
    <Panel
      title="Bounds"
      count={limits.length}
      view={emptied(view, limits.length === 0)}
      whenEmpty="Nothing but the month's pool bounds spend."
    >
      <Table
        caption="Bounds beside the pool"
        columns={limitColumns}
        rows={limits}
        keyOf={(row) => `${row.scope} ${row.key}`}
      />
    </Panel>
  );
}

type Reservation = Spend['reservations'][number];

const reservationColumns: readonly Column<Reservation>[] = [
  {
    name: 'Call',
    cell: (row) => (
      <>
        <Line>{row.caller}</Line> <Code className="text-dim">{row.callId}</Code>
      </>
    ),
    wide: true,
  },
  { name: 'Reserved', cell: (row) => dollars(row.reservedUsd), align: 'end' },
  { name: 'Since', cell: (row) => <Ago at={row.since} />, from: 'sm' },
  {
    name: 'Release',
    cell: (row) => (
      <Act
        label="Release"
        title="Give up a reservation"
        needs="operate"
        path="/api/spend/release"
        answer={releasedReservationSchema}
        body={() => ({ callId: row.callId })}
        effect={`${dollars(row.reservedUsd)} are free again. If the call did cost something, only the provider's figure will say so.`}
      />
    ),
  },
];

/** Money that is set aside for calls that have not said what they cost. */
export function ReservationsPanel({ spend, view }: PartProps): ReactNode {
  const { reservations } = spend;
  return (
    <Panel
      title="Reserved"
      count={reservations.length}
      view={emptied(view, reservations.length === 0)}
      whenEmpty="No call is under way, and each has said what it cost."
    >
      <Table
        caption="Reservations, oldest first"
        columns={reservationColumns}
        rows={reservations}
        keyOf={(row) => row.callId}
      />
    </Panel>
  );
}

type Refused = Spend['refusals'][number];

const refusalColumns: readonly Column<Refused>[] = [
  { name: 'Caller', cell: (row) => <Line>{row.caller}</Line>, wide: true },
  { name: 'Why', cell: (row) => <Line>{row.cause.replaceAll('_', ' ')}</Line> },
  { name: 'Times', cell: (row) => count(row.count), align: 'end' },
];

/** Who was told that there is no money. */
export function RefusalsPanel({ spend, view }: PartProps): ReactNode {
  const { refusals } = spend;
  return (
    <Panel
      title="Refused in 24 hours"
      count={spend.refusedLast24h}
      view={emptied(view, refusals.length === 0)}
      whenEmpty="No call was refused for want of money."
    >
      <Table
        caption="Refusals, most first"
        columns={refusalColumns}
        rows={refusals}
        keyOf={(row) => `${row.caller} ${row.cause}`}
      />
    </Panel>
  );
}

type Reconciled = Spend['reconciliations'][number];

const journalColumns: readonly Column<Reconciled>[] = [
  { name: 'When', cell: (row) => <Ago at={row.at} /> },
  { name: 'Reported', cell: (row) => dollars(row.reportedUsd), align: 'end' },
  { name: 'Raised by', cell: (row) => dollars(row.raisedUsd), align: 'end' },
  { name: 'By', cell: (row) => <Line>{row.by}</Line>, from: 'sm' },
  { name: 'Reason', cell: (row) => <Line className="block truncate">{row.reason}</Line>, wide: true },
];

/** When the journal was held against the provider, and what that changed. */
export function JournalPanel({ spend, view }: PartProps): ReactNode {
  const rows = spend.reconciliations;
  return (
    <Panel
      title="Held against the provider"
      count={rows.length}
      view={emptied(view, rows.length === 0)}
      whenEmpty="The journal was never held against the provider's figure."
    >
      <Table
        caption="Reconciliations, newest first"
        columns={journalColumns}
        rows={rows}
        keyOf={(row) => row.at}
      />
    </Panel>
  );
}

const pricesSchema = z.array(modelPriceRowSchema);
const priceEvents: readonly string[] = ['kora.plugin.', 'kora.config.'];

const priceColumns: readonly Column<ModelPriceRow>[] = [
  { name: 'Model', cell: (row) => <Code>{row.model}</Code>, wide: true },
  { name: 'Tier', cell: (row) => <Line>{row.tier}</Line>, from: 'sm' },
  { name: 'In', cell: (row) => dollars(row.price?.input), align: 'end' },
  { name: 'Out', cell: (row) => dollars(row.price?.output), align: 'end' },
  { name: 'Cache read', cell: (row) => dollars(row.price?.cacheRead), align: 'end', from: 'md' },
  { name: 'Cache write', cell: (row) => dollars(row.price?.cacheWrite), align: 'end', from: 'md' },
  { name: 'By whose word', cell: (row) => wordOf[row.basis], from: 'sm' },
];

const wordOf = {
  configured: 'configured',
  engine: 'the engine',
  dearest: 'nobody: as dear as the dearest',
} as const;

/** What a million tokens cost. A model without a price is never counted as free. */
export function PricesPanel(): ReactNode {
  const { data, view } = useDetail('/api/spend/prices', pricesSchema, priceEvents);
  const rows = data ?? [];
  return (
    <Panel
      title="Prices of a million tokens"
      count={rows.length}
      view={emptied(view, rows.length === 0)}
      whenEmpty="No engine serves, and no price is configured."
    >
      <Table caption="Prices by model" columns={priceColumns} rows={rows} keyOf={(row) => row.model} />
    </Panel>
  );
}
