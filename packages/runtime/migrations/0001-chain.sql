-- safe: the first tables; nothing older exists
-- The event chain (room chain/) and the workspaces it belongs to (room workspace/).

create table kora.workspace (
  workspace_id int generated always as identity primary key,
  name text not null unique check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  created_at timestamptz not null default clock_timestamp()
);

create table kora.actor (
  workspace_id int not null,
  actor_id text not null,
  kind text not null check (kind in ('kora', 'operator', 'plugin', 'mcp')),
  active boolean not null default true,
  created_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, actor_id)
);

-- The vocabulary as every runtime of the store sees it: a sealer may seal what another runtime's plugin staged, and an
-- event acknowledged before its plugin was removed still counts.
create table kora.event_type (
  type text primary key check (type ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$'),
  owner text not null,
  version int not null,
  declared_at timestamptz not null default clock_timestamp()
);

-- Events that happened but are not sealed yet. CACHE 1 (the default) is what makes the order true: an event
-- acknowledged before another began has the smaller number.
create sequence kora.stage_number;
create table kora.stage (
  workspace_id int not null,
  number bigint not null default nextval('kora.stage_number'),
  type text not null,
  schema_version int not null default 1,
  actor_id text not null,
  runtime_id uuid not null,
  session_id uuid,
  -- What the index over sealed events would refuse is refused here, where it stops one caller and not the seal.
  correlation_id text check (octet_length(correlation_id) <= 2000),
  causation_id uuid,
  ticket_id bigint,
  fence bigint,
  event_id uuid,
  -- Canonical JSON (RFC 8785), exactly as it will be hashed and kept.
  body text not null check (json_typeof(body::json) = 'object'),
  staged_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, number)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);

-- One row a workspace: locked by whoever seals, moved by compare-and-set.
create table kora.chain_head (
  workspace_id int primary key,
  seq bigint not null,
  hash bytea not null
) with (fillfactor = 50);

create table kora.event (
  workspace_id int not null,
  seq bigint not null,
  event_id uuid not null,
  type text not null,
  schema_version int not null,
  actor_id text not null,
  runtime_id uuid not null,
  session_id uuid,
  correlation_id text,
  causation_id uuid,
  ticket_id bigint,
  fence bigint,
  occurred_at timestamptz not null,
  body_hash bytea not null,
  prev_hash bytea not null,
  hash bytea not null,
  primary key (workspace_id, seq)
) partition by range (seq);
create index event_by_type on kora.event (workspace_id, type text_pattern_ops, seq);
create index event_by_correlation on kora.event (workspace_id, correlation_id, seq) where correlation_id is not null;
create index event_by_ticket on kora.event (workspace_id, ticket_id, seq) where ticket_id is not null;

-- The exact text that was hashed, apart, so that one body can be removed and the chain still proves.
create table kora.event_body (
  workspace_id int not null,
  seq bigint not null,
  body text not null,
  primary key (workspace_id, seq)
) partition by range (seq);

create function kora.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the event log is append-only: % on % refused', tg_op, tg_table_name using errcode = 'KR001';
end $$;

-- A statement trigger fires only for the table a statement names: parent and partitions each need their own.
create function kora.guard_log(target regclass) returns void language plpgsql as $$
begin
  execute format(
    'create trigger append_only before update or delete or truncate on %s for each statement execute function kora.refuse_change()',
    target);
end $$;

-- Attached rather than created in place: that takes no lock which a reader or another workspace's seal would wait for.
create function kora.ensure_event_partition(wanted bigint) returns void language plpgsql as $$
declare
  span constant bigint := 10000000;
  low constant bigint := (wanted / span) * span;
  suffix constant text := (wanted / span)::text;
  place text;
begin
  if to_regclass('kora.event_body_' || suffix) is not null then return; end if;
  -- Workspaces share the partitions, so two sealers may come here at once.
  perform pg_advisory_xact_lock(hashtext('kora.event'), hashtext(suffix));
  if to_regclass('kora.event_body_' || suffix) is not null then return; end if;
  foreach place in array array['event', 'event_body'] loop
    execute format('create table kora.%1$s_%2$s (like kora.%1$s including defaults)', place, suffix);
    execute format('alter table kora.%1$s attach partition kora.%1$s_%2$s for values from (%3$s) to (%4$s)', place, suffix, low, low + span);
    perform kora.guard_log(format('kora.%s_%s', place, suffix)::regclass);
  end loop;
end $$;

select kora.guard_log('kora.event'), kora.guard_log('kora.event_body');
select kora.ensure_event_partition(1);

-- Staged rows that no vocabulary knows: kept for people, a kora.vocabulary.violation is sealed in their place.
create table kora.quarantine (
  workspace_id int not null,
  number bigint not null,
  type text not null,
  body text not null,
  reason text not null,
  quarantined_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, number)
);

-- The seal. Hashing is done here, beside the rows, so that a staged event never travels to be sealed and the head is held
-- for one statement of the server, whatever becomes of the runtime that asked.

