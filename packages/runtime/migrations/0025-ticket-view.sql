-- safe: an index
-- What failed for good or was cancelled is found without walking all that was completed (room ticket/view/).

create index ticket_outcome_ended on kora.ticket_outcome (workspace_id, resolution, ticket_id)
  where resolution in ('failed_terminal', 'cancelled');
