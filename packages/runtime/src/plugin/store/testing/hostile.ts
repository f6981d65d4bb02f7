import type { Database } from '../../../store/index.ts';
import type { PluginMigration, StoreStatement } from '../contract.ts';
import { migration } from './bench.ts';

/** What nobody but its owner may ever be shown. */
export const canary = 'canary-7d1c';
export const hostileSchema = 'plugin_mole';
export const quietSchema = 'plugin_quiet';

/** Whatever text it is given, run from inside functions: what a statement alone may not begin with. */
export const hostileMigrations: readonly PluginMigration[] = [
  migration(
    1,
    `create table bait (n int);
     create function dig(text) returns text language plpgsql as $$
     declare answer text;
     begin execute $1 into answer; return answer; end $$;
     create function burrow(text) returns text language plpgsql security definer as $$
     declare answer text;
     begin execute $1 into answer; return answer; end $$;
     create function swallow(text) returns text language plpgsql as $$
     declare answer text;
     begin
       begin execute $1 into answer; exception when others then answer := sqlerrm; end;
       return answer;
     end $$;
     create function sprung() returns trigger language plpgsql as $$ begin perform dig(new.n::text); return new; end $$;
     create trigger sprung before insert on bait for each row execute function sprung()`,
  ),
];

/** What it would like to read; each holds the canary. */
export const wanted: readonly string[] = [
  'select password from kora.plugin_role',
  'select reason from kora.hold',
  `select text from ${quietSchema}.secret`,
  `select string_agg(body, '') from kora.event_body`,
  `select query_to_xml('select * from ${quietSchema}.secret', true, true, '')::text`,
  `select table_to_xml('kora.hold', true, true, '')::text`,
  `select schema_to_xml('kora', true, true, '')::text`,
  `select rolpassword from pg_authid where rolname = 'kora'`,
  'select string_agg(s::text, $$ $$) from pg_stats s',
  'select string_agg(a.query, $$ $$) from pg_stat_activity a',
  `select pg_read_file('/etc/passwd')`,
  `select string_agg(n, '') from pg_ls_dir('.') as n`,
  'copy (select reason from kora.hold) to stdout',
];

/** What it would like to change, or to hold. */
export const deeds: readonly string[] = [
  ...['kora.hold', 'kora.event', 'kora.migration', 'kora.plugin_role', `${quietSchema}.secret`].flatMap(
    (table) => [
      `insert into ${table} select * from ${table}`,
      `update ${table} set ctid = ctid`,
      `delete from ${table}`,
      `truncate ${table}`,
      `drop table ${table} cascade`,
      `alter table ${table} add mole int`,
      `alter table ${table} owner to current_user`,
      `lock table ${table}`,
      `create trigger mole before insert on ${table} for each row execute function ${hostileSchema}.sprung()`,
      `create rule mole as on insert to ${table} do nothing`,
      `grant all on ${table} to public`,
      `comment on table ${table} is 'mole'`,
    ],
  ),
  'set role kora',
  'set session authorization kora',
  'reset role',
  'reset session authorization',
  `select set_config('role', 'kora', false)`,
  `select set_config('session_authorization', 'kora', false)`,
  'grant kora to current_user',
  'alter role kora nosuperuser',
  'alter role current_user superuser',
  'alter role current_user createrole',
  'alter role current_user bypassrls',
  'create role mole_two superuser',
  'drop role kora',
  'reassign owned by kora to current_user',
  'drop owned by kora',
  'create schema den',
  `create table ${quietSchema}.den (n int)`,
  'create table kora.den (n int)',
  'create table public.den (n int)',
  'create table kora_plugin.den (n int)',
  'create temporary table den (n int)',
  `create or replace function kora_plugin.whose() returns text language sql as $$ select 'quiet' $$`,
  `create function public.now() returns text language sql as $$ select 'never' $$`,
  'alter function kora_plugin.whose() security invoker',
  'drop function kora_plugin.whose()',
  `drop schema ${quietSchema} cascade`,
  'drop schema kora cascade',
  `alter schema ${hostileSchema} rename to plugin_other`,
  `grant all on schema ${hostileSchema} to public`,
  'create extension dblink',
  'create extension file_fdw',
  `create function root() returns int language c as 'libc', 'getuid'`,
  'create language plperlu',
  `create event trigger mole on ddl_command_start execute function ${hostileSchema}.sprung()`,
  'create publication mole for all tables',
  `create subscription mole connection 'host=/' publication mole`,
  'create foreign data wrapper mole',
  'create tablespace mole location $$/tmp$$',
  'create database mole',
  'drop database kora',
  `alter database kora set work_mem = '1GB'`,
  `alter system set shared_buffers = '1MB'`,
  'load $$libc$$',
  'checkpoint',
  'select pg_reload_conf()',
  'select pg_switch_wal()',
  `copy ${hostileSchema}.bait to program 'id > /tmp/mole'`,
  `copy ${hostileSchema}.bait to '/tmp/mole'`,
  `copy ${hostileSchema}.bait from '/etc/passwd'`,
  `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'kora'`,
  `select pg_cancel_backend(pid) from pg_stat_activity where usename = 'kora'`,
  'select lo_create(0)',
  `select lo_from_bytea(0, 'mole')`,
  `select lo_import('/etc/passwd')`,
  'select pg_advisory_lock(7245309118)',
  'select pg_try_advisory_lock(7245309118)',
  'select pg_advisory_lock_shared(1, 2)',
  `select pg_notify('kora', 'mole')`,
  `select pg_logical_emit_message(false, 'kora', 'mole')`,
  `select kora_plugin.move_cursor(1, 'quiet.copy', 50, '00000000-0000-7000-8000-00000000000a')`,
  `select kora_plugin.hold_claim(1, 1, 1, '00000000-0000-7000-8000-00000000000b')`,
  'select kora_plugin.begin_line(9)',
  'select kora_plugin.end_line(9)',
  `select kora_plugin.apply('drop table kora.hold')`,
  `select kora.move_plugin_cursor('quiet', 1, 'quiet.copy', 50, '00000000-0000-7000-8000-00000000000a')`,
  `select kora.end_plugin_line('quiet', 1)`,
  'select kora.grant_access()',
  'select kora.ensure_event_partition(70000000)',
  'commit',
  'rollback',
  'begin',
  'abort',
  'end',
  `prepare transaction 'mole'`,
  'savepoint mole',
  'discard all',
  'listen kora',
  'do $$ begin commit; end $$',
  'call mole()',
  'vacuum',
  'declare mole cursor with hold for select 1',
];

