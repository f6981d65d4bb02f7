import { type ReactNode, useId, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Dialog } from '../kit/dialog.tsx';
import { oneLine } from '../kit/plain.ts';
import { useModel } from '../store/use.ts';
import { entriesOf, found, type PaletteEntry } from './palette-entries.ts';
import { typedAhead } from './typed-ahead.ts';

interface PaletteProps {
  readonly open: boolean;
  readonly close: () => void;
  /** Things to do that are no place: opens their dialog. */
  readonly deeds: readonly PaletteEntry[];
}

/** Ctrl+K: any page, ticket, probe, daemon or plugin by a few letters of it. */
export function Palette({ open, close, deeds }: PaletteProps): ReactNode {
  return (
    <Dialog title="Go to" open={open} onClose={close}>
      <Search close={close} deeds={deeds} />
    </Dialog>
  );
}

function Search({ close, deeds }: Omit<PaletteProps, 'open'>): ReactNode {
  const lists = useModel((model) => model.lists);
  const [, navigate] = useLocation();
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  const entries = found([...entriesOf(lists), ...deeds], words);
  const chosen = Math.min(at, entries.length - 1);
  const go = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined) return;
    close();
    if (entry.run === undefined) navigate(entry.href);
    else entry.run();
  };
  const move = (to: number): void => {
    setAt(to);
    list.current?.children[to]?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <div className="p-2">
      <input
        autoFocus
        role="combobox"
        aria-label="What to go to"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={chosen < 0 ? undefined : `${id}-${chosen}`}
        placeholder="A page, a ticket, a probe, a daemon…"
        value={words}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setAt(0);
        }}
        onFocus={() => {
          // From here on keys come to the field; what was pressed before it was there comes first.
          const typed = typedAhead.take();
          if (typed !== '') setWords(typed);
        }}
        onKeyDown={(event) => {
          const { key } = event;
          if (key === 'ArrowDown') move(Math.min(chosen + 1, entries.length - 1));
          else if (key === 'ArrowUp') move(Math.max(chosen - 1, 0));
          else if (key === 'Enter') go(entries[chosen]);
          else return;
          event.preventDefault();
        }}
        className="h-10 w-full rounded-sm border border-line-strong bg-surface px-3 text-base placeholder:text-dim"
      />
      <ul ref={list} id={id} role="listbox" aria-label="Found" className="mt-2 max-h-80 overflow-y-auto">
        {entries.map((entry, index) => (
          <li
            key={`${entry.what}-${entry.href}-${entry.title}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={() => go(entry)}
            className="flex h-9 cursor-pointer items-center gap-3 rounded-sm px-3 hover:bg-raised aria-selected:bg-raised"
          >
            <span className="min-w-0 flex-1 truncate">{oneLine(entry.title)}</span>
            <span className="text-xs text-dim">{entry.what}</span>
          </li>
        ))}
      </ul>
      {entries.length === 0 ? <p className="px-3 py-4 text-dim">Nothing here is called that.</p> : null}
    </div>
  );
}
