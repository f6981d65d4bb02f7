import type { Spend } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Chip } from '../../kit/chip.tsx';
import { absolute, ago } from '../../kit/format.ts';
import { dollars } from '../../kit/money.ts';
import { Dollars } from '../../kit/text.tsx';
import { type Tone, toneText } from '../../kit/tone.ts';
import { useServerNow } from '../../store/use.ts';
import { ladder, projectionOf, rungNow, rungsAhead, spentPercent } from './rungs.ts';

const tones: Readonly<Record<Spend['rung'], Tone>> = {
  normal: 'ready',
  warn_75: 'paused',
  downshift_90: 'paused',
  hard_stop_100: 'stopped',
};

/** How far up the ladder the month is, in a picture and in words; then where it leads at this rate. */
export function Ladder({ spend }: { readonly spend: Spend }): ReactNode {
  const percent = spentPercent(spend);
  const now = rungNow(spend.rung);
  return (
    <div className="space-y-3 p-3">
      <p className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <span className="text-xl font-semibold tabular-nums">
          <Dollars usd={spend.spentUsd} />
        </span>
        <span className="text-dim tabular-nums">
          of {dollars(spend.poolUsd)} spent, {percent === null ? 'no pool' : `${percent.toFixed(1)} %`};{' '}
          {dollars(spend.reservedUsd)} reserved
        </span>
        <Chip tone={tones[spend.rung]}>
          {now.word}: {spend.effectiveTier}
        </Chip>
      </p>
      <Picture percent={percent} spend={spend} />
      <p className="text-dim">
        {rungsAhead(spend.rung)
          .map(({ from, means }) => `at ${from} % → ${means}`)
          .join('; ') ||
          'This is the end of the ladder; the month, a larger pool or a correction leads down.'}
      </p>
      <Leads spend={spend} />
    </div>
  );
}

interface PictureProps {
  readonly percent: number | null;
  readonly spend: Spend;
}

/** 110 % of the pool is as far as the picture goes. */
const most = 110;

function Picture({ percent, spend }: PictureProps): ReactNode {
  if (percent === null) return null;
  const spent = across(percent);
  return (
    <svg
      role="img"
      aria-label={`${percent.toFixed(1)} percent of the pool is spent; rungs at 75, 90 and 100 percent`}
      className={`h-14 w-full ${toneText[tones[spend.rung]]}`}
    >
      <rect x="0" y="14" width="100%" height="16" className="fill-raised" />
      <rect
        x="0"
        y="14"
        width={across(percent + (spend.reservedUsd / spend.poolUsd) * 100)}
        height="16"
        fill="currentColor"
        fillOpacity="0.35"
      />
      <rect x="0" y="14" width={spent} height="16" fill="currentColor" />
      {ladder
        .filter(({ from }) => from > 0)
        .map(({ rung, from }) => (
          <g key={rung}>
            <line
              x1={across(from)}
              x2={across(from)}
              y1="10"
              y2="36"
              className="stroke-ink"
              strokeWidth="2"
              {...(from === 100 ? {} : { strokeDasharray: '3 2' })}
            />
            <text x={across(from)} y="50" textAnchor="middle" className="fill-dim text-xs">
              {from} %
            </text>
          </g>
        ))}
      <svg x={spent} y="0" overflow="visible">
        <path d="M-7 3h14l-7 9Z" className="fill-ink" />
      </svg>
    </svg>
  );
}

function across(percent: number): string {
  return `${(Math.min(most, percent) / most) * 100}%`;
}

function Leads({ spend }: { readonly spend: Spend }): ReactNode {
  const now = useServerNow();
  const projection = projectionOf(spend, now);
  switch (projection.kind) {
    case 'unknown':
      return <p>Where it leads is not known yet: the month has no full day to go by.</p>;
    case 'nothing':
      // At the end of the ladder there is none, at whatever rate.
      return rungsAhead(spend.rung).length === 0 ? null : <p>At this rate no further rung is reached.</p>;
    case 'stays':
      return (
        <p>
          At this rate, {dollars(projection.perDayUsd)} a day, the month ends at{' '}
          {dollars(projection.projectedUsd)}, below the next rung.
        </p>
      );
    case 'hits':
      return (
        <p className="text-paused">
          Hits {projection.rung.from} % {ago(projection.at, now)} at this rate (about{' '}
          {absolute(projection.at)}): {projection.rung.means}.
        </p>
      );
  }
}
