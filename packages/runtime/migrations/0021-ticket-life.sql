-- breaking: tickets, their outcomes and leases take other shapes; what is there is carried over
-- The whole life of a ticket (room ticket/). Keys and what is open lie in small tables without partitions; history lies in
-- partitions of ten million tickets each, which go as a whole when nothing in them is open or young. A ticket that is not
-- terminal has exactly one row among ready, lease and parked. No foreign keys or triggers between hot tables.

alter table kora.session
  add column actor_id text not null default 'kora',
  -- Milliseconds that one beat prolongs it by; null where the store serves one process, which keeps its sessions in memory.
  add column ttl_ms int default 15000;

alter table kora.ticket rename to ticket_before;
alter table kora.ticket_ready rename to ticket_ready_before;
alter table kora.ticket_lease rename to ticket_lease_before;
alter table kora.ticket_parked rename to ticket_parked_before;
alter table kora.ticket_outcome rename to ticket_outcome_before;
alter index kora.ticket_pkey rename to ticket_before_pkey;
alter index kora.ticket_key rename to ticket_before_key;
alter index kora.ticket_ready_pkey rename to ticket_ready_before_pkey;
alter index kora.ticket_ready_id rename to ticket_ready_before_id;
alter index kora.ticket_lease_pkey rename to ticket_lease_before_pkey;
alter index kora.ticket_lease_session rename to ticket_lease_before_session;
alter index kora.ticket_parked_pkey rename to ticket_parked_before_pkey;
alter index kora.ticket_outcome_pkey rename to ticket_outcome_before_pkey;
alter index kora.ticket_outcome_recent rename to ticket_outcome_before_recent;

create sequence kora.ticket_number;

-- One key, one ticket, for as long as the ticket is kept.
create table kora.ticket_key (
  workspace_id int not null,
  idempotency_key text not null,
  ticket_id bigint not null,
  primary key (workspace_id, idempotency_key)
);

-- What was asked; never changed but for the event that later work follows from.
create table kora.ticket (
  workspace_id int not null,
  ticket_id bigint not null,
  kind text not null,
  title text not null,
  objective text not null,
  payload jsonb not null,
  priority smallint not null check (priority between 0 and 3),
  critical boolean not null,
  downshift text not null default 'frontier_only' check (downshift in ('eligible', 'frontier_only')),
  assigned_to text not null default 'kora',
  origin text not null,
  trusted boolean not null,
  idempotency_key text,
  correlation_id text,
  causation_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, ticket_id)
) partition by range (ticket_id);

