-- safe: new tables
-- What came in over channels (room message/): its row is the promise that it is handled, once, and in the order of its
-- conversation. And how often somebody was not believed.

-- An order of their own: what the operator releases from quarantine stands behind what came meanwhile.
create sequence kora.inbound_place;

create table kora.inbound (
  workspace_id int not null,
  inbound_id bigint generated always as identity,
  channel text not null,
  provider_id text not null check (octet_length(provider_id) between 1 and 1200),
  conversation text not null check (octet_length(conversation) between 1 and 1200),
  place bigint not null default nextval('kora.inbound_place'),
  state text not null default 'received'
    check (state in ('received', 'waiting', 'working', 'answered', 'ended', 'quarantined')),
  sender_id text,
  sender_name text,
  text text not null default '',
  sent_at timestamptz,
  attachments text[] not null default '{}',
  authenticated_by text not null default '',
  trusted boolean not null default false,
  -- Answers a decision: it is no turn of its conversation and waits for none.
  decides boolean not null default false,
  -- Nothing of its conversation is open before it: kept by whoever adds, ends or releases, so that nobody counts what waits.
  first boolean not null default false,
  ticket jsonb,
  details jsonb not null default '{}',
  received_at timestamptz not null default clock_timestamp(),
  -- The event that said so; what follows names it as its cause.
  received_event uuid,
  attempts int not null default 0,
  -- Questions that came to nothing: each try is asked under a key of its own.
  asks int not null default 0,
  due_at timestamptz not null default clock_timestamp(),
  -- Which claim it is; whoever has an earlier one has no standing.
  fence bigint not null default 0,
  lease_until timestamptz,
  runtime_id text,
  error text,
  -- What became of it: a decision, a ticket's answer, a ticket, an answer of phrasebook, engine or nobody, a refusal.
  outcome text check (outcome in ('decision', 'ticket_answer', 'ticket', 'phrasebook', 'engine', 'nobody', 'refused', 'dropped')),
  ticket_id bigint,
  run_id text,
  -- Why it is in quarantine, and what could not be read, sealed.
  reason text,
  raw bytea,
  ended_at timestamptz,
  -- When all but what it is known by was forgotten.
  forgotten_at timestamptz,
  primary key (workspace_id, inbound_id),
  check ((state in ('answered', 'ended')) = (ended_at is not null)),
  check ((state = 'working') = (lease_until is not null))
) with (autovacuum_vacuum_scale_factor = 0.02);
-- Once, however often its provider tells it.
create unique index inbound_once on kora.inbound (workspace_id, channel, provider_id);
-- One at a time in its conversation, whoever counts wrongly.
create unique index inbound_first on kora.inbound (workspace_id, channel, conversation)
  where first and not decides and state in ('received', 'waiting', 'working');
create index inbound_turn on kora.inbound (workspace_id, channel, conversation, place)
  where not decides and state in ('received', 'waiting', 'working');
create index inbound_due on kora.inbound (workspace_id, place)
  where first and state in ('received', 'waiting', 'working');
create index inbound_fresh on kora.inbound (workspace_id, place) where state = 'received' and not decides;
create index inbound_waits on kora.inbound (workspace_id, channel, conversation) where state = 'waiting';
create index inbound_held on kora.inbound (workspace_id, runtime_id) where state = 'working';
create index inbound_kept on kora.inbound (workspace_id, inbound_id) where state = 'quarantined';
create index inbound_tickets on kora.inbound (workspace_id, channel, conversation, ticket_id) where ticket_id is not null;
create index inbound_over on kora.inbound (workspace_id, ended_at) where ended_at is not null and forgotten_at is null;
create index inbound_forgotten on kora.inbound (workspace_id, forgotten_at) where forgotten_at is not null;

create function kora.guard_inbound() returns trigger language plpgsql as $$
begin
  if (new.workspace_id, new.inbound_id, new.channel, new.provider_id, new.conversation, new.trusted, new.received_at)
    is distinct from
    (old.workspace_id, old.inbound_id, old.channel, old.provider_id, old.conversation, old.trusted, old.received_at) then
    raise exception 'inbound message % stays what it is', old.inbound_id using errcode = 'KO002';
  end if;
  if old.state in ('answered', 'ended') and (new.state, new.outcome, new.ended_at) is distinct from (old.state, old.outcome, old.ended_at) then
    raise exception 'inbound message % is over', old.inbound_id using errcode = 'KO002';
  end if;
  if new.fence < old.fence then
    raise exception 'the fence of inbound message % only rises', old.inbound_id using errcode = 'KO002';
  end if;
  return new;
end $$;
create trigger guard before update on kora.inbound for each row execute function kora.guard_inbound();

-- Who was not believed, by the minute: the first of a minute is an event at once, the others one at its end.
create table kora.inbound_refusal (
  workspace_id int not null,
  channel text not null,
  reason text not null check (reason ~ '^[a-z][a-z0-9_]*$'),
  minute timestamptz not null,
  count int not null default 1,
  sender text,
  detail text,
  -- How many of them events have told.
  told int not null default 1,
  primary key (workspace_id, channel, reason, minute)
);
create index inbound_refusal_owed on kora.inbound_refusal (workspace_id, minute) where told < count;
