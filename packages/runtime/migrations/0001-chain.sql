-- safe: the first tables; nothing older exists
-- The event chain (room chain/) and the workspaces it belongs to (room workspace/).

create table kora.workspace (
  workspace_id int generated always as identity primary key,
  name text not null unique check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  created_at timestamptz not null default clock_timestamp()
);

create table kora.actor (
  workspace_id int not null,
  actor_id text not null,
  kind text not null check (kind in ('kora', 'operator', 'plugin', 'mcp')),
  active boolean not null default true,
  created_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, actor_id)
);

-- The vocabulary as every runtime of the store sees it: a sealer may seal what another runtime's plugin staged, and an
-- event acknowledged before its plugin was removed still counts.
create table kora.event_type (
  type text primary key check (type ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$'),
  owner text not null,
  version int not null,
  declared_at timestamptz not null default clock_timestamp()
);

-- Events that happened but are not sealed yet. CACHE 1 (the default) is what makes the order true: an event
-- acknowledged before another began has the smaller number.
create sequence kora.stage_number;
create table kora.stage (
  workspace_id int not null,
  number bigint not null default nextval('kora.stage_number'),
  type text not null,
  schema_version int not null default 1,
  actor_id text not null,
  runtime_id uuid not null,
  session_id uuid,
  correlation_id text,
  causation_id uuid,
  ticket_id bigint,
  fence bigint,
  event_id uuid,
  -- Canonical JSON (RFC 8785), exactly as it will be hashed and kept.
  body text not null check (json_typeof(body::json) = 'object'),
  staged_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, number)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);

-- One row a workspace: locked by whoever seals, moved by compare-and-set.
create table kora.chain_head (
  workspace_id int primary key,
  seq bigint not null,
  hash bytea not null
) with (fillfactor = 50);

create table kora.event (
  workspace_id int not null,
  seq bigint not null,
  event_id uuid not null,
  type text not null,
  schema_version int not null,
  actor_id text not null,
  runtime_id uuid not null,
  session_id uuid,
  correlation_id text,
  causation_id uuid,
  ticket_id bigint,
  fence bigint,
  occurred_at timestamptz not null,
  body_hash bytea not null,
  prev_hash bytea not null,
  hash bytea not null,
  primary key (workspace_id, seq)
) partition by range (seq);
create index event_by_type on kora.event (workspace_id, type text_pattern_ops, seq);
create index event_by_correlation on kora.event (workspace_id, correlation_id, seq) where correlation_id is not null;
create index event_by_ticket on kora.event (workspace_id, ticket_id, seq) where ticket_id is not null;

-- The exact text that was hashed, apart, so that one body can be removed and the chain still proves.
create table kora.event_body (
  workspace_id int not null,
  seq bigint not null,
  body text not null,
  primary key (workspace_id, seq)
) partition by range (seq);

create function kora.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the event log is append-only: % on % refused', tg_op, tg_table_name using errcode = 'KR001';
end $$;

-- A statement trigger fires only for the table a statement names: parent and partitions each need their own.
create function kora.guard_log(target regclass) returns void language plpgsql as $$
begin
  execute format(
    'create trigger append_only before update or delete or truncate on %s for each statement execute function kora.refuse_change()',
    target);
end $$;

create function kora.ensure_event_partition(wanted bigint) returns void language plpgsql as $$
declare
  span constant bigint := 10000000;
  low constant bigint := (wanted / span) * span;
  suffix constant text := (wanted / span)::text;
begin
  if to_regclass('kora.event_' || suffix) is not null then return; end if;
  execute format('create table kora.event_%s partition of kora.event for values from (%s) to (%s)', suffix, low, low + span);
  execute format('create table kora.event_body_%s partition of kora.event_body for values from (%s) to (%s)', suffix, low, low + span);
  perform kora.guard_log(('kora.event_' || suffix)::regclass);
  perform kora.guard_log(('kora.event_body_' || suffix)::regclass);
end $$;

select kora.guard_log('kora.event'), kora.guard_log('kora.event_body');
select kora.ensure_event_partition(1);

-- Staged rows that no vocabulary knows: kept for people, a kora.vocabulary.violation is sealed in their place.
create table kora.quarantine (
  workspace_id int not null,
  number bigint not null,
  type text not null,
  body text not null,
  reason text not null,
  quarantined_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, number)
);

create table kora.subscription (
  workspace_id int not null,
  consumer text not null,
  types text[] not null,
  cursor bigint not null,
  attempts int not null default 0,
  last_error text,
  retry_at timestamptz,
  moved_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, consumer)
) with (fillfactor = 50);

create table kora.parked_event (
  workspace_id int not null,
  consumer text not null,
  seq bigint not null,
  error text not null,
  attempts int not null,
  parked_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, consumer, seq)
);
