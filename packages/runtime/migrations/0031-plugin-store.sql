-- safe: new tables, functions, and a schema of its own
-- Tables of plugins (room plugin/store). Each plugin has a schema `plugin_<id>` and logs in as a role of its own, which can
-- use that schema and nothing else. What it needs of the house it asks for through the functions of the schema kora_plugin:
-- they run with the owner's rights, and find out by the login who asks.

-- The password of each plugin's role, one for all runtimes of this store.
create table kora.plugin_role (
  plugin text primary key check (plugin ~ '^[a-z][a-z0-9-]{1,39}$' and plugin <> 'runtime'),
  password text not null,
  -- Of the last registration: where a plugin has no login of its own, only a trusted one is served.
  trusted boolean not null,
  made_at timestamptz not null default clock_timestamp()
);

-- Migrations that are about to be applied. The text that the ledger keeps is the runtime's, not what a plugin says it was.
create table kora.plugin_line (
  owner text not null,
  number int not null,
  name text not null,
  safety text not null,
  checksum text not null,
  build text not null,
  sql text not null,
  primary key (owner, number)
);

-- A role is the whole server's, so its name also says which database it is for.
create function kora.plugin_role_name(plugin text) returns name language sql stable
set search_path = pg_catalog, pg_temp as $$
  select format('kora_plugin_%s_%s', replace(plugin, '-', '_'), oid)::name from pg_database where datname = current_database()
$$;

-- Refuses unless this claim is held; then the lease stays where it is until the transaction has ended.
create function kora.hold_claim(in_workspace int, in_ticket bigint, in_fence bigint, in_session uuid) returns void
language plpgsql as $$
begin
  perform from kora.ticket_lease where workspace_id = in_workspace and ticket_id = in_ticket and fence = in_fence
    and session_id = in_session for key share;
  if not found then
    raise exception 'ticket % is not held under fence % any more', in_ticket, in_fence using errcode = 'KR005';
  end if;
end $$;

-- Moves a subscription behind an event that has been dealt with; refuses one that is behind it already, or another's.
create function kora.move_plugin_cursor(
  in_plugin text, in_workspace int, in_consumer text, in_seq bigint, in_holder uuid
) returns void language plpgsql as $$
begin
  update kora.subscription set cursor = in_seq, attempts = 0, last_error = null, retry_at = null,
    moved_at = clock_timestamp()
  where workspace_id = in_workspace and consumer = in_consumer and starts_with(consumer, in_plugin || '.')
    and holder = in_holder and cursor < in_seq
    and in_seq <= (select seq from kora.chain_head where workspace_id = in_workspace);
  if not found then
    raise exception 'subscription % does not stand before event % here', in_consumer, in_seq using errcode = 'KR006';
  end if;
end $$;

-- One runtime at a time, and no migration twice.
create function kora.begin_plugin_line(in_owner text, in_number int) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7245309118);
  if exists (select from kora.migration where owner = in_owner and number = in_number) then
    raise exception 'migration % of % is applied', in_number, in_owner using errcode = 'KR007';
  end if;
end $$;

create function kora.end_plugin_line(in_owner text, in_number int) returns void language plpgsql as $$
begin
  with line as (delete from kora.plugin_line where owner = in_owner and number = in_number returning *)
  insert into kora.migration (owner, number, name, safety, checksum, build, sql)
    select owner, number, name, safety, checksum, build, sql from line;
  if not found then
    raise exception 'migration % of % was not announced', in_number, in_owner using errcode = 'KR008';
  end if;
end $$;

-- `if not exists` and `or replace`: a store that is rebuilt may meet what an earlier one left.
create schema if not exists kora_plugin;

create or replace function kora_plugin.whose() returns text language plpgsql stable
security definer set search_path = pg_catalog, kora, pg_temp as $$
declare
  found_plugin text;
begin
  select plugin into found_plugin from kora.plugin_role where kora.plugin_role_name(plugin) = session_user;
  if found_plugin is null then
    raise exception '% is not the login of a plugin', session_user using errcode = 'KR009';
  end if;
  return found_plugin;
end $$;

create or replace function kora_plugin.hold_claim(in_workspace int, in_ticket bigint, in_fence bigint, in_session uuid)
returns void language sql security definer set search_path = pg_catalog, kora, pg_temp as $$
  select kora.hold_claim(in_workspace, in_ticket, in_fence, in_session)
$$;

create or replace function kora_plugin.move_cursor(in_workspace int, in_consumer text, in_seq bigint, in_holder uuid)
returns void language sql security definer set search_path = pg_catalog, kora, pg_temp as $$
  select kora.move_plugin_cursor(kora_plugin.whose(), in_workspace, in_consumer, in_seq, in_holder)
$$;

create or replace function kora_plugin.begin_line(in_number int) returns void language sql
security definer set search_path = pg_catalog, kora, pg_temp as $$
  select kora.begin_plugin_line(kora_plugin.whose(), in_number)
$$;

create or replace function kora_plugin.end_line(in_number int) returns void language sql
security definer set search_path = pg_catalog, kora, pg_temp as $$
  select kora.end_plugin_line(kora_plugin.whose(), in_number)
$$;

-- A plugin's migration, with the plugin's own rights. Inside a function no text can end the transaction it runs in.
create or replace function kora_plugin.apply(line text) returns void language plpgsql as $$
begin
  execute line;
end $$;

revoke all on all functions in schema kora_plugin from public;
