-- safe: new tables only
-- Probes and incidents (room probe/).

create table kora.probe_state (
  workspace_id int not null,
  runtime_id uuid not null,
  probe text not null,
  status text not null,
  since timestamptz not null,
  last_good_at timestamptz,
  checked_at timestamptz not null,
  latency_ms double precision,
  error text,
  details jsonb not null,
  bad_in_a_row int not null,
  good_in_a_row int not null,
  failing_since timestamptz,
  incident_id bigint,
  primary key (workspace_id, runtime_id, probe)
) with (fillfactor = 50);

create table kora.probe_result (
  workspace_id int not null,
  probe text not null,
  at timestamptz not null,
  runtime_id uuid not null,
  status text not null,
  latency_ms double precision,
  error text,
  primary key (workspace_id, probe, at, runtime_id)
);

create table kora.incident (
  workspace_id int not null,
  incident_id bigint generated always as identity,
  runtime_id uuid not null,
  probe text not null,
  target text not null,
  category text not null,
  severity text not null,
  title text not null,
  detail text not null,
  wake_id uuid not null,
  opened_at timestamptz not null default clock_timestamp(),
  failing_since timestamptz not null,
  last_good_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text,
  acknowledge_reason text,
  resolved_at timestamptz,
  failures int not null,
  reopened int not null default 0,
  primary key (workspace_id, incident_id)
);
create unique index incident_open on kora.incident (workspace_id, runtime_id, probe) where resolved_at is null;
create index incident_recent on kora.incident (workspace_id, opened_at desc);