-- Claimable, now or from eligible_at on.
create table kora.ticket_ready (
  workspace_id int not null,
  ticket_id bigint not null,
  assigned_to text not null,
  assigned_at timestamptz not null default clock_timestamp(),
  kind text not null,
  priority smallint not null,
  eligible_at timestamptz not null,
  critical boolean not null,
  fence bigint not null default 0,
  -- Claims of the store's present epoch; `epoch` is the one they were counted in.
  attempts int not null default 0,
  epoch bigint not null default 0,
  -- Logical failures: three of them end the ticket.
  failures int not null default 0,
  status text not null default 'assigned' check (status in ('assigned', 'released', 'failed_retryable')),
  reason text,
  deferred_at timestamptz,
  primary key (workspace_id, ticket_id)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
-- In claim order: a claim reads a range of it and nothing else.
create index ticket_ready_order on kora.ticket_ready
  (workspace_id, assigned_to, kind, priority, eligible_at, ticket_id);
create index ticket_ready_critical on kora.ticket_ready
  (workspace_id, assigned_to, kind, priority, eligible_at, ticket_id) where critical;

create table kora.ticket_lease (
  workspace_id int not null,
  ticket_id bigint not null,
  assigned_to text not null,
  assigned_at timestamptz not null,
  kind text not null,
  priority smallint not null,
  critical boolean not null,
  fence bigint not null,
  session_id uuid not null,
  attempts int not null,
  epoch bigint not null,
  failures int not null,
  deferred_at timestamptz,
  claimed_at timestamptz not null default clock_timestamp(),
  -- Written late and for many at once: work that ends within a second never pays for it.
  started_at timestamptz,
  -- Progress moves the deadline to deadline_ms from then.
  deadline timestamptz not null,
  deadline_ms int not null,
  progress_at timestamptz,
  progress jsonb,
  primary key (workspace_id, ticket_id)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
-- None by session: nobody but a session's beat, every four seconds, asks so, and there are only as many leases as work is in
-- hand. An index would have had the same key a thousandfold, the dead among the living.

create table kora.ticket_parked (
  workspace_id int not null,
  ticket_id bigint not null,
  assigned_to text not null,
  assigned_at timestamptz not null,
  kind text not null,
  priority smallint not null,
  critical boolean not null,
  status text not null check (status in ('waiting', 'deferred_cost_limit', 'blocked_needs_operator')),
  fence bigint not null,
  attempts int not null,
  epoch bigint not null,
  failures int not null,
  reason text not null,
  -- When it may be claimed at the earliest, once nothing parks it any more.
  eligible_at timestamptz not null default clock_timestamp(),
  deferred_at timestamptz,
  since timestamptz not null default clock_timestamp(),
  primary key (workspace_id, ticket_id)
);
create index ticket_parked_status on kora.ticket_parked (workspace_id, status, since);

-- How each claim ended; added to, never changed.
create table kora.ticket_outcome (
  workspace_id int not null,
  ticket_id bigint not null,
  fence bigint not null,
  session_id uuid,
  runtime_id uuid not null,
  resolution text not null check (resolution in ('completed', 'failed_retryable', 'failed_terminal',
    'blocked_needs_operator', 'deferred_cost_limit', 'released', 'expired', 'cancelled')),
  summary text not null,
  result jsonb,
  failure_class text,
  failure_reason text,
  model_tier text,
  tokens bigint,
  cost_micro_usd bigint,
  attempts int not null,
  failures int not null,
  assigned_to text not null default 'kora',
  claimed_at timestamptz,
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, ticket_id, fence)
) partition by range (ticket_id);
create index ticket_outcome_recent on kora.ticket_outcome (workspace_id, at desc);
create index ticket_outcome_failed on kora.ticket_outcome (workspace_id, at desc) where resolution = 'failed_terminal';

-- What one ticket needs before it may be claimed: tickets that must be completed.
create table kora.ticket_dependency (
  workspace_id int not null,
  ticket_id bigint not null,
  needs_ticket_id bigint not null check (needs_ticket_id <> ticket_id),
  primary key (workspace_id, ticket_id, needs_ticket_id)
);
create index ticket_dependency_needed on kora.ticket_dependency (workspace_id, needs_ticket_id);

-- What a holder said while it worked.
create table kora.ticket_note (
  workspace_id int not null,
  ticket_id bigint not null,
  note_id bigint not null generated always as identity,
  fence bigint not null,
  text text not null check (length(text) between 1 and 10000),
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, ticket_id, note_id)
) partition by range (ticket_id);

-- The ledger: one row for each operation with an effect outside. Its id is the caller's, the same over all attempts.
create table kora.operation (
  workspace_id int not null,
  ticket_id bigint not null,
  operation_id text not null check (length(operation_id) between 1 and 200),
  -- Claim that moved it last.
  fence bigint not null,
  session_id uuid not null,
  tool text not null,
  side_effects text not null check (side_effects in ('none', 'idempotent', 'once')),
  status text not null default 'allocated' check (status in ('allocated', 'dispatched', 'committed', 'abandoned')),
  request_hash text,
  result jsonb,
  error text,
  dispatches int not null default 0,
  allocated_at timestamptz not null default clock_timestamp(),
  dispatched_at timestamptz,
  ended_at timestamptz,
  primary key (workspace_id, ticket_id, operation_id)
) partition by range (ticket_id);

