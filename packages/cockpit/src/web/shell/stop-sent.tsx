import type { ReactNode } from 'react';
import { Button } from '../kit/button.tsx';
import { count } from '../kit/format.ts';
import { StateGlyph } from '../kit/glyphs.tsx';
import { stateLooks, toneText } from '../kit/tone.ts';
import { useReceipts } from '../store/use-deeds.ts';
import { useLink, useList } from '../store/use.ts';
import type { StopLevel } from './stop-rules.ts';

interface StopSentProps {
  readonly level: StopLevel;
  /** Of its receipt. */
  readonly title: string;
  readonly close: () => void;
}

/** What came of a stop: accepted is not done. Stays until the chain has it, and then says the new state. */
export function StopSent({ level, title, close }: StopSentProps): ReactNode {
  const receipt = useReceipts().find((row) => row.title === title);
  const status = useList('status');
  const { verdict } = useLink();
  const inForce = (status?.stopLevel ?? 0) >= level;
  const done = receipt?.phase === 'done' || inForce;
  const look = status === null ? null : stateLooks[status.primaryState];
  return (
    <div className="space-y-3 p-4">
      <p role="status">
        {done
          ? `Stop L${level} is in force${receipt?.seq === undefined || receipt.seq === null ? '' : ` · #${count(receipt.seq)}`}.`
          : 'Accepted, and not yet confirmed by the chain.'}
      </p>
      {status === null || look === null ? null : (
        <p className={`flex items-center gap-2 text-base font-semibold ${toneText[look.tone]}`}>
          <StateGlyph state={status.primaryState} size={18} />
          {verdict === 'live' ? look.word : `Was ${look.word.toLowerCase()} when it last answered`}
        </p>
      )}
      {done || receipt?.phase !== 'unconfirmed' ? null : (
        <p className="text-paused">
          No confirmation yet. Whether it is in force is known by <code>kora control</code>.
        </p>
      )}
      <div className="flex justify-end">
        <Button onClick={close} autoFocus>
          {done ? 'Close' : 'Close; the receipt stays'}
        </Button>
      </div>
    </div>
  );
}
