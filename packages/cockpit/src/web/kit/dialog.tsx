import { type ReactNode, useEffect, useId, useRef } from 'react';
import { plainTitle } from './plain.ts';

interface DialogProps {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  /** Pixels at most; default 480. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A native modal dialog: the focus goes in, stays in, and comes back. Nothing in it is drawn while it is closed. */
export function Dialog({ title, open, onClose, wide = false, children }: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    if (open && !element.open) {
      element.showModal();
      // The browser takes the first control; a dialog may mean another: the one that does nothing.
      element.querySelector<HTMLElement>('[data-first]')?.focus();
    }
    if (!open && element.open) element.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      className={`m-auto max-h-[85dvh] rounded-md border border-line-strong bg-surface p-0 text-left text-sm font-normal whitespace-normal text-ink ${wide ? 'w-[min(960px,calc(100vw-32px))]' : 'w-[min(480px,calc(100vw-32px))]'}`}
    >
      {open ? (
        <>
          <h2 id={id} className="border-b border-line px-4 py-3 text-base font-semibold wrap-anywhere">
            {plainTitle(title)}
          </h2>
          {children}
        </>
      ) : null}
    </dialog>
  );
}
