import type { EventRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { prefixesOf } from './filter.ts';

interface PrefixesProps {
  readonly events: readonly EventRow[];
  readonly chosen: string;
  readonly onChoose: (prefix: string) => void;
}

/** The prefixes that occur, one press each. */
export function Prefixes({ events, chosen, onChoose }: PrefixesProps): ReactNode {
  const prefixes = prefixesOf(events);
  if (prefixes.length === 0) return null;
  return (
    <div role="group" aria-label="Prefixes" className="flex flex-wrap gap-1">
      {prefixes.map(({ prefix, count }) => (
        <button
          key={prefix}
          type="button"
          aria-pressed={chosen === prefix}
          onClick={() => onChoose(chosen === prefix ? '' : prefix)}
          className="flex h-7 items-center gap-2 rounded-sm border border-line px-2 font-mono text-xs text-dim hover:border-line-strong hover:text-ink aria-pressed:border-line-strong aria-pressed:bg-raised aria-pressed:text-ink"
        >
          {prefix}
          <span className="tabular-nums">{count}</span>
        </button>
      ))}
    </div>
  );
}
