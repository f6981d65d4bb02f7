import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import type { Draft, Entry } from './entries.ts';

interface EntryFormProps {
  readonly draft: Draft;
  /** From 1. */
  readonly place: number;
  readonly change: (part: Partial<Entry>) => void;
  readonly move: (step: 1 | -1) => void;
  readonly remove: () => void;
}

const field = 'w-full rounded-sm border border-line-strong bg-surface px-2';

/** One known question, and what is said to it. */
export function EntryForm({ draft, place, change, move, remove }: EntryFormProps): ReactNode {
  const id = useId();
  const left = draft.reply === null;
  return (
    <fieldset className="grid gap-2 rounded-sm border border-line p-2 sm:grid-cols-2">
      <legend className="px-1 text-xs text-dim">Entry {place}</legend>
      <label className="space-y-1 sm:col-span-2">
        <span className="text-xs text-dim">Pattern</span>
        <input
          value={draft.pattern}
          maxLength={2_000}
          onChange={(event) => change({ pattern: event.currentTarget.value })}
          className={`${field} h-8 font-mono text-xs`}
        />
      </label>
      <div className="space-y-1 sm:col-span-2">
        <label htmlFor={id} className="text-xs text-dim">
          Reply
        </label>
        <textarea
          id={id}
          rows={2}
          disabled={left}
          value={draft.reply ?? ''}
          maxLength={8_000}
          onChange={(event) => change({ reply: event.currentTarget.value })}
          className={`${field} py-1 disabled:text-dim`}
        />
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={left}
            onChange={(event) => change({ reply: event.currentTarget.checked ? null : '' })}
          />
          Leave it to whoever thinks
        </label>
      </div>
      <label className="space-y-1">
        <span className="text-xs text-dim">Category</span>
        <input
          value={draft.category}
          maxLength={200}
          onChange={(event) => change({ category: event.currentTarget.value })}
          className={`${field} h-8`}
        />
      </label>
      <label className="space-y-1">
        <span className="text-xs text-dim">What it is about</span>
        <input
          value={draft.description}
          maxLength={500}
          onChange={(event) => change({ description: event.currentTarget.value })}
          className={`${field} h-8`}
        />
      </label>
      <div className="flex gap-1 sm:col-span-2">
        <IconButton says={`Entry ${place}: earlier`} onClick={() => move(-1)}>
          <ArrowUp size={14} aria-hidden="true" />
        </IconButton>
        <IconButton says={`Entry ${place}: later`} onClick={() => move(1)}>
          <ArrowDown size={14} aria-hidden="true" />
        </IconButton>
        <IconButton says={`Entry ${place}: remove`} onClick={remove}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </div>
    </fieldset>
  );
}

interface IconButtonProps {
  readonly says: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function IconButton({ says, onClick, children }: IconButtonProps): ReactNode {
  return (
    <button
      type="button"
      aria-label={says}
      title={says}
      onClick={onClick}
      className="grid size-8 place-items-center rounded-sm border border-line hover:border-line-strong"
    >
      {children}
    </button>
  );
}
