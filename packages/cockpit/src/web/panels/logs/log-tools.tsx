import type { ReactNode } from 'react';
import { Button } from '../../kit/button.tsx';
import { Facet } from '../../kit/facets.tsx';
import { oneLine } from '../../kit/plain.ts';
import { FilterBox } from '../../shell/page.tsx';
import { columnsOf, fieldNames, levels, type LogFilter } from './log-filter.ts';
import { LogRange } from './log-range.tsx';
import type { LogEntry } from './ring.ts';

interface LogToolsProps {
  readonly filter: LogFilter;
  readonly change: (part: Partial<LogFilter>) => void;
  readonly entries: readonly LogEntry[];
}

/** What narrows the lines, and how they are drawn. All of it is in the address. */
export function LogTools({ filter, change, entries }: LogToolsProps): ReactNode {
  const columns = columnsOf(filter.col);
  const loggers = [...new Set(entries.map(({ line }) => line.logger))].sort();
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Facet
        first
        label="Level"
        value={filter.level}
        choices={levels.map((value) => ({ value, title: value === 'error' ? value : `${value} and worse` }))}
        onChange={(level) => change({ level })}
      />
      <Facet
        label="Logger"
        value={filter.logger}
        choices={loggers.map((value) => ({ value, title: value }))}
        onChange={(logger) => change({ logger })}
      />
      <Facet
        label="Columns"
        value=""
        choices={fieldNames(entries)
          .filter((name) => !name.includes(',') && !columns.includes(name))
          .map((value) => ({ value, title: value }))}
        onChange={(name) => change({ col: [...columns, name].join(',') })}
        all={columns.length === 0 ? 'none' : 'one more'}
      />
      {columns.map((name) => (
        <Button
          key={name}
          aria-label={`Without the column ${oneLine(name, 60)}`}
          onClick={() => change({ col: columns.filter((each) => each !== name).join(',') })}
        >
          {oneLine(name, 60)} ×
        </Button>
      ))}
      <LogRange filter={filter} change={change} />
      <Button
        aria-pressed={filter.wrap !== ''}
        onClick={() => change({ wrap: filter.wrap === '' ? '1' : '' })}
      >
        {filter.wrap === '' ? 'Wrap' : 'Do not wrap'}
      </Button>
      {filter.field === '' ? null : (
        <Button onClick={() => change({ field: '' })}>{oneLine(filter.field.replace(':', ' '), 60)} ×</Button>
      )}
      <span className="ml-auto flex flex-wrap items-center gap-2">
        <label className="flex min-h-8 items-center gap-1.5">
          <input
            type="checkbox"
            checked={filter.re !== ''}
            onChange={(event) => change({ re: event.currentTarget.checked ? '1' : '' })}
          />
          pattern
        </label>
        <FilterBox label="Filter lines" value={filter.q} onChange={(q) => change({ q })} />
      </span>
    </div>
  );
}
