import type { ReactNode } from 'react';
import { type Tone, toneText } from './tone.ts';

interface ChipProps {
  readonly tone?: Tone;
  readonly title?: string;
  readonly children: ReactNode;
}

/** A short fact with an edge in its colour; the text says it too. */
export function Chip({ tone = 'dim', title, children }: ChipProps): ReactNode {
  return (
    <span
      title={title}
      className={`inline-block h-5 max-w-full shrink-0 truncate rounded-sm border border-current/40 px-1.5 align-middle text-xs leading-[18px] whitespace-nowrap ${toneText[tone]}`}
    >
      {children}
    </span>
  );
}