-- After a refresh of the pool, claims begin one at a time for a while: one row, while it lasts.
create table kora.claim_ramp (
  workspace_id int primary key,
  since timestamptz not null default clock_timestamp(),
  until timestamptz not null,
  last_claim_at timestamptz
);

-- Makes the partitions that tickets up to `wanted` go into; done ahead of need.
create function kora.ensure_ticket_partition(wanted bigint) returns void language plpgsql
security definer set search_path = pg_catalog, kora, pg_temp as $$
declare
  span constant bigint := 10000000;
  low constant bigint := (wanted / span) * span;
  suffix constant text := (wanted / span)::text;
  place text;
begin
  foreach place in array array['ticket', 'ticket_outcome', 'ticket_note', 'operation'] loop
    continue when to_regclass(format('kora.%s_%s', place, suffix)) is not null;
    -- Two runtimes may both see that it is missing: the second waits here and then finds it.
    perform pg_advisory_xact_lock(hashtext('kora.ticket_partition'));
    continue when to_regclass(format('kora.%s_%s', place, suffix)) is not null;
    execute format('create table kora.%1$s_%2$s (like kora.%1$s including defaults including constraints)', place, suffix);
    execute format('alter table kora.%1$s attach partition kora.%1$s_%2$s for values from (%3$s) to (%4$s)',
      place, suffix, low, low + span);
  end loop;
end $$;
select kora.ensure_ticket_partition(0), kora.ensure_ticket_partition(10000000);

insert into kora.ticket (workspace_id, ticket_id, kind, title, objective, payload, priority, critical, origin, trusted,
    idempotency_key, correlation_id, causation_id, created_at)
  select workspace_id, ticket_id, kind, title, objective, payload, priority, critical, origin, trusted, idempotency_key,
    correlation_id, causation_id, created_at from kora.ticket_before;
insert into kora.ticket_key (workspace_id, idempotency_key, ticket_id)
  select workspace_id, idempotency_key, ticket_id from kora.ticket where idempotency_key is not null;
select setval('kora.ticket_number', greatest(1, (select max(ticket_id) from kora.ticket)),
  exists (select from kora.ticket));
insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at, critical,
    fence, attempts, failures, status, reason)
  select r.workspace_id, r.ticket_id, 'kora', t.created_at, r.kind, r.priority, r.eligible_at, r.critical, r.fence,
    r.attempts, r.failures, r.status, r.reason
  from kora.ticket_ready_before r join kora.ticket t using (workspace_id, ticket_id);
insert into kora.ticket_lease (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, fence,
    session_id, attempts, epoch, failures, claimed_at, deadline, deadline_ms)
  select l.workspace_id, l.ticket_id, 'kora', t.created_at, l.kind, l.priority, l.critical, l.fence, l.session_id,
    l.attempts, 0, l.failures, l.claimed_at, l.deadline, 600000
  from kora.ticket_lease_before l join kora.ticket t using (workspace_id, ticket_id);
insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
    fence, attempts, epoch, failures, reason, since)
  select p.workspace_id, p.ticket_id, 'kora', t.created_at, t.kind, t.priority, t.critical, p.status, p.fence,
    p.attempts, 0, p.failures, p.reason, p.since
  from kora.ticket_parked_before p join kora.ticket t using (workspace_id, ticket_id);
insert into kora.ticket_outcome (workspace_id, ticket_id, fence, session_id, runtime_id, resolution, summary, result,
    attempts, failures, claimed_at, at)
  select workspace_id, ticket_id, fence, session_id, runtime_id, resolution, summary, result, attempts, failures,
    claimed_at, at from kora.ticket_outcome_before;

drop table kora.ticket_before, kora.ticket_ready_before, kora.ticket_lease_before, kora.ticket_parked_before,
  kora.ticket_outcome_before;
