-- safe: functions only

-- A stage that has grown is sealed as fast as a small one. A bound on both sides keeps the plan an index range however
-- many rows the statistics promise (with one side open it became a scan of the whole stage for each batch), and no look
-- begins before the first number that may still be staged.

drop function kora.seal_stage(int, int);

-- Moves up to `most` staged events of a workspace onto its chain and answers how many; null when somebody else is at it.
-- Lock first, look second: what was committed before the lock was ours is in the next statement's snapshot. `from_number`
-- is a number below which nothing is staged, nor will be: rows that died there and that somebody's snapshot still holds
-- are not walked over again at each look. `lowest` is the first number that was met, and `waited_ms` how long it stood there.
create function kora.seal_stage(workspace int, most int, from_number bigint default 0,
  out taken int, out head bigint, out lowest bigint, out waited_ms float8)
language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  head_hash bytea;
  upto bigint;
  met int;
begin
  -- A look that finds nothing is in nobody's way.
  if not exists (select from kora.stage s where s.workspace_id = workspace and s.number >= from_number) then
    taken := 0;
    return;
  end if;
  select c.seq, c.hash into head, head_hash from kora.chain_head c where c.workspace_id = workspace
    for update skip locked;
  if not found then return; end if;
  select min(number), max(number), count(*) into lowest, upto, met from (
    select s.number from kora.stage s where s.workspace_id = workspace and s.number >= from_number
    order by s.number limit most) batch;
  select extract(epoch from clock_timestamp() - s.staged_at) * 1000 into waited_ms
    from kora.stage s where s.workspace_id = workspace and s.number = lowest;
  if met < most then upto := 9223372036854775807; end if;
  -- A row of a small number that was committed since the look before comes on top of `most`: whoever staged it may have
  -- staged another one since, which must not pass it.
  if head / 1000000 <> (head + 2 * most) / 1000000 then perform kora.ensure_event_partition(head + 2 * most); end if;
  -- What is deleted is what is read: both see the store as it was when this statement began, and nobody else deletes here.
  with gone as (delete from kora.stage s where s.workspace_id = workspace and s.number between from_number and upto),
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
          from kora.stage s where s.workspace_id = workspace and s.number between from_number and upto order by number offset 0) s) n offset 0) h),
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
