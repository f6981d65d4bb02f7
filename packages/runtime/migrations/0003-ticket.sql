-- safe: new tables only
-- Tickets (room ticket/). A ticket that is not terminal has exactly one row of ready, lease, parked; its key and text
-- are immutable; each claim raises the fence and leaves one outcome. No foreign keys or triggers between hot tables.

create table kora.session (
  workspace_id int not null,
  session_id uuid not null,
  runtime_id uuid not null,
  started_at timestamptz not null default clock_timestamp(),
  until timestamptz not null,
  primary key (workspace_id, session_id)
) with (fillfactor = 50);

create table kora.ticket (
  workspace_id int not null,
  ticket_id bigint generated always as identity,
  kind text not null,
  title text not null,
  objective text not null,
  payload jsonb not null,
  priority smallint not null check (priority between 0 and 3),
  critical boolean not null,
  origin text not null,
  trusted boolean not null,
  idempotency_key text,
  correlation_id text,
  causation_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, ticket_id)
);
create unique index ticket_key on kora.ticket (workspace_id, idempotency_key) where idempotency_key is not null;

-- Keyed in claim order. `since` is when the ticket became claimable under this status.
create table kora.ticket_ready (
  workspace_id int not null,
  kind text not null,
  priority smallint not null,
  eligible_at timestamptz not null,
  ticket_id bigint not null,
  critical boolean not null,
  fence bigint not null default 0,
  attempts int not null default 0,
  failures int not null default 0,
  status text not null default 'assigned' check (status in ('assigned', 'released', 'failed_retryable')),
  reason text,
  primary key (workspace_id, kind, priority, eligible_at, ticket_id)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
create unique index ticket_ready_id on kora.ticket_ready (workspace_id, ticket_id);

create table kora.ticket_lease (
  workspace_id int not null,
  ticket_id bigint not null,
  kind text not null,
  priority smallint not null,
  critical boolean not null,
  fence bigint not null,
  session_id uuid not null,
  attempts int not null,
  failures int not null,
  claimed_at timestamptz not null default clock_timestamp(),
  deadline timestamptz not null,
  revoked text,
  primary key (workspace_id, ticket_id)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
create index ticket_lease_session on kora.ticket_lease (workspace_id, session_id);

create table kora.ticket_parked (
  workspace_id int not null,
  ticket_id bigint not null,
  status text not null check (status in ('deferred_cost_limit', 'blocked_needs_operator')),
  fence bigint not null,
  attempts int not null,
  failures int not null,
  reason text not null,
  since timestamptz not null default clock_timestamp(),
  primary key (workspace_id, ticket_id)
);

create table kora.ticket_outcome (
  workspace_id int not null,
  ticket_id bigint not null,
  fence bigint not null,
  session_id uuid,
  runtime_id uuid not null,
  resolution text not null check (resolution in
    ('completed', 'failed_retryable', 'failed_terminal', 'blocked_needs_operator', 'released', 'expired', 'cancelled')),
  summary text not null,
  result jsonb,
  attempts int not null,
  failures int not null,
  claimed_at timestamptz,
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, ticket_id, fence)
);
create index ticket_outcome_recent on kora.ticket_outcome (workspace_id, at desc);
