import { spendEntrySchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { Chart } from '../../kit/chart.tsx';
import { microDollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import type { Tone } from '../../kit/tone.ts';
import { useDetail } from '../../store/detail.ts';
import { useServerNow } from '../../store/use.ts';
import { type By, breakdown, bys } from './slices.ts';
import { daysOf, everyDay, hoursOf, type SpendDayRow, spendDaysSchema } from './days.ts';

interface LinesProps {
  readonly filter: { readonly days: string; readonly by: string };
}

const stirring: readonly string[] = ['kora.spend.', 'reasoning.run_completed'];

/** What was spent over time: by hours for today, by days for more. */
export function LinesPanel({ filter }: LinesProps): ReactNode {
  const days = daysOf(filter.days);
  if (days === 1) return <Today />;
  return <Days key={days} days={days} by={byOf(filter.by)} />;
}

export function byOf(text: string): By {
  return bys.find((by) => by === text) ?? 'route';
}

export function daysPath(days: number): string {
  return `/api/spend/days?days=${days}`;
}

const shown = 3;
const tones: readonly Tone[] = ['paused', 'boot', 'stopped'];

function Days({ days, by }: { readonly days: number; readonly by: By }): ReactNode {
  const { data, view } = useDetail(daysPath(days), spendDaysSchema, stirring);
  const today = Math.floor(useServerNow() / 86_400_000);
  const rows = everyDay(data ?? [], today * 86_400_000);
  const here = view.state === 'ready' && rows.length === 0 ? { ...view, state: 'empty' as const } : view;
  return (
    <Panel title={`Last ${days} days`} view={here} whenEmpty={`Nothing was spent in the last ${days} days.`}>
      <div className="p-3">
        <Chart
          label={`Spent a day (UTC), with the ${shown} dearest by ${by}`}
          times={rows.map(({ day }) => `${day.slice(0, 10)}T00:00:00.000Z`)}
          formatTime={(time) => time.slice(0, 10)}
          zone="utc"
          lines={[
            { name: 'all', tone: 'active', values: rows.map(({ costMicroUsd }) => costMicroUsd) },
            ...breakdown(rows, by)
              .slice(0, shown)
              .map(({ key }, at) => ({
                name: key.replaceAll('_', ' '),
                tone: tones[at] ?? ('dim' as const),
                values: rows.map((row) => costIn(row, by, key)),
              })),
          ]}
          format={microDollars}
        />
      </div>
    </Panel>
  );
}

/** A day on which a side does not occur cost it nothing: the ledger of the day is whole. */
function costIn({ slices }: SpendDayRow, by: By, key: string): number {
  return slices.find((slice) => slice.by === by && slice.key === key)?.costMicroUsd ?? 0;
}

const entriesSchema = z.array(spendEntrySchema);
/** The most that the journal gives at once. */
const most = 1_000;

function Today(): ReactNode {
  const now = useServerNow();
  // Asked for in whole hours, so that the address does not change with each second.
  const since = Math.floor((now % 86_400_000) / 3_600_000) + 1;
  const path = `/api/spend/entries?limit=${most}&windowMs=${since * 3_600_000}`;
  const { data, view } = useDetail(path, entriesSchema, stirring);
  const { times, values } = hoursOf(data ?? [], now);
  const isCut = (data?.length ?? 0) >= most;
  const here = view.state === 'ready' && times.length === 0 ? { ...view, state: 'empty' as const } : view;
  return (
    <Panel title="Today" view={here} whenEmpty="Nothing was spent or reserved today.">
      <div className="space-y-2 p-3">
        <Chart
          label="Spent an hour, of today by UTC"
          times={times}
          lines={[{ name: 'all', tone: 'active', values }]}
          format={microDollars}
        />
        {isCut ? (
          <p className="text-paused">The first {most} entries of today; later ones are not drawn.</p>
        ) : null}
      </div>
    </Panel>
  );
}
