-- safe: new tables, a function, and an index on a table that is empty
-- How everything stood, every five minutes for a day, and the phrasebook in all its versions (room reason/).

create table kora.snapshot (
  workspace_id int not null,
  snapshot_id bigint generated always as identity,
  -- State, daemons and probes are a runtime's own: each takes its own.
  runtime_id uuid not null,
  schema_version int not null,
  computed_at timestamptz not null,
  body jsonb not null check (jsonb_typeof(body) = 'object'),
  primary key (workspace_id, snapshot_id)
);
create index snapshot_recent on kora.snapshot (workspace_id, computed_at desc, snapshot_id desc);

-- A version is what the operator wrote beside what came with Kora. Neither takes the other away: a build with other
-- entries makes a version of its own, under the operator's entries as they are.
create table kora.phrasebook_version (
  workspace_id int not null,
  version int not null check (version > 0),
  kind text not null check (kind in ('base', 'edit', 'revert', 'proposal')),
  base_hash text not null check (base_hash ~ '^[0-9a-f]{64}$'),
  overlay_hash text not null check (overlay_hash ~ '^[0-9a-f]{64}$'),
  base jsonb not null check (jsonb_typeof(base) = 'array'),
  overlay jsonb not null check (jsonb_typeof(overlay) = 'array'),
  reverted_to int,
  proposal text,
  made_by text not null,
  reason text not null check (reason <> ''),
  made_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, version),
  check ((kind = 'revert') = (reverted_to is not null)),
  check ((kind = 'proposal') = (proposal is not null))
);

-- Answers name the version that gave them: what it said stays readable.
create function kora.refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception 'a version of the phrasebook stays as it is: % refused', tg_op using errcode = 'KO002';
end $$;
create trigger append_only before update or delete or truncate on kora.phrasebook_version
  for each statement execute function kora.refuse_rewriting();

-- What is answered in Kora's name is for an operator to say; a build brings only what it was shipped with.
create function kora.guard_phrasebook() returns trigger language plpgsql as $$
begin
  if new.kind <> 'base' and not kora.is_active_actor(new.workspace_id, new.made_by, 'operator') then
    raise exception '% is no operator and writes no phrasebook', new.made_by using errcode = 'KO001';
  end if;
  return new;
end $$;
create trigger guard before insert on kora.phrasebook_version
  for each row execute function kora.guard_phrasebook();

-- What people asked, newest first: a new phrasebook is held against it before it is used.
create index reason_run_asked on kora.reason_run (workspace_id, run_id desc)
  where route in ('cli', 'cockpit', 'slack_dm', 'email_inbound', 'mcp_tool', 'unknown');
