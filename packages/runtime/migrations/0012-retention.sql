-- safe: a new table and functions; the log stays closed to everything but them
-- What may leave the log (room chain/): one body, or everything up to a signed checkpoint. Each function stages the event
-- that says so in the same transaction, so that nothing goes without a word. A server with roles of its own lets only
-- kora_prune call them (0007).

-- Where what remains begins: verification starts from the newest row. Rows are added and never changed.
create table kora.pruned (
  workspace_id int not null,
  upto_seq bigint not null check (upto_seq > 0),
  hash bytea not null check (length(hash) = 32),
  checkpoint_size bigint not null check (checkpoint_size >= upto_seq),
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, upto_seq)
);
select kora.guard_log('kora.pruned');

-- The mark stands for one transaction, and only while one of these functions removes rows. It keeps mistakes out; an
-- owner who means harm can drop the triggers, and checkpoints are what shows that.
create or replace function kora.refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('kora.removing', true) = pg_current_xact_id()::text then return null; end if;
  raise exception 'the event log is append-only: % on % refused', tg_op, tg_table_name using errcode = 'KR001';
end $$;

-- Takes one body away. Answers what came of it: redacted, no_event, protected, gone.
create function kora.redact_body(workspace int, target bigint, actor text, runtime uuid, session uuid, version int, said text)
returns text language plpgsql security definer set search_path = pg_catalog, kora, pg_temp as $$
declare
  kind text;
  removed bigint;
begin
  if said::json->>'seq' is distinct from target::text then
    raise exception 'the event speaks of another body than %', target using errcode = 'KR002';
  end if;
  select type into kind from kora.event where workspace_id = workspace and seq = target;
  if kind is null then return 'no_event'; end if;
  -- What says how the log itself was treated is the evidence for the rest.
  if kind = 'kora.event.redacted' or starts_with(kind, 'kora.chain.') then return 'protected'; end if;
  perform set_config('kora.removing', pg_current_xact_id()::text, true);
  delete from kora.event_body where workspace_id = workspace and seq = target;
  get diagnostics removed = row_count;
  perform set_config('kora.removing', '', true);
  if removed = 0 then return 'gone'; end if;
  insert into kora.stage (workspace_id, type, schema_version, actor_id, runtime_id, session_id, body)
    values (workspace, 'kora.event.redacted', version, actor, runtime, session, said);
  return 'redacted';
end $$;

-- Moves a workspace's beginning to the event after `upto`. The rows are still there; prune_rows removes them. Answers
-- pruning, already, beyond_head, no_checkpoint, consumer, parked.
create function kora.prune_begin(workspace int, upto bigint, checkpoint bigint, actor text, runtime uuid, session uuid,
  version int, said text)
returns text language plpgsql security definer set search_path = pg_catalog, kora, pg_temp as $$
declare
  at_upto bytea;
  head bigint;
begin
  -- Held to the end: of two prunings the second sees what the first one did.
  select h.seq into head from kora.chain_head h where h.workspace_id = workspace for update;
  if exists (select from kora.pruned p where p.workspace_id = workspace and p.upto_seq >= upto) then return 'already'; end if;
  if head is null or upto > head then return 'beyond_head'; end if;
  if checkpoint < upto or not exists (
    select from kora.checkpoint c where c.workspace_id = workspace and c.size = checkpoint
  ) then return 'no_checkpoint'; end if;
  -- In this order: a consumer parks an event in the transaction that moves its cursor past it.
  if exists (select from kora.subscription s where s.workspace_id = workspace and s.cursor < upto) then return 'consumer'; end if;
  if exists (select from kora.parked_event p where p.workspace_id = workspace and p.seq <= upto) then return 'parked'; end if;
  select e.hash into at_upto from kora.event e where e.workspace_id = workspace and e.seq = upto;
  if at_upto is null or said::json->>'hash' is distinct from encode(at_upto, 'hex')
    or said::json->>'upto' is distinct from upto::text then
    raise exception 'the event speaks of another end than %', upto using errcode = 'KR002';
  end if;
  insert into kora.pruned (workspace_id, upto_seq, hash, checkpoint_size) values (workspace, upto, at_upto, checkpoint);
  insert into kora.stage (workspace_id, type, schema_version, actor_id, runtime_id, session_id, body)
    values (workspace, 'kora.chain.pruned', version, actor, runtime, session, said);
  return 'pruning';
end $$;

-- Removes up to `most` events that lie before the workspace's beginning, oldest first, and answers how many.
create function kora.prune_rows(workspace int, most int)
returns bigint language plpgsql security definer set search_path = pg_catalog, kora, pg_temp as $$
declare
  upto bigint;
  low bigint;
  removed bigint;
begin
  select max(upto_seq) into upto from kora.pruned where workspace_id = workspace;
  select min(seq) into low from kora.event where workspace_id = workspace;
  if low is null or upto is null or low > upto then return 0; end if;
  upto := least(upto, low + most - 1);
  perform set_config('kora.removing', pg_current_xact_id()::text, true);
  delete from kora.event_body where workspace_id = workspace and seq between low and upto;
  delete from kora.event where workspace_id = workspace and seq between low and upto;
  get diagnostics removed = row_count;
  perform set_config('kora.removing', '', true);
  return removed;
end $$;

-- Drops partitions that every workspace has left behind, and answers how many: the only cheap way to remove millions.
create function kora.prune_partitions()
returns int language plpgsql security definer set search_path = pg_catalog, kora, pg_temp as $$
declare
  part record;
  dropped int := 0;
begin
  for part in
    select c.relname as name, (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''?(\d+)''?\)'))[1]::bigint as beyond
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'kora.event'::regclass order by 2
  loop
    continue when exists (
      select from kora.chain_head h where part.beyond - 1 > coalesce(
        (select max(p.upto_seq) from kora.pruned p where p.workspace_id = h.workspace_id), 0));
    execute format('drop table kora.%I', replace(part.name, 'event_', 'event_body_'));
    execute format('drop table kora.%I', part.name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;
