import { ticketSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { Act } from '../../kit/act.tsx';
import { type Priority, PriorityField } from './ticket-acts.tsx';

interface Written {
  readonly title: string;
  readonly objective: string;
  readonly priority: Priority;
}

const nothingWritten: Written = { title: '', objective: '', priority: 'normal' };

/** A ticket from the page: what is to be done, and how soon. It leads to the ticket that came of it. */
export function NewTicket(): ReactNode {
  const [written, setWritten] = useState(nothingWritten);
  const [, go] = useLocation();
  return (
    <Act
      label="Add a ticket"
      title="Add a ticket"
      needs="operate"
      path="/api/tickets"
      answer={ticketSchema}
      effect="It is queued, and claimed as soon as its priority and the budget let it."
      reasoned={false}
      body={() => written}
      command={`kora ticket add --title "…" --priority ${written.priority}`}
      onDone={({ ticketId }) => {
        setWritten(nothingWritten);
        go(`/tickets/${ticketId}`);
      }}
    >
      <label className="block space-y-1">
        <span className="text-xs text-dim">Title</span>
        <input
          required
          autoFocus
          pattern=".*\S.*"
          maxLength={500}
          autoComplete="off"
          value={written.title}
          onChange={({ currentTarget: { value: title } }) => setWritten((before) => ({ ...before, title }))}
          className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2"
        />
      </label>
      <label className="block space-y-1">
        <span className="text-xs text-dim">What is to be reached; may be left empty</span>
        <textarea
          rows={4}
          maxLength={20_000}
          value={written.objective}
          onChange={({ currentTarget: { value: objective } }) =>
            setWritten((before) => ({ ...before, objective }))
          }
          className="w-full rounded-sm border border-line-strong bg-surface p-2"
        />
      </label>
      <PriorityField
        label="Priority"
        value={written.priority}
        onChange={(priority) => setWritten((before) => ({ ...before, priority }))}
      />
    </Act>
  );
}
