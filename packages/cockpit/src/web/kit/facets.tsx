import { type ReactNode, useId } from 'react';
import { oneLine } from './plain.ts';

export interface Choice {
  readonly value: string;
  readonly title: string;
}

interface FacetProps {
  readonly label: string;
  /** Empty: all of them. */
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
  /** What no choice reads as; default `all`. */
  readonly all?: string;
  /** The first facet of a page is reached with `f`. */
  readonly first?: boolean;
}

/** One side of a filter, as a native choice: the keyboard, the ear and a small screen have it for nothing. */
export function Facet({
  label,
  value,
  choices,
  onChange,
  all = 'all',
  first = false,
}: FacetProps): ReactNode {
  const id = useId();
  // What the address asks for is shown, also where it is no longer among the choices.
  const known = value === '' || choices.some((choice) => choice.value === value);
  return (
    <span className="inline-flex items-center gap-1.5">
      <label htmlFor={id} className="text-xs text-dim">
        {label}
      </label>
      <select
        id={id}
        data-key={first ? 'facets' : undefined}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        className="h-8 max-w-48 rounded-sm border border-line-strong bg-surface px-2"
      >
        <option value="">{all}</option>
        {known ? null : <option value={value}>{oneLine(value)}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {oneLine(choice.title)}
          </option>
        ))}
      </select>
    </span>
  );
}
