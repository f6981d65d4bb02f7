-- safe: rights and functions only
-- Three roles for a server that is not Kora's alone: the owner migrates, the runtime appends, the pruner removes. They
-- are made by sql/roles.sql, which an operator runs; where they are not there, nothing here does anything.

-- Called by every migration run, so that a new table comes with its rights.
create function kora.grant_access() returns void language plpgsql set search_path = pg_catalog, kora, pg_temp as $$
declare
  it record;
begin
  if not exists (select from pg_roles where rolname = 'kora_runtime')
    or not exists (select from pg_roles where rolname = 'kora_prune') then return; end if;
  grant usage on schema kora to kora_runtime, kora_prune;
  grant usage, select on all sequences in schema kora to kora_runtime;
  for it in
    select relname as name, oid::regclass as target,
      exists (select from pg_trigger t where t.tgrelid = pg_class.oid and t.tgname = 'append_only') as append_only
    from pg_class
    where relnamespace = 'kora'::regnamespace and relkind in ('r', 'p') and not relispartition
  loop
    execute format('revoke all on %s from kora_runtime, kora_prune', it.target);
    execute format('grant select on %s to kora_runtime, kora_prune', it.target);
    -- The ledger is the owner's, and where the log begins is for the pruner's functions to say.
    if it.name in ('migration', 'pruned') then
      continue;
    elsif it.append_only then
      execute format('grant insert on %s to kora_runtime', it.target);
    else
      execute format('grant insert, update, delete on %s to kora_runtime', it.target);
    end if;
  end loop;
  -- Functions that run with the owner's rights and take something out of the log are the pruner's.
  for it in
    select oid::regprocedure as target, proname ~ '^(prune|redact)' as removes, proname = 'grant_access' as grants
    from pg_proc where pronamespace = 'kora'::regnamespace
  loop
    execute format('revoke all on function %s from public, kora_runtime, kora_prune', it.target);
    if it.removes then
      execute format('grant execute on function %s to kora_prune', it.target);
    elsif not it.grants then
      execute format('grant execute on function %s to kora_runtime', it.target);
    end if;
  end loop;
end $$;

-- A partition is made by whoever seals the first event in it, and belongs to the owner all the same. The path is pinned,
-- so that nobody can put another function or table in front of ours.
alter function kora.ensure_event_partition(bigint) security definer;
alter function kora.ensure_event_partition(bigint) set search_path = pg_catalog, kora, pg_temp;
