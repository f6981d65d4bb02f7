-- safe: new tables only
-- The schedule (room daemon/): what is due next, and each time something was due.

create table kora.task (
  workspace_id int not null,
  -- The runtime's id for a task each runtime runs for itself, 'fleet' for one the fleet shares.
  owner text not null,
  name text not null,
  next_due_at timestamptz,
  last_scheduled_at timestamptz,
  last_started_at timestamptz,
  last_finished_at timestamptz,
  last_outcome text,
  last_error text,
  runs bigint not null default 0,
  failures bigint not null default 0,
  primary key (workspace_id, owner, name)
) with (fillfactor = 50);

-- The row is inserted before the work starts; its key is why an occurrence fires once in a fleet.
create table kora.occurrence (
  workspace_id int not null,
  owner text not null,
  task text not null,
  scheduled_at timestamptz not null,
  runtime_id uuid not null,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  outcome text not null default 'running'
    check (outcome in ('running', 'ok', 'noop', 'failed', 'blocked', 'cancelled', 'unknown')),
  error text,
  primary key (workspace_id, owner, task, scheduled_at)
);
create index occurrence_running on kora.occurrence (workspace_id, runtime_id) where outcome = 'running';
create index occurrence_started on kora.occurrence (workspace_id, started_at);
