-- safe: a new table
-- What was tried to mend what a probe found broken (room fix/). An attempt that was begun and never ended may have
-- happened: its row says so for good, and nothing begins it again.

create table kora.fix_attempt (
  workspace_id int not null,
  attempt_id bigint generated always as identity,
  -- The same wish again is the same attempt.
  key text not null check (key <> ''),
  -- A process or a unit is one machine's: only the runtime that looked at it mends it.
  runtime_id uuid not null,
  probe text not null,
  fix text not null,
  plugin text not null,
  capability text not null,
  mode text not null check (mode in ('off', 'approve', 'auto')),
  target text not null,
  incident_id bigint,
  wake_id text,
  asked_by text not null check (asked_by <> ''),
  session text,
  ticket_id bigint,
  reason text not null,
  status text not null check (status in ('waiting', 'running', 'ended')),
  outcome text check (outcome in ('mended', 'not_mended', 'rolled_back', 'execution_failed', 'rejected', 'unknown')),
  code text,
  detail text,
  approval_id bigint,
  conditions jsonb not null default '[]' check (jsonb_typeof(conditions) = 'array'),
  before_state jsonb,
  after_state jsonb,
  asked_at timestamptz not null default clock_timestamp(),
  began_at timestamptz,
  ended_at timestamptz,
  primary key (workspace_id, attempt_id),
  unique (workspace_id, key),
  check ((status = 'ended') = (ended_at is not null) and (status = 'ended') = (outcome is not null)),
  check (status <> 'running' or began_at is not null),
  check (status <> 'waiting' or (began_at is null and approval_id is not null)),
  check ((outcome = 'rejected') = (status = 'ended' and began_at is null))
);
-- One at a time at one target, whichever probe, fix or runtime it is.
create unique index fix_attempt_running on kora.fix_attempt (workspace_id, target) where status = 'running';
create index fix_attempt_bound on kora.fix_attempt (workspace_id, target, began_at) where began_at is not null;
create index fix_attempt_open on kora.fix_attempt (workspace_id, runtime_id) where status <> 'ended';
create index fix_attempt_incident on kora.fix_attempt (workspace_id, incident_id) where incident_id is not null;

create function kora.guard_fix_attempt() returns trigger language plpgsql as $$
begin
  if (old.status, new.status) not in (('waiting', 'running'), ('waiting', 'ended'), ('running', 'ended')) then
    raise exception 'attempt % is % and cannot become %', old.attempt_id, old.status, new.status
      using errcode = 'KO002';
  end if;
  if (old.key, old.runtime_id, old.probe, old.fix, old.target, old.incident_id)
    is distinct from (new.key, new.runtime_id, new.probe, new.fix, new.target, new.incident_id) then
    raise exception 'what attempt % is about does not change', old.attempt_id using errcode = 'KO002';
  end if;
  return new;
end $$;
create trigger guard before update on kora.fix_attempt
  for each row execute function kora.guard_fix_attempt();
