import { Ban, CircleAlert, CircleCheck, CircleDashed, CircleX, Hourglass, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Look, lookOf, Mark } from '../../kit/mark.tsx';
import { duration } from '../../kit/format.ts';
import { microDollars } from '../../kit/money.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Line } from '../../kit/text.tsx';
import type { PromotionDetail, PromotionRow } from '@kora/runtime/client';
import { figureText } from './proposals.ts';

const decisionLooks: Readonly<Record<PromotionRow['decision'], Look>> = {
  pending: { icon: CircleAlert, word: 'waits for your word', tone: 'paused' },
  approved: { icon: CircleCheck, word: 'approved', tone: 'ready' },
  rejected: { icon: Ban, word: 'rejected', tone: 'dim' },
  expired: { icon: Hourglass, word: 'expired', tone: 'dim' },
  superseded: { icon: CircleDashed, word: 'superseded', tone: 'dim' },
};

const applicationLooks: Readonly<Record<PromotionRow['application'], Look>> = {
  not_started: { icon: CircleDashed, word: 'not started', tone: 'dim' },
  applied: { icon: Hourglass, word: 'on trial', tone: 'active' },
  kept: { icon: CircleCheck, word: 'kept', tone: 'ready' },
  failed: { icon: CircleX, word: 'could not be applied', tone: 'stopped' },
  replaced: { icon: CircleDashed, word: 'another stands over it', tone: 'dim' },
  rolled_back: { icon: Undo2, word: 'rolled back', tone: 'paused' },
};

/** What the operator made of it. */
export function Decision({ of }: { readonly of: Pick<PromotionRow, 'decision'> }): ReactNode {
  return <Mark look={decisionLooks[of.decision]} />;
}

/** How far its change got: the other of its two states, never mixed with the first. */
export function Application({ of }: { readonly of: Pick<PromotionRow, 'application'> }): ReactNode {
  return <Mark look={applicationLooks[of.application]} />;
}

export function Risk({ risk }: { readonly risk: PromotionRow['risk'] }): ReactNode {
  return risk === 'high' ? (
    <Mark look={{ ...lookOf('severity', 'warning'), word: 'high' }} />
  ) : (
    <span>low</span>
  );
}

type GainOf = PromotionRow['expected'];

/** What it saves a day, in money and in time. A loss says so. */
export function Gain({ gain }: { readonly gain: GainOf }): ReactNode {
  const { microUsdPerDay, secondsPerDay } = gain;
  return (
    <span className="tabular-nums">
      {microDollars(microUsdPerDay)}, {duration(secondsPerDay * 1_000)} a day
    </span>
  );
}

type Figure = PromotionDetail['baseline'][number];

const figureColumns: readonly Column<Figure>[] = [
  { name: 'Figure', cell: (row) => <Line>{row.name.replaceAll('_', ' ')}</Line>, wide: true },
  { name: 'Before', cell: (row) => figureText(row.before), align: 'end' },
  { name: 'After', cell: (row) => figureText(row.after), align: 'end' },
  { name: 'On', cell: (row) => row.samples, align: 'end' },
];

/** What was measured, before and after, and on how many. */
export function Figures({
  caption,
  rows,
}: {
  readonly caption: string;
  readonly rows: readonly Figure[];
}): ReactNode {
  if (rows.length === 0) return <p className="px-3 py-2 text-dim">Nothing was measured.</p>;
  return <Table caption={caption} columns={figureColumns} rows={rows} keyOf={(row) => row.name} />;
}
