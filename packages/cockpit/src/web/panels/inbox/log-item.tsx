import { inboundSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { plain } from '../../kit/plain.ts';
import { Ago, Line, Prose } from '../../kit/text.tsx';
import { type Tone, toneText } from '../../kit/tone.ts';
import type { LogRow } from './log.ts';
import { messageId } from './message-href.ts';

const tones: Readonly<Record<string, Tone>> = {
  delivered: 'ready',
  answered: 'ready',
  ended: 'dim',
  withdrawn: 'dim',
  pending: 'active',
  received: 'active',
  waiting: 'active',
  working: 'active',
  failed: 'stopped',
  refused: 'stopped',
  quarantined: 'paused',
};

/** How much a state of a message matters. */
export function statusTone(status: string): Tone {
  return tones[status] ?? 'dim';
}

/** One message over a channel: who, how it stands, why, and what can be done about it. */
export function LogItem({ row }: { readonly row: LogRow }): ReactNode {
  const href = hrefOf(row);
  return (
    <li
      data-row={href ?? ''}
      tabIndex={-1}
      className="row-skip space-y-1 border-b border-line px-3 py-2 last:border-b-0 hover:bg-raised/60"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Chip>{plain(row.channel)}</Chip>
        <span className={toneText[statusTone(row.status)]}>{plain(row.status)}</span>
        {href === null ? (
          <Line className="min-w-0 truncate font-semibold">{titleOf(row)}</Line>
        ) : (
          <Link href={href} className="min-w-0 truncate font-semibold hover:underline">
            <Line>{titleOf(row)}</Line>
          </Link>
        )}
        {row.trusted === false && row.status !== 'refused' ? (
          <Chip tone="paused" title="Who wrote it was not made sure of">
            untrusted
          </Chip>
        ) : null}
        {row.attempts > 1 ? <span className="text-xs text-dim">{row.attempts} times</span> : null}
        <span className="ml-auto flex items-center gap-3 text-dim">
          <Ago at={row.at} />
        </span>
      </div>
      {row.text === '' ? null : <Prose className="text-dim">{row.text}</Prose>}
      {row.reason === null ? null : <p className="text-paused wrap-anywhere">{plain(row.reason)}</p>}
      {row.inboundId !== null && row.status === 'quarantined' ? (
        <QuarantineActs inboundId={row.inboundId} />
      ) : null}
    </li>
  );
}

/** What says most about it: its title, else who it is from or for. */
export function titleOf({ title, who, direction }: LogRow): string {
  if (title !== '') return who === null ? title : `${title} (${who})`;
  return `${direction === 'in' ? 'from' : 'to'} ${who ?? 'unknown'}`;
}

function hrefOf(row: LogRow): string | null {
  const id = messageId(row);
  return id === null ? null : `/inbox/${id}`;
}

/** What may be done about what nobody could read or handle. */
export function QuarantineActs({ inboundId }: { readonly inboundId: number }): ReactNode {
  const common = { needs: 'operate', answer: inboundSchema, keyed: false } as const;
  return (
    <span className="flex flex-wrap gap-2">
      <Act
        {...common}
        label="Release"
        title={`Release message ${inboundId}`}
        path={`/api/inbound/${inboundId}/release`}
        effect="It is worked on as if it had just come. What it says is believed no more than before."
        command={`kora message quarantine release ${inboundId} --reason "…"`}
      />
      <Act
        {...common}
        label="Drop"
        title={`Drop message ${inboundId}`}
        path={`/api/inbound/${inboundId}/drop`}
        look="stop"
        effect="Nobody answers it. It stays on the record as dropped."
        command={`kora message quarantine drop ${inboundId} --reason "…"`}
      />
    </span>
  );
}
