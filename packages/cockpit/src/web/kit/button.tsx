import type { ButtonHTMLAttributes, ReactNode } from 'react';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `main`: what the dialog is for. `ends`: asks about ending something. `stop`: ends it. */
  readonly look?: 'plain' | 'main' | 'ends' | 'stop';
}

const looks = {
  plain: 'border-line-strong hover:bg-raised',
  main: 'border-transparent bg-active text-on-fill hover:opacity-90',
  ends: 'border-stopped/60 text-stopped hover:bg-raised',
  stop: 'border-transparent bg-stopped text-on-fill hover:opacity-90',
} as const;

/** A button of 32 px. Disabled it says so by more than its colour: the cursor and the missing fill. */
export function Button({ look = 'plain', className = '', type = 'button', ...rest }: ButtonProps): ReactNode {
  const shown = rest.disabled === true ? 'border-line text-dim' : looks[look];
  return (
    <button
      // The three kinds are written out by the caller's type, and none of them is the browser's default by accident.
      type={type}
      {...rest}
      data-first={rest.autoFocus === true ? '' : undefined}
      className={`inline-flex h-8 shrink-0 items-center gap-1.5 rounded-sm border px-3 whitespace-nowrap ${shown} ${className}`}
    />
  );
}
