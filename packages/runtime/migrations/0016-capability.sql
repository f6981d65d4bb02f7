-- safe: new tables only
-- Grants of capabilities and the approvals that stand in for one call (room capability/). What may become of a row is
-- said here too, so that no path of the runtime, and no other hand, gets around it.

create table kora.capability_grant (
  workspace_id int not null,
  grant_id bigint generated always as identity,
  capability text not null check (capability ~ '^cap_[a-z][a-z0-9_]{2,60}$'),
  -- Who declared it when it was granted. A name that somebody else declares later is another capability.
  owner text not null,
  subject_kind text not null check (subject_kind in ('plugin', 'mcp', 'route')),
  subject text not null check (subject <> ''),
  granted_by text not null,
  reason text not null check (reason <> ''),
  since timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  revoke_reason text,
  primary key (workspace_id, grant_id),
  check ((revoked_at is null) = (revoked_by is null) and (revoked_at is null) = (revoke_reason is null))
);
create unique index capability_grant_open on kora.capability_grant (workspace_id, subject_kind, subject, capability)
  where revoked_at is null;

create table kora.approval (
  workspace_id int not null,
  approval_id bigint generated always as identity,
  capability text not null check (capability ~ '^cap_[a-z][a-z0-9_]{2,60}$'),
  -- `tool:`, `fix:` or `channel:` and its name: the same name at another door is another thing.
  what text not null check (what ~ '^(tool|fix|channel):.'),
  caller text not null check (caller <> ''),
  call_id text not null check (call_id <> ''),
  -- Of the arguments nothing but this is ever kept.
  arguments_hash text not null check (arguments_hash ~ '^[0-9a-f]{64}$'),
  reason text,
  ticket_id bigint,
  fence bigint,
  requested_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  status text not null default 'pending' check (status in ('pending', 'approved', 'refused', 'expired', 'used')),
  decided_at timestamptz,
  decided_by text,
  decision_reason text,
  used_at timestamptz,
  primary key (workspace_id, approval_id),
  check ((decided_at is null) = (decided_by is null) and (decided_at is null) = (decision_reason is null)),
  check (status not in ('approved', 'refused', 'used') or decided_at is not null),
  check ((status = 'used') = (used_at is not null))
);
-- A call is asked about once, and the same call under another id while its question is open is the same question.
create unique index approval_call on kora.approval (workspace_id, caller, call_id);
create unique index approval_pending on kora.approval (workspace_id, caller, capability, what, arguments_hash)
  where status = 'pending';
create index approval_open on kora.approval (workspace_id, expires_at) where status in ('pending', 'approved');

create function kora.guard_grant() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if not kora.is_active_actor(new.workspace_id, new.granted_by, 'operator') then
      raise exception '% is no operator and grants nothing', new.granted_by using errcode = 'KO001';
    end if;
    if new.revoked_at is not null then
      raise exception 'a grant begins unrevoked' using errcode = 'KO002';
    end if;
    return new;
  end if;
  if old.revoked_at is not null or new.revoked_at is null
    or (to_jsonb(new) - '{revoked_at,revoked_by,revoke_reason}'::text[])
      <> (to_jsonb(old) - '{revoked_at,revoked_by,revoke_reason}'::text[]) then
    raise exception 'a grant is revoked once and otherwise never changes' using errcode = 'KO002';
  end if;
  if not kora.is_active_actor(new.workspace_id, new.revoked_by, 'operator') then
    raise exception '% is no operator and revokes nothing', new.revoked_by using errcode = 'KO001';
  end if;
  return new;
end $$;
create trigger guard before insert or update on kora.capability_grant
  for each row execute function kora.guard_grant();

create function kora.guard_approval() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'pending' or new.decided_at is not null then
      raise exception 'an approval begins as a question' using errcode = 'KO002';
    end if;
    return new;
  end if;
  if (to_jsonb(new) - '{status,decided_at,decided_by,decision_reason,used_at}'::text[])
    <> (to_jsonb(old) - '{status,decided_at,decided_by,decision_reason,used_at}'::text[]) then
    raise exception 'what approval % is about does not change', old.approval_id using errcode = 'KO002';
  end if;
  if (old.status, new.status) not in (('pending', 'approved'), ('pending', 'refused'), ('pending', 'expired'),
    ('approved', 'used'), ('approved', 'expired')) then
    raise exception 'approval % is % and cannot become %', old.approval_id, old.status, new.status
      using errcode = 'KO002';
  end if;
  if new.status in ('approved', 'used') and old.expires_at <= clock_timestamp() then
    raise exception 'the time of approval % is over', old.approval_id using errcode = 'KO002';
  end if;
  if old.status = 'pending' then
    if new.status in ('approved', 'refused') and not kora.is_active_actor(new.workspace_id, new.decided_by, 'operator') then
      raise exception '% is no operator and decides nothing', new.decided_by using errcode = 'KO001';
    end if;
  elsif (new.decided_at, new.decided_by, new.decision_reason)
    is distinct from (old.decided_at, old.decided_by, old.decision_reason) then
    raise exception 'approval % was decided already', old.approval_id using errcode = 'KO002';
  end if;
  return new;
end $$;
create trigger guard before insert or update on kora.approval
  for each row execute function kora.guard_approval();

-- Neither is forgotten by deleting it: a used approval that is gone could be asked for, and used, again.
create function kora.refuse_forgetting() returns trigger language plpgsql as $$
begin
  raise exception '% forgets nothing', tg_table_name using errcode = 'KO002';
end $$;
create trigger kept before delete or truncate on kora.capability_grant
  for each statement execute function kora.refuse_forgetting();
create trigger kept before delete or truncate on kora.approval
  for each statement execute function kora.refuse_forgetting();
