import type { Status } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { dollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import { Dollars } from '../../kit/text.tsx';
import { type Tone, toneText } from '../../kit/tone.ts';
import { useList, useView } from '../../store/use.ts';
import { ladder, rungNow, rungsAhead, spentPercent } from '../cost/rungs.ts';

type Spend = NonNullable<Status['spend']>;

const tones: Readonly<Record<Spend['rung'], Tone>> = {
  normal: 'ready',
  warn_75: 'paused',
  downshift_90: 'paused',
  hard_stop_100: 'stopped',
};

/** The month's money against the ladder: what is spent, which rung holds, what the next one changes. */
export function SpendBar(): ReactNode {
  const status = useList('status');
  const spend = status?.spend ?? null;
  const view = useView('status', status !== null && spend === null);
  return (
    <Panel
      title="Spend"
      view={view}
      whenEmpty="No runtime has set a pool yet: there is no money to think with."
      tools={
        <Link href="/cost" className="text-dim hover:text-ink hover:underline">
          all
        </Link>
      }
    >
      {spend === null ? null : <Bar spend={spend} />}
    </Panel>
  );
}

function Bar({ spend }: { readonly spend: Spend }): ReactNode {
  const percent = spentPercent(spend);
  const rung = rungNow(spend.rung);
  const [next] = rungsAhead(spend.rung);
  return (
    <div className="space-y-1.5 p-3">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="text-lg font-semibold tabular-nums">
          <Dollars usd={spend.spentUsd} />
        </span>
        <span className="text-dim tabular-nums">of {dollars(spend.poolUsd)}</span>
        <span className={`ml-auto ${toneText[tones[spend.rung]]}`}>{rung.word}</span>
      </p>
      {percent === null ? null : (
        <svg
          viewBox="0 0 100 6"
          preserveAspectRatio="none"
          aria-hidden="true"
          className={`h-2 w-full rounded-sm bg-raised ${toneText[tones[spend.rung]]}`}
        >
          <rect width={Math.min(100, percent)} height="6" fill="currentColor" />
          {ladder
            .filter(({ from }) => from > 0 && from < 100)
            .map(({ from }) => (
              <rect key={from} x={from} width="0.6" height="6" className="fill-ink" />
            ))}
        </svg>
      )}
      <p className="text-xs text-dim">
        {percent === null ? '' : `${percent.toFixed(1)} % spent. `}
        {next === undefined ? rung.means : `At ${next.from} %: ${next.means}.`}
      </p>
    </div>
  );
}