type Shape = (text: string) => StoreStatement;

/** Ways to bring a text to the server. */
export const shapes: readonly Shape[] = [
  (text) => ({ sql: text }),
  (text) => ({ sql: `  /* select /* */ */ -- select\r${text}` }),
  (text) => ({ sql: `select 1; ${text}` }),
  (text) => ({ sql: text.toUpperCase() }),
  (text) => ({ sql: `(${text})` }),
  (text) => ({ sql: `with it as (${text}) select * from it` }),
  (text) => ({ sql: 'select dig($1)', values: [text] }),
  (text) => ({ sql: 'select burrow($1)', values: [text] }),
  (text) => ({ sql: 'select swallow($1)', values: [text] }),
  (text) => ({ sql: 'insert into bait select 1 from (select burrow($1)) as it', values: [text] }),
  (text) => ({ sql: `select query_to_xml($1, true, true, '')::text as it`, values: [text] }),
];

/** Everything that is not the mole's own: rows, tables, functions, roles, rights, and locks that are held. */
export async function everythingElse(database: Database): Promise<Record<string, unknown>> {
  const tables = await database.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'p') and not relispartition and nspname !~ '^(pg_|information_schema)' and nspname <> $1
     order by 1`,
    [hostileSchema],
  );
  const found: Record<string, unknown> = {};
  for (const { name } of tables) {
    const [row] = await database.query(
      `select md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as sum from ${name} t`,
    );
    found[name] = row;
  }
  for (const [what, query] of Object.entries(catalogs)) {
    found[what] = await database.query(
      `select md5(coalesce(string_agg(it, ',' order by it), '')) as sum from (${query}) s`,
    );
  }
  return found;
}

const foreign = `(select oid from pg_namespace where nspname !~ '^pg_(toast|temp)' and nspname <> '${hostileSchema}')`;

const ourRoles = `(rolname in (current_user, 'mole_two', kora.plugin_role_name('mole'), kora.plugin_role_name('quiet')))`;

const catalogs: Readonly<Record<string, string>> = {
  tables: `select format('%s %s %s %s', oid, relname, relowner, relacl) as it from pg_class where relnamespace in ${foreign}`,
  columns: `select format('%s %s', attrelid, attname) as it from pg_attribute join pg_class c on c.oid = attrelid where relnamespace in ${foreign}`,
  functions: `select format('%s %s %s %s %s', oid, proname, prosrc, proowner, proacl) as it from pg_proc where pronamespace in ${foreign}`,
  triggers: `select format('%s %s', tgrelid, tgname) as it from pg_trigger join pg_class c on c.oid = tgrelid where relnamespace in ${foreign}`,
  rules: `select format('%s %s', ev_class, rulename) as it from pg_rewrite`,
  schemas: `select format('%s %s %s', nspname, nspowner, nspacl) as it from pg_namespace where nspname !~ '^pg_(toast|temp)'`,
  // A server is shared with other tests, which have roles of their own.
  roles: `select r::text as it from pg_roles r where ${ourRoles}`,
  members: `select m::text as it from pg_auth_members m join pg_roles r on r.oid = m.member where ${ourRoles}`,
  databases: `select format('%s %s %s', datname, datdba, datacl) as it from pg_database where datname = current_database()`,
  extensions: `select extname as it from pg_extension`,
  eventTriggers: `select evtname as it from pg_event_trigger`,
  largeObjects: `select oid::text as it from pg_largeobject_metadata`,
  publications: `select pubname as it from pg_publication`,
  prepared: `select gid as it from pg_prepared_xacts`,
  locks: `select l.objid::text as it from pg_locks l join pg_stat_activity a using (pid)
    where locktype = 'advisory' and usename ~ '^kora_plugin' and l.database = (select oid from pg_database where datname = current_database())`,
  files: `select format('%s %s', name, setting) as it from pg_file_settings`,
};
