-- safe: new tables and indexes, and columns that older builds leave empty
-- What an incident belongs to and what was said of it, how a probe turns, how it was long ago, and when nobody is to be
-- told (room probe/).

alter table kora.probe_state add column flips jsonb;
alter table kora.probe_state add column flapping_since timestamptz;
create index probe_state_by_name on kora.probe_state (workspace_id, probe);

-- The storm is named by the wake of the incident that leads it.
alter table kora.incident add column storm_id uuid;
alter table kora.incident add column shares text[];
-- Set while it is a consequence: the probe whose failure explains it, and that one's incident once it has one.
alter table kora.incident add column caused_by text;
alter table kora.incident add column consequence_of bigint;
-- Null for what was only ever a consequence: nobody was told, nobody was woken.
alter table kora.incident add column told_at timestamptz;
alter table kora.incident add column flapping_since timestamptz;
alter table kora.incident add column silenced_until timestamptz;
alter table kora.incident add column silenced_by text;
alter table kora.incident add column silence_reason text;
alter table kora.incident add column ended_by text;
-- The last incident of a probe, which may begin again: asked for whenever one opens.
create index incident_of_probe on kora.incident (workspace_id, runtime_id, probe, incident_id desc);
create index incident_consequence on kora.incident (workspace_id, consequence_of) where consequence_of is not null;

create table kora.incident_entry (
  workspace_id int not null,
  incident_id bigint not null,
  number bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  kind text not null check (kind in ('opened', 'updated', 'consequence', 'flapping', 'acknowledged', 'silenced', 'note',
    'investigation', 'fix', 'resolved', 'reopened')),
  text text not null,
  said_by text,
  event_id uuid,
  primary key (workspace_id, incident_id, number)
);

-- One minute or one hour of one probe on one runtime. Latencies are counted in buckets that grow by a twentieth.
create table kora.probe_span (
  workspace_id int not null,
  probe text not null,
  grain text not null check (grain in ('minute', 'hour')),
  at timestamptz not null,
  runtime_id uuid not null,
  looks int not null check (looks > 0),
  good int not null check (good between 0 and looks),
  latencies jsonb not null,
  primary key (workspace_id, probe, grain, at, runtime_id)
);

-- Up to when looks were summed up.
create table kora.probe_summed (
  workspace_id int not null,
  probe text not null,
  grain text not null,
  up_to timestamptz not null,
  primary key (workspace_id, probe, grain)
);

create table kora.probe_window (
  workspace_id int not null,
  window_id bigint generated always as identity,
  -- Null: every probe.
  probe text,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  reason text not null check (reason <> ''),
  made_by text not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, window_id)
);
create index probe_window_by_end on kora.probe_window (workspace_id, ends_at);
