import { type ReactNode, type RefObject, useId } from 'react';
import { useKeyMap } from './key-map.ts';
import { keyRows } from './keys.ts';
import { setSetting, useSettings } from './settings.ts';

/** The sheet of keys. A native dialog: the focus goes in, stays in, and comes back. */
export function Sheet({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }): ReactNode {
  const { keys } = useSettings();
  const map = useKeyMap();
  const id = useId();
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      className="m-auto w-[min(420px,calc(100vw-32px))] rounded-md border border-line-strong bg-surface p-0 text-ink"
    >
      <div className="flex items-center justify-between border-b border-line px-4 py-2">
        <h2 id={id} className="text-base font-semibold">
          Keys
        </h2>
        <form method="dialog">
          <button type="submit" className="h-8 rounded-sm px-3 text-dim hover:bg-raised hover:text-ink">
            Close
          </button>
        </form>
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 px-4 py-3">
        {keyRows(map).map((row) => (
          <div key={row.keys} className="contents">
            <dt>
              <Keys>{row.keys}</Keys>
            </dt>
            <dd>{row.does}</dd>
          </div>
        ))}
      </dl>
      <label className="flex min-h-10 items-center gap-2 border-t border-line px-4 text-dim">
        <input
          type="checkbox"
          className="size-4 accent-active"
          checked={keys === 'on'}
          onChange={(event) => setSetting('keys', event.currentTarget.checked ? 'on' : 'off')}
        />
        Single-key shortcuts
      </label>
    </dialog>
  );
}

function Keys({ children }: { readonly children: string }): ReactNode {
  return (
    <span className="flex gap-1">
      {children.split(' ').map((key) => (
        <kbd
          key={key}
          className="min-w-6 rounded-sm border border-line-strong px-1.5 text-center font-mono text-xs leading-5"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