-- An event's fields as they are hashed: the form of a binary COPY, as chain/form.ts has it.
create function kora.event_fields(workspace int, seq bigint, id uuid, type text, version int, actor text, runtime uuid,
  session uuid, correlation text, causation uuid, ticket bigint, fence bigint, at timestamptz)
returns bytea language sql stable as $$
  select '\x00000004'::bytea || int4send(workspace) || '\x00000008' || int8send(seq) || '\x00000010' || uuid_send(id)
    || int4send(octet_length(type)) || convert_to(type, 'UTF8') || '\x00000004' || int4send(version)
    || int4send(octet_length(actor)) || convert_to(actor, 'UTF8') || '\x00000010' || uuid_send(runtime)
    || coalesce('\x00000010'::bytea || uuid_send(session), '\xffffffff')
    || coalesce(int4send(octet_length(correlation)) || convert_to(correlation, 'UTF8'), '\xffffffff')
    || coalesce('\x00000010'::bytea || uuid_send(causation), '\xffffffff')
    || coalesce('\x00000008'::bytea || int8send(ticket), '\xffffffff')
    || coalesce('\x00000008'::bytea || int8send(fence), '\xffffffff')
    || '\x00000008' || timestamptz_send(at)
$$;

-- Over rows in their order, the hash of each from the one before it; `head` is what the first one links to.
create function kora.link_step(previous bytea, head bytea, input bytea) returns bytea language plpgsql immutable as $$
begin
  return sha256('\x01'::bytea || coalesce(previous, head) || input);
end $$;
create aggregate kora.link(head bytea, input bytea) (sfunc = kora.link_step, stype = bytea);

-- An id for an event that a statement staged without one: of version 7, from the server itself where it knows how.
do $$ begin
  if to_regprocedure('uuidv7()') is not null then
    create function kora.event_id() returns uuid language sql volatile as 'select uuidv7()';
  else
    create function kora.event_id() returns uuid language sql volatile as $id$
      select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
        substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
        52, 1), 53, 1), 'hex')::uuid
    $id$;
  end if;
end $$;

-- Moves up to `most` staged events of a workspace onto its chain and answers how many; null when somebody else is at it.
-- Lock first, look second: what was committed before the lock was ours is in the next statement's snapshot.
create function kora.seal_stage(workspace int, most int, out taken int, out head bigint)
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  head_hash bytea;
  upto bigint;
begin
  -- A look that finds nothing is in nobody's way.
  if not exists (select from kora.stage s where s.workspace_id = workspace) then
    taken := 0;
    return;
  end if;
  select c.seq, c.hash into head, head_hash from kora.chain_head c where c.workspace_id = workspace
    for update skip locked;
  if not found then return; end if;
  select s.number into upto from kora.stage s where s.workspace_id = workspace
    order by s.number offset most - 1 limit 1;
  -- A row of a small number that was committed since the look before may come on top of `most`.
  if head / 1000000 <> (head + 2 * most) / 1000000 then perform kora.ensure_event_partition(head + 2 * most); end if;
  with gone as (
    delete from kora.stage s where s.workspace_id = workspace and s.number <= coalesce(upto, 9223372036854775807)
    returning s.*),
  checked as (select g.*, t.type is not null as known from gone g left join kora.event_type t using (type)),
  numbered as (
    select number, head + row_number() over (order by number) as seq, coalesce(event_id, kora.event_id()) as event_id,
      known, type as staged_type, body as staged_body,
      case when known then type else 'kora.vocabulary.violation' end as type,
      case when known then schema_version else 1 end as schema_version,
      actor_id, runtime_id, session_id, correlation_id, causation_id, ticket_id, fence, staged_at,
      case when known then body
        else '{"number":' || number || ',"reason":"unknown type","type":' || to_json(type) || '}' end as body
    from checked),
  hashed as (select n.*, sha256(convert_to(body, 'UTF8')) as body_hash from numbered n),
  linked as (
    select h.*, kora.link(head_hash, body_hash || kora.event_fields(workspace, seq, event_id, type, schema_version,
      actor_id, runtime_id, session_id, correlation_id, causation_id, ticket_id, fence, staged_at))
      over (order by seq rows unbounded preceding) as hash
    from hashed h),
  events as (
    insert into kora.event (workspace_id, seq, event_id, type, schema_version, actor_id, runtime_id, session_id,
      correlation_id, causation_id, ticket_id, fence, occurred_at, body_hash, prev_hash, hash)
    select workspace, seq, event_id, type, schema_version, actor_id, runtime_id, session_id, correlation_id,
      causation_id, ticket_id, fence, staged_at, body_hash, lag(hash, 1, head_hash) over (order by seq), hash
    from linked),
  bodies as (insert into kora.event_body (workspace_id, seq, body) select workspace, seq, body from linked),
  refused as (
    insert into kora.quarantine (workspace_id, number, type, body, reason)
    select workspace, number, staged_type, staged_body, 'unknown type' from linked where not known)
  -- Should the lock ever be lost, a fork still cannot be stored: both sides would write the same key of kora.event.
  update kora.chain_head c set seq = l.seq, hash = l.hash
    from (select seq, hash from linked order by seq desc limit 1) l where c.workspace_id = workspace
    returning l.seq - head, l.seq into taken, head;
  taken := coalesce(taken, 0);
