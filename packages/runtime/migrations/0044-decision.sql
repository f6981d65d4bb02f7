-- safe: new tables; new columns are null or have a constant default
-- What goes out over channels that can fail, wait and come back (room message/), and what waits for the operator's word.

alter table kora.message
  -- The inbound message that it answers.
  add column answers bigint,
  -- What it asks the operator to decide.
  add column decision_id bigint;

alter table kora.outbox
  add column severity text not null default 'info' check (severity in ('critical', 'warning', 'info')),
  -- It speaks to somebody who waits for it: quiet hours and long outages leave it alone.
  add column prompt boolean not null default false,
  -- The later message in which it is told, with others that waited as long.
  add column within bigint,
  -- Whoever sends it holds it until then; an earlier fence has no standing.
  add column leased_until timestamptz,
  add column fence bigint not null default 0;
create index outbox_critical on kora.outbox (workspace_id, channel, thread, message_id) where severity = 'critical';
create index outbox_within on kora.outbox (workspace_id, within) where within is not null;

alter table kora.delivery
  -- Null where an older build delivered it.
  add column channel text,
  -- The message in which it was told.
  add column within bigint;

-- How a channel does, for every runtime of the workspace.
create table kora.channel (
  workspace_id int not null,
  channel text not null,
  -- Refusals since it last took a message.
  failures int not null default 0,
  down_since timestamptz,
  error text,
  -- It asked for so long a pause.
  not_before timestamptz,
  delivered_at timestamptz,
  primary key (workspace_id, channel)
);

create table kora.decision (
  workspace_id int not null,
  decision_id bigint generated always as identity,
  kind text not null check (kind ~ '^[a-z][a-z_]{0,40}$'),
  -- What it is about, by the words of its kind: the number of an approval, of a ticket.
  subject text not null,
  asker text not null,
  title text not null,
  asked_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'answered', 'expired', 'withdrawn')),
  verdict text check (verdict in ('approve', 'deny')),
  ended_at timestamptz,
  answered_by text,
  -- The channel, or `api`.
  answered_via text,
  note text,
  -- When every message that asked for it shows what became of it.
  settled_at timestamptz,
  primary key (workspace_id, decision_id),
  check ((status = 'open') = (ended_at is null)),
  check ((status = 'answered') = (verdict is not null and answered_by is not null))
);
create unique index decision_open on kora.decision (workspace_id, kind, subject) where status = 'open';
-- Whether it was asked before, open or over.
create index decision_about on kora.decision (workspace_id, kind, subject);
create index decision_unsettled on kora.decision (workspace_id, decision_id) where settled_at is null;
create index message_decision on kora.message (workspace_id, decision_id) where decision_id is not null;

-- The codes under which it can be answered: one for each sending, so that none has to be kept. Only its hash is.
create table kora.decision_code (
  workspace_id int not null,
  hash bytea not null check (octet_length(hash) = 32),
  decision_id bigint not null,
  message_id bigint not null,
  channel text not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, hash)
);
create index decision_code_of on kora.decision_code (workspace_id, decision_id);

-- What was decided stays so, whoever writes.
create function kora.guard_decision() returns trigger language plpgsql as $$
begin
  if old.status <> 'open' and (to_jsonb(new) - 'settled_at') <> (to_jsonb(old) - 'settled_at') then
    raise exception 'decision % is over', old.decision_id using errcode = 'KO002';
  end if;
  if (new.kind, new.subject, new.asker, new.expires_at) is distinct from (old.kind, old.subject, old.asker, old.expires_at) then
    raise exception 'what decision % is about does not change', old.decision_id using errcode = 'KO002';
  end if;
  if new.status = 'answered' and old.status = 'open'
    and not kora.is_active_actor(new.workspace_id, new.answered_by, 'operator') then
    raise exception '% is no operator and decides nothing', new.answered_by using errcode = 'KO001';
  end if;
  return new;
end $$;
create trigger guard before update on kora.decision for each row execute function kora.guard_decision();
