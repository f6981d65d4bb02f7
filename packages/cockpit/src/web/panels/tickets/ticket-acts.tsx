import { ticketPrioritySchema, type TicketRow, ticketSchema } from '@kora/runtime/client';
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
  const [more, setMore] = useState(nothingMore);
  const { label, effect } = verbSpecs[verb];
  return (
    <Act
      label={label}
      title={`${label}: ticket #${ticketId}`}
      needs="operate"
      path={`/api/tickets/${ticketId}/${verb}`}
      answer={ticketSchema}
      effect={effect}
      look={verb === 'cancel' ? 'stop' : 'plain'}
      body={() => saidMore(verb, more)}
      command={`kora ticket ${verb} ${ticketId}${flagsOf(verb, more)} --reason "…"`}
    >
      <VerbFields verb={verb} more={more} onChange={setMore} />
    </Act>
  );
}

/** What some verbs ask beside the reason. */
export interface More {
  readonly assignedTo: string;
  readonly priority: Priority;
}

export type Priority = TicketRow['priority'];

export const nothingMore: More = { assignedTo: '', priority: 'normal' };

/** What of it goes into the request of this verb. */
export function saidMore(verb: BulkVerb | 'note', { assignedTo, priority }: More): object {
  if (verb === 'reassign') return { assignedTo: assignedTo.trim() };
  return verb === 'reprioritise' ? { priority } : {};
}

function flagsOf(verb: BulkVerb | 'note', { assignedTo, priority }: More): string {
  if (verb === 'reassign') return ` --to ${assignedTo === '' ? '…' : assignedTo}`;
  return verb === 'reprioritise' ? ` --to ${priority}` : '';
}

interface VerbFieldsProps {
  readonly verb: BulkVerb | 'note';
  readonly more: More;
  readonly onChange: (more: More) => void;
}

/** The fields of what a verb asks beside the reason; none for most. */
export function VerbFields({ verb, more, onChange }: VerbFieldsProps): ReactNode {
  if (verb === 'reassign')
    return <Assignee value={more.assignedTo} onChange={(assignedTo) => onChange({ ...more, assignedTo })} />;
  if (verb !== 'reprioritise') return null;
  return (
    <PriorityField
      label="Priority from now on"
      value={more.priority}
      onChange={(priority) => onChange({ ...more, priority })}
    />
  );
}

interface PriorityFieldProps {
  readonly label: string;
  readonly value: Priority;
  readonly onChange: (priority: Priority) => void;
}

export function PriorityField({ label, value, onChange }: PriorityFieldProps): ReactNode {
  return (
    <label className="block space-y-1">
      <span className="text-xs text-dim">{label}</span>
      <select
        value={value}
        onChange={(event) => onChange(ticketPrioritySchema.parse(event.currentTarget.value))}
        className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2"
      >
        {ticketPrioritySchema.options.map((priority) => (
          <option key={priority}>{priority}</option>
        ))}
      </select>
    </label>
  );
}

interface AssigneeProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Whose the work is to be. */
function Assignee({ value, onChange }: AssigneeProps): ReactNode {
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
