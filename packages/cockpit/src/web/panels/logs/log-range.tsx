import type { ReactNode } from 'react';
import { Facet } from '../../kit/facets.tsx';
import { zoneName } from '../../kit/format.ts';
import { useServerNow } from '../../store/use.ts';
import { inputTime, type LogFilter, timeOfInput } from './log-filter.ts';

interface LogRangeProps {
  readonly filter: LogFilter;
  readonly change: (part: Partial<LogFilter>) => void;
}

const spans = [
  { value: '900000', title: 'last 15 minutes' },
  { value: '3600000', title: 'last hour' },
  { value: '21600000', title: 'last 6 hours' },
  { value: '86400000', title: 'last day' },
];

/** From when to when; without either it is the live end. What is chosen is a range that stands still. */
export function LogRange({ filter, change }: LogRangeProps): ReactNode {
  const now = useServerNow();
  const isRange = filter.from !== '' || filter.to !== '';
  return (
    <>
      <Facet
        label="Time"
        value={isRange ? 'from, to' : ''}
        choices={spans}
        all="live"
        onChange={(span) => {
          const isSpan = spans.some(({ value }) => value === span);
          const from = isSpan ? new Date(now - Number(span)).toISOString() : '';
          if (isSpan || span === '') change({ from, to: '', before: '', line: '' });
        }}
      />
      <TimeField
        label="From"
        value={filter.from}
        onChange={(from) => change({ from, before: '', line: '' })}
      />
      <TimeField label="To" value={filter.to} onChange={(to) => change({ to, before: '', line: '' })} />
    </>
  );
}

interface TimeFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (iso: string) => void;
}

function TimeField({ label, value, onChange }: TimeFieldProps): ReactNode {
  const zone = zoneName();
  return (
    <label className="inline-flex items-center gap-1.5">
      <span className="text-xs text-dim">{zone === 'utc' ? `${label}, UTC` : label}</span>
      <input
        type="datetime-local"
        step={1}
        value={inputTime(value, zone)}
        onChange={(event) => onChange(timeOfInput(event.currentTarget.value, zone))}
        className="h-8 rounded-sm border border-line-strong bg-surface px-2"
      />
    </label>
  );
}
