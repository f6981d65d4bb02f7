-- safe: new tables, and a column with a constant default
-- What the operator is to know beside what probes find (room alert/): one row for each thing that can be wrong, kept over
-- restarts and runtimes, so that what is known is not told again.

create table kora.alert (
  workspace_id int not null,
  alert_id bigint generated always as identity,
  source text not null check (source <> ''),
  -- Which one of its source: a daemon's name, a channel's.
  key text not null check (key <> ''),
  -- The runtime that alone can see it, as text; empty for what any runtime of the workspace sees.
  owner text not null,
  category text not null,
  severity text not null check (severity in ('critical', 'warning', 'info')),
  title text not null,
  detail text not null,
  next_step text not null,
  -- `source`: whoever found it tells the operator of it, and this row only follows.
  voice text not null check (voice in ('alert', 'source')),
  incident_id bigint,
  thread text not null default '',
  wake_id text,
  status text not null check (status in ('active', 'resolved')),
  -- It began anew, and came back: an episode may have several returns.
  episode int not null check (episode >= 0),
  returns int not null check (returns >= 0),
  first_seen_at timestamptz not null,
  episode_at timestamptz not null,
  last_seen_at timestamptz not null,
  quiet_since timestamptz,
  resolved_at timestamptz,
  -- What is still to be said: at once, when the cooldown of its category ends, with the next digest.
  owed text check (owed in ('now', 'cooldown', 'digest')),
  told_at timestamptz,
  told_episode int not null default 0,
  tellings int not null default 0,
  acknowledged_at timestamptz,
  acknowledged_by text,
  acknowledge_reason text,
  snoozed_until timestamptz,
  snooze_reason text,
  escalations int not null default 0,
  escalated_at timestamptz,
  primary key (workspace_id, alert_id),
  check ((status = 'resolved') = (resolved_at is not null)),
  check (status = 'active' or quiet_since is null)
);
create unique index alert_of_source on kora.alert (workspace_id, source, key, owner);
create index alert_open on kora.alert (workspace_id, alert_id) where status = 'active' or owed is not null;

create function kora.guard_alert() returns trigger language plpgsql as $$
begin
  if (old.source, old.key, old.owner) is distinct from (new.source, new.key, new.owner) then
    raise exception 'what alert % is about does not change', old.alert_id using errcode = 'KO002';
  end if;
  if new.episode < old.episode or new.returns < old.returns or new.tellings < old.tellings
    or new.first_seen_at is distinct from old.first_seen_at and old.episode > 0 then
    raise exception 'alert % does not forget what it was', old.alert_id using errcode = 'KO002';
  end if;
  if old.status = 'resolved' and new.status = 'active' and new.returns = old.returns then
    raise exception 'alert % is over, and comes back only as a return', old.alert_id using errcode = 'KO002';
  end if;
  if old.owed is not null and new.owed is null and new.tellings = old.tellings then
    raise exception 'alert % is owed to the operator and was not told', old.alert_id using errcode = 'KO002';
  end if;
  return new;
end $$;
create trigger guard before update on kora.alert for each row execute function kora.guard_alert();

-- Who holds this row looks; two runtimes do it one after the other.
create table kora.alert_desk (
  workspace_id int primary key,
  digest_at timestamptz not null,
  -- Until when a category is told nothing new of, but for what is critical.
  cooldowns jsonb not null default '{}' check (jsonb_typeof(cooldowns) = 'object')
);

-- The sign of life that each runtime gives outside, as it went last.
create table kora.alert_ping (
  workspace_id int not null,
  runtime_id uuid not null,
  place text not null,
  tried_at timestamptz,
  answered_at timestamptz,
  failures int not null default 0,
  error text,
  -- Why none is sent now; null while they are.
  withheld text,
  primary key (workspace_id, runtime_id)
);

-- The channels that come after this one, should it not deliver.
alter table kora.outbox add column fallback text[] not null default '{}';
