import type { PhrasebookTest } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Chip } from '../../kit/chip.tsx';
import { Code, Prose } from '../../kit/text.tsx';

type Looked = PhrasebookTest['lookup'];

/** What came of looking a question up: what would be said, or why nothing would. */
export function Lookup({ lookup }: { readonly lookup: Looked }): ReactNode {
  switch (lookup.outcome) {
    case 'answered':
      return (
        <div className="space-y-1">
          <Prose>{lookup.text}</Prose>
          <By entry={lookup.entry} />
        </div>
      );
    case 'unmatched':
      return <p className="text-dim">No entry knows it: it goes to whoever thinks.</p>;
    case 'left':
      return (
        <div className="space-y-1">
          <p className="text-dim">An entry leaves it to whoever thinks.</p>
          <By entry={lookup.entry} />
        </div>
      );
    case 'unknown':
      return (
        <div className="space-y-1">
          <p className="text-paused">
            An entry knows it, but <Code>{lookup.missing}</Code> is not known, or not fresh: it goes to
            whoever thinks.
          </p>
          <By entry={lookup.entry} />
        </div>
      );
  }
}

function By({ entry }: { readonly entry: Extract<Looked, { entry: unknown }>['entry'] }): ReactNode {
  return (
    <p className="flex flex-wrap items-center gap-2 text-xs text-dim">
      entry {entry.index} <Origin origin={entry.origin} />{' '}
      <Code className="wrap-anywhere">{entry.entry.pattern}</Code>
    </p>
  );
}

/** Whose entry it is. */
export function Origin({ origin }: { readonly origin: 'operator' | 'learned' | 'base' }): ReactNode {
  if (origin === 'learned') return <Chip tone="ready">learned</Chip>;
  return origin === 'operator' ? <Chip tone="active">yours</Chip> : <Chip>came with Kora</Chip>;
}
