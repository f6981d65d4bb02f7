-- Makes the roles under which Kora can use a PostgreSQL with no more rights than it needs. Run it as a superuser (or a
-- managed server's administrator) in Kora's database, before the first `kora up` or at any time after; twice is once:
--   psql -d kora -f roles.sql
-- then give each role a password (\password kora_owner …) and set
--   KORA_DATABASE_MIGRATION_URL=postgres://kora_owner:…@host/kora
--   KORA_DATABASE_URL=postgres://kora_runtime:…@host/kora
-- kora_owner    owns the schema and changes it when a new build comes. Used for the moment of a migration.
-- kora_runtime  appends to the event log and works with the rest. It cannot change or remove an event.
-- kora_prune    removes old events behind a checkpoint, and one body at a time, through functions that record it. Where
--               the runtime itself shall do that at an operator's word: grant kora_prune to kora_runtime.

do $$
declare
  role text;
  it record;
begin
  foreach role in array array['kora_owner', 'kora_runtime', 'kora_prune'] loop
    if not exists (select from pg_roles where rolname = role) then
      execute format('create role %I login nosuperuser nocreatedb nocreaterole', role);
    end if;
    execute format('grant connect on database %I to %I', current_database(), role);
  end loop;
  -- An administrator who is no superuser has to be a member to give something to the owner.
  if not pg_has_role(current_user, 'kora_owner', 'member') then
    execute format('grant kora_owner to %I', current_user);
  end if;
  execute format('grant create on database %I to kora_owner', current_database());
  create schema if not exists kora;
  alter schema kora owner to kora_owner;
  -- What another role has made so far, where Kora ran without these roles. Partitions and tables first; what is theirs
  -- (indexes, the sequences of identity columns) follows its table.
  for it in
    select c.oid::regclass as target, c.relkind from pg_class c
    where c.relnamespace = 'kora'::regnamespace and c.relkind in ('r', 'p', 'S', 'v')
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S')
  loop
    execute format('alter %s %s owner to kora_owner',
      case it.relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end, it.target);
  end loop;
  for it in select oid::regprocedure as target from pg_proc where pronamespace = 'kora'::regnamespace loop
    execute format('alter function %s owner to kora_owner', it.target);
  end loop;
  -- The schemas of plugins, and the one by whose functions plugins speak with the house; their tables stay their own. The
  -- runtime reads them for a backup, under each plugin's own role.
  for it in select nspname as name from pg_namespace where nspname = 'kora_plugin' or nspname ~ '^plugin_' loop
    execute format('alter schema %I owner to kora_owner', it.name);
  end loop;
  for it in select oid::regprocedure as target from pg_proc where pronamespace = to_regnamespace('kora_plugin') loop
    execute format('alter function %s owner to kora_owner', it.target);
  end loop;
  for it in select rolname as name from pg_roles where rolname ~ format('^kora_plugin_.*_%s$',
    (select oid from pg_database where datname = current_database())) loop
    execute format('grant %I to kora_owner, kora_runtime', it.name);
  end loop;
  if to_regprocedure('kora.grant_access()') is not null then perform kora.grant_access(); end if;
end $$;
