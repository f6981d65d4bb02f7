-- safe: an index, and a column that older builds leave empty
-- What failed for good or was cancelled is found without walking all that was completed (room ticket/view/).

create index ticket_outcome_ended on kora.ticket_outcome (workspace_id, resolution, ticket_id)
  where resolution in ('failed_terminal', 'cancelled');

-- When it came to whom it is assigned to; null where that is as old as the ticket.
alter table kora.ticket add column assigned_at timestamptz;
