-- safe: new tables only
-- Holds (room state/), boots (room boot/), identity choice (room identity/).

create table kora.hold (
  workspace_id int not null,
  hold_id bigint generated always as identity,
  cause text not null check (cause in ('operator', 'cost', 'dr', 'chain')),
  owner text not null,
  reason text not null,
  since timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  cleared_at timestamptz,
  cleared_by text,
  clear_reason text,
  primary key (workspace_id, hold_id)
);
create index hold_open on kora.hold (workspace_id) where cleared_at is null;
-- A fault found again at the next boot is the same hold, not a second one.
create unique index hold_once on kora.hold (workspace_id, cause, owner) where cleared_at is null and cause <> 'operator';

create table kora.boot (
  workspace_id int not null,
  boot_id bigint generated always as identity,
  runtime_id uuid not null,
  version text not null,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  outcome text not null default 'running' check (outcome in ('running', 'passed', 'paused', 'failed')),
  elapsed_ms double precision,
  gates jsonb not null default '[]',
  phases jsonb not null default '[]',
  primary key (workspace_id, boot_id)
);

create table kora.identity_choice (
  workspace_id int primary key,
  name text not null,
  chosen_by text not null,
  reason text not null,
  chosen_at timestamptz not null default clock_timestamp()
);