end $$;

-- Puts events of declared types straight onto the chain if nothing is staged and nobody holds the head: `first` is the
-- sequence of the first. Otherwise they are staged: `numbers` says where, `first` is null, and `head` is a sequence
-- before theirs. Nothing staged, as this statement sees it, means that nothing was acknowledged before it began that
-- is not on the chain already or will come to it before these.
create function kora.append_events(workspace int, runtime uuid, session uuid, ids uuid[], types text[], versions int[],
  actors text[], correlations text[], causations uuid[], tickets bigint[], fences bigint[], bodies text[],
  out first bigint, out numbers bigint[], out head bigint)
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  head_hash bytea;
  count constant int := cardinality(ids);
  content bytea;
  own bytea;
  moment timestamptz;
begin
  select c.seq, c.hash into head, head_hash from kora.chain_head c
    where c.workspace_id = workspace and not exists (select from kora.stage s where s.workspace_id = workspace)
    for update skip locked;
  if found then
    if head / 1000000 <> (head + count) / 1000000 then perform kora.ensure_event_partition(head + count); end if;
    first := head + 1;
    -- One event, as most are, takes a plain insert: half of the time that the statement for many needs to begin.
    if count = 1 then
      moment := clock_timestamp();
      content := sha256(convert_to(bodies[1], 'UTF8'));
      own := kora.link_step(null, head_hash, content || kora.event_fields(workspace, first, ids[1], types[1],
        versions[1], actors[1], runtime, session, correlations[1], causations[1], tickets[1], fences[1], moment));
      insert into kora.event (workspace_id, seq, event_id, type, schema_version, actor_id, runtime_id, session_id,
          correlation_id, causation_id, ticket_id, fence, occurred_at, body_hash, prev_hash, hash)
        values (workspace, first, ids[1], types[1], versions[1], actors[1], runtime, session, correlations[1],
          causations[1], tickets[1], fences[1], moment, content, head_hash, own);
      insert into kora.event_body (workspace_id, seq, body) values (workspace, first, bodies[1]);
      update kora.chain_head c set seq = first, hash = own where c.workspace_id = workspace;
      return;
    end if;
    with drafts as (
      select head + place as seq, d.* from unnest(ids, types, versions, actors, correlations, causations, tickets,
        fences, bodies) with ordinality
        as d(id, type, version, actor, correlation, causation, ticket, fence, body, place)),
    hashed as (
      select d.*, clock_timestamp() as at, sha256(convert_to(body, 'UTF8')) as body_hash from drafts d),
    linked as (
      select h.*, kora.link(head_hash, body_hash || kora.event_fields(workspace, seq, id, type, version, actor, runtime,
        session, correlation, causation, ticket, fence, at)) over (order by seq rows unbounded preceding) as hash
      from hashed h),
    events as (
      insert into kora.event (workspace_id, seq, event_id, type, schema_version, actor_id, runtime_id, session_id,
        correlation_id, causation_id, ticket_id, fence, occurred_at, body_hash, prev_hash, hash)
      select workspace, seq, id, type, version, actor, runtime, session, correlation, causation, ticket, fence, at,
        body_hash, lag(hash, 1, head_hash) over (order by seq), hash from linked),
    bodies as (insert into kora.event_body (workspace_id, seq, body) select workspace, seq, body from linked)
    update kora.chain_head c set seq = l.seq, hash = l.hash
      from (select seq, hash from linked order by seq desc limit 1) l where c.workspace_id = workspace;
    return;
  end if;
  select c.seq into head from kora.chain_head c where c.workspace_id = workspace;
  with staged as (
    insert into kora.stage (workspace_id, type, schema_version, actor_id, runtime_id, session_id, correlation_id,
      causation_id, ticket_id, fence, event_id, body)
    select workspace, type, version, actor, runtime, session, correlation, causation, ticket, fence, id, body
    from unnest(ids, types, versions, actors, correlations, causations, tickets, fences, bodies)
      as d(id, type, version, actor, correlation, causation, ticket, fence, body)
    returning number)
  select array_agg(number) into numbers from staged;
end $$;

create table kora.subscription (
  workspace_id int not null,
  consumer text not null,
  types text[] not null,
  cursor bigint not null,
  attempts int not null default 0,
  last_error text,
  retry_at timestamptz,
  moved_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, consumer)
) with (fillfactor = 50);

create table kora.parked_event (
  workspace_id int not null,
  consumer text not null,
  seq bigint not null,
  error text not null,
  attempts int not null,
  parked_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, consumer, seq)
);
