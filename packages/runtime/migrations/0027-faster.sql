-- safe: functions only

-- The seal, a sixth cheaper: rows are read in their order and copied half as often, and fields become the hash's input in
-- one call. What is hashed and stored is the same to the byte.

-- An event's fields as they are hashed: the form of a binary COPY, as chain/form.ts has it. It is also how an array sends
-- its elements, each with its length before it (all ones: absent), behind a head of twenty bytes.
create or replace function kora.event_fields(workspace int, seq bigint, id uuid, type text, version int, actor text, runtime uuid,
  session uuid, correlation text, causation uuid, ticket bigint, fence bigint, at timestamptz)
returns bytea language sql stable as $$
  select substr(array_send(array[int4send(workspace), int8send(seq), uuid_send(id), convert_to(type, 'UTF8'), int4send(version),
    convert_to(actor, 'UTF8'), uuid_send(runtime), uuid_send(session), convert_to(correlation, 'UTF8'), uuid_send(causation),
    int8send(ticket), int8send(fence), timestamptz_send(at)]), 21)
$$;

-- Over rows in their order: what each one links to and its own hash, one behind the other; `head` is what the first one
-- links to.
create function kora.chain_step(state bytea, head bytea, input bytea) returns bytea language plpgsql immutable as $$
begin
  if state is null then return head || sha256('\x01'::bytea || head || input); end if;
  return substr(state, 33) || sha256('\x01'::bytea || substr(state, 33) || input);
end $$;
create aggregate kora.chain_links(head bytea, input bytea) (sfunc = kora.chain_step, stype = bytea);

-- Moves up to `most` staged events of a workspace onto its chain and answers how many; null when somebody else is at it.
-- Lock first, look second: what was committed before the lock was ours is in the next statement's snapshot.
create or replace function kora.seal_stage(workspace int, most int, out taken int, out head bigint)
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
  upto := coalesce(upto, 9223372036854775807);
  -- A row of a small number that was committed since the look before may come on top of `most`.
  if head / 1000000 <> (head + 2 * most) / 1000000 then perform kora.ensure_event_partition(head + 2 * most); end if;
  -- What is deleted is what is read: both see the store as it was when this statement began, and nobody else deletes here.
  with gone as (delete from kora.stage s where s.workspace_id = workspace and s.number <= upto),
  linked as materialized (
    select h.*, kora.chain_links(head_hash, body_hash || kora.event_fields(workspace, seq, event_id, type,
      schema_version, actor_id, runtime_id, session_id, correlation_id, causation_id, ticket_id, fence, staged_at))
      over (order by number rows unbounded preceding) as links
    from (
      -- Each level computes what the next one uses more than once.
      select n.*, coalesce(given_id, kora.event_id()) as event_id, sha256(convert_to(body, 'UTF8')) as body_hash
      from (
        select number, head + row_number() over (order by number) as seq, event_id as given_id, known,
          case when known then type else 'kora.vocabulary.violation' end as type,
          case when known then schema_version else 1 end as schema_version,
          actor_id, runtime_id, session_id, correlation_id, causation_id, ticket_id, fence, staged_at,
          case when known then body
            else '{"number":' || number || ',"reason":"unknown type","type":' || to_json(type) || '}' end as body,
          case when not known then type end as refused_type, case when not known then body end as refused_body
        from (
          select s.*, s.type in (select t.type from kora.event_type t) as known
          from kora.stage s where s.workspace_id = workspace and s.number <= upto order by number offset 0) s) n offset 0) h),
  events as (
    insert into kora.event (workspace_id, seq, event_id, type, schema_version, actor_id, runtime_id, session_id,
      correlation_id, causation_id, ticket_id, fence, occurred_at, body_hash, prev_hash, hash)
    select workspace, seq, event_id, type, schema_version, actor_id, runtime_id, session_id, correlation_id,
      causation_id, ticket_id, fence, staged_at, body_hash, substr(links, 1, 32), substr(links, 33)
    from linked),
  bodies as (insert into kora.event_body (workspace_id, seq, body) select workspace, seq, body from linked),
  refused as (
    insert into kora.quarantine (workspace_id, number, type, body, reason)
    select workspace, number, refused_type, refused_body, 'unknown type' from linked where not known)
  -- Should the lock ever be lost, a fork still cannot be stored: both sides would write the same key of kora.event.
  update kora.chain_head c set seq = l.seq, hash = substr(l.links, 33)
    from (select seq, links from linked order by seq desc limit 1) l where c.workspace_id = workspace
    returning l.seq - head, l.seq into taken, head;
  taken := coalesce(taken, 0);
end $$;
