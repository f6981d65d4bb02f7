import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { count } from '../kit/format.ts';
import { oneLine, plain } from '../kit/plain.ts';
import type { DeedRow } from '../store/deeds.ts';
import { useDeeds, useReceipts } from '../store/use-deeds.ts';
import { iconButton } from './topbar.tsx';

/** What became of each thing the operator asked for: accepted, then done with its place on the chain, or why not. */
export function Receipts(): ReactNode {
  const rows = useReceipts();
  return (
    <section aria-label="Receipts" className="fixed right-4 bottom-4 z-30 w-[min(360px,calc(100vw-32px))]">
      {/* For the eye; the page's one live region says what became of each. */}
      <ul className="space-y-2">
        {rows.map((row) => (
          <Receipt key={row.id} row={row} />
        ))}
      </ul>
    </section>
  );
}

const edges = {
  sending: 'border-line-strong',
  accepted: 'border-line-strong',
  done: 'border-ready',
  unconfirmed: 'border-paused',
  refused: 'border-stopped',
} as const;

function Receipt({ row }: { readonly row: DeedRow }): ReactNode {
  const deeds = useDeeds();
  return (
    <li
      className={`flex items-start gap-2 rounded-md border-2 bg-surface p-2 pl-3 ${edges[row.phase]}`}
      data-receipt={row.phase}
    >
      <div className="min-w-0 flex-1 py-1">
        <p className="truncate font-semibold">{oneLine(row.title)}</p>
        <Phase row={row} />
      </div>
      <button type="button" aria-label="Dismiss" className={iconButton} onClick={() => deeds.dismiss(row.id)}>
        <X size={14} aria-hidden="true" />
      </button>
    </li>
  );
}

function Phase({ row: { phase, seq, fault } }: { readonly row: DeedRow }): ReactNode {
  switch (phase) {
    case 'sending':
      return <p className="text-dim">being sent</p>;
    case 'accepted':
      return <p className="text-dim">accepted, not yet on the chain</p>;
    case 'unconfirmed':
      return <p className="text-paused">no confirmation yet</p>;
    case 'refused':
      return <p className="text-stopped wrap-anywhere">{plain(fault?.message ?? 'refused')}</p>;
    case 'done':
      return (
        <p className="text-ready">
          done
          {seq === null ? null : (
            <>
              {' · '}
              <Link href={`/events?at=${seq}`} className="underline tabular-nums">
                #{count(seq)}
              </Link>
            </>
          )}
        </p>
      );
  }
}
