-- safe: new tables, a column that may stay empty, and guards
-- Stop commands, their acknowledgements per runtime, and who may issue and clear what (room state/).

-- Beside a hold's reason: the epochs of a mismatch, the figures of a spent pool.
alter table kora.hold add column particulars jsonb;

create function kora.is_active_actor(workspace int, actor text, wanted text) returns boolean language sql stable as $$
  select exists (select from kora.actor a
    where a.workspace_id = workspace and a.actor_id = actor and a.kind = wanted and a.active)
$$;

create function kora.guard_hold() returns trigger language plpgsql as $$
begin
  if new.cleared_by is distinct from old.owner
    and not kora.is_active_actor(old.workspace_id, new.cleared_by, 'operator') then
    raise exception 'hold % belongs to %: only its owner or an operator clears it', old.hold_id, old.owner
      using errcode = 'KR003';
  end if;
  return new;
end $$;
create trigger whose before update on kora.hold for each row
  when (old.cleared_at is null and new.cleared_at is not null) execute function kora.guard_hold();

create table kora.control (
  workspace_id int not null,
  -- Given by the trigger below, whatever a statement says.
  sequence bigint not null default 0,
  command_id uuid not null,
  level smallint not null,
  kind text not null,
  reason text not null check (btrim(reason) <> ''),
  issuer_actor text not null,
  issuer_kind text not null,
  via text not null default 'api' check (via in ('api', 'sentinel', 'watchdog')),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  superseded_by bigint,
  superseded_at timestamptz,
  primary key (workspace_id, sequence),
  unique (workspace_id, command_id),
  constraint control_level_names_its_kind check ((level, kind) in
    ((0, 'reset'), (1, 'pause'), (2, 'drain'), (3, 'abort'), (4, 'kill'), (5, 'kill'))),
  constraint control_never_by_kora check (issuer_kind in ('operator', 'mcp', 'plugin')),
  constraint control_beyond_drain_by_operators check (issuer_kind = 'operator' or level in (1, 2)),
  constraint control_reset_has_no_end check (level > 0 or expires_at is null)
);
create index control_open on kora.control (workspace_id) where superseded_by is null and level > 0;

-- The lock is held until the commit, so the numbers rise without gaps in the order in which commands become visible.
create function kora.guard_control_issue() returns trigger language plpgsql as $$
begin
  if not kora.is_active_actor(new.workspace_id, new.issuer_actor, new.issuer_kind) then
    raise exception '% is no active % of workspace %', new.issuer_actor, new.issuer_kind, new.workspace_id
      using errcode = 'KR003';
  end if;
  perform pg_advisory_xact_lock(hashtext('kora.control'), new.workspace_id);
  select coalesce(max(c.sequence), 0) + 1 into new.sequence from kora.control c where c.workspace_id = new.workspace_id;
  new.created_at := clock_timestamp();
  new.superseded_by := null;
  new.superseded_at := null;
  return new;
end $$;
create trigger may_issue before insert on kora.control for each row execute function kora.guard_control_issue();

-- A reset ends every stop before it, and nothing else does but a stop's own time.
create function kora.supersede_control() returns trigger language plpgsql as $$
begin
  update kora.control c set superseded_by = new.sequence, superseded_at = new.created_at
    where c.workspace_id = new.workspace_id and c.sequence < new.sequence and c.superseded_by is null and c.level > 0;
  return null;
end $$;
create trigger supersedes after insert on kora.control for each row when (new.level = 0)
  execute function kora.supersede_control();

create function kora.guard_control_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if old.superseded_by is null
      and to_jsonb(new) - 'superseded_by' - 'superseded_at' = to_jsonb(old) - 'superseded_by' - 'superseded_at'
      and exists (select from kora.control r where r.workspace_id = new.workspace_id and r.sequence = new.superseded_by
        and r.level = 0 and r.sequence > old.sequence) then
      return new;
    end if;
  end if;
  raise exception 'a stop is ended by a reset: % of kora.control refused', tg_op using errcode = 'KR003';
end $$;
create trigger stands before update or delete on kora.control for each row execute function kora.guard_control_change();
create trigger stands_whole before truncate on kora.control for each statement
  execute function kora.guard_control_change();

create table kora.control_acknowledgement (
  workspace_id int not null,
  sequence bigint not null,
  runtime_id uuid not null,
  observed_at timestamptz not null default clock_timestamp(),
  acknowledged_at timestamptz,
  enforced_at timestamptz,
  -- Counts of rows, by whoever enforced it; they go on rising while the stop is in force.
  claims_released bigint,
  claims_held bigint,
  calls_refused bigint,
  measured_at timestamptz,
  -- Why it could not be enforced, the last time that it could not.
  failure text,
  primary key (workspace_id, sequence, runtime_id),
  foreign key (workspace_id, sequence) references kora.control,
  constraint acknowledged_before_enforced check (enforced_at is null or acknowledged_at is not null),
  constraint enforced_is_measured check (enforced_at is null or
    (claims_released is not null and claims_held is not null and calls_refused is not null))
);
