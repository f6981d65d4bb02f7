import type { ReactNode } from 'react';

/** A named fact. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-dim">{name}</dt>
      <dd className="mt-0.5 min-w-0 wrap-anywhere tabular-nums">{children}</dd>
    </div>
  );
}

/** A strip of facts that wraps. */
export function Facts({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className="flex flex-wrap gap-x-8 gap-y-3">{children}</dl>;
}
