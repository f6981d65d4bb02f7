import { type TicketRow, ticketSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Act } from '../../kit/act.tsx';
import { type BulkVerb, bulkVerbs, mayDo, verbSpecs } from './verbs.ts';

/** Every verb that finds something to do on this ticket, as buttons. */
export function TicketActs({ ticket }: { readonly ticket: TicketRow }): ReactNode {
  return (
    <span className="flex flex-wrap gap-2">
      {bulkVerbs
        .filter((verb) => mayDo(verb, ticket))
        .map((verb) => (
          <TicketAct key={verb} verb={verb} ticketId={ticket.ticketId} />
        ))}
      <TicketAct verb="note" ticketId={ticket.ticketId} />
    </span>
  );
}

interface TicketActProps {
  readonly verb: BulkVerb | 'note';
  readonly ticketId: number;
}

export function TicketAct({ verb, ticketId }: TicketActProps): ReactNode {
  const [to, setTo] = useState('');
  const { label, effect } = verbSpecs[verb];
  const whom = verb === 'reassign' ? ` --to ${to === '' ? '…' : to}` : '';
  return (
    <Act
      label={label}
      title={`${label} ticket #${ticketId}`}
      needs="operate"
      path={`/api/tickets/${ticketId}/${verb}`}
      answer={ticketSchema}
      effect={effect}
      look={verb === 'cancel' ? 'stop' : 'plain'}
      body={() => (verb === 'reassign' ? { assignedTo: to.trim() } : {})}
      command={`kora ticket ${verb} ${ticketId}${whom} --reason "…"`}
    >
      {verb === 'reassign' ? <Assignee value={to} onChange={setTo} /> : null}
    </Act>
  );
}

interface AssigneeProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Whose the work is to be. */
export function Assignee({ value, onChange }: AssigneeProps): ReactNode {
  return (
    <label className="block space-y-1">
      <span className="text-xs text-dim">To whom: an actor of this workspace, such as kora</span>
      <input
        required
        maxLength={200}
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2"
      />
    </label>
  );
}
