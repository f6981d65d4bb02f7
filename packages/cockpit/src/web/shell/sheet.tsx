import type { ReactNode } from 'react';
import { Button } from '../kit/button.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { useKeyMap } from './key-map.ts';
import { keyRows } from './keys.ts';
import { setSetting, useSettings } from './settings.ts';

interface SheetProps {
  readonly open: boolean;
  readonly close: () => void;
}

/** The sheet of keys. */
export function Sheet({ open, close }: SheetProps): ReactNode {
  const { keys } = useSettings();
  const map = useKeyMap();
  return (
    <Dialog title="Keys" open={open} onClose={close}>
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
      <div className="flex justify-end px-4 pb-3">
        <Button onClick={close} autoFocus>
          Close
        </Button>
      </div>
    </Dialog>
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
