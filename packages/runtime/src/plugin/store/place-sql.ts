import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';

/** What a database has of a plugin's place in it. */
export interface PlaceFound {
  readonly role: string;
  readonly schema: string;
  readonly hasRole: boolean;
  readonly hasSchema: boolean;
  /** It may log in and nothing of the server is given to it. */
  readonly isPlain: boolean;
  readonly mayUseSchema: boolean;
  /** It may call the functions by which a plugin speaks with the house. */
  readonly mayAsk: boolean;
  /** Roles that work for the house and are not members of it yet. */
  readonly strangers: readonly string[];
  /** What it could reach beside its schema: schemas to create in, tables, roles. */
  readonly reaches: readonly string[];
}

/** `house`: the roles of the runtime and of the schema's owner, which read it for backups and end its sessions. */
export async function findPlace(
  db: Queryable,
  plugin: string,
  house: readonly string[],
): Promise<PlaceFound> {
  const [found] = await db.query<PlaceFound>(lookStatement, [plugin, house]);
  if (found === undefined) throw fault('KORA_INTERNAL', `nothing is known of the place of plugin ${plugin}`);
  return found;
}

const lookStatement = `
  with it as (select kora.plugin_role_name($1) as role, ('plugin_' || replace($1, '-', '_'))::name as schema),
  place as (select it.*, r.oid as role_id, n.oid as schema_id,
      coalesce(r.rolcanlogin and not (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls),
        false) as plain
    from it left join pg_roles r on r.rolname = it.role left join pg_namespace n on n.nspname = it.schema)
  select role::text, schema::text, role_id is not null as "hasRole", schema_id is not null as "hasSchema",
    plain as "isPlain",
    coalesce(has_schema_privilege(role_id, schema_id, 'usage') and has_schema_privilege(role_id, schema_id, 'create'),
      false) as "mayUseSchema",
    coalesce(has_schema_privilege(role_id, 'kora_plugin'::regnamespace::oid, 'usage') and
      (select bool_and(has_function_privilege(role_id, p.oid, 'execute')) from pg_proc p
       where p.pronamespace = 'kora_plugin'::regnamespace), false) as "mayAsk",
    array(select h.rolname::text from pg_roles h where h.rolname = any($2) and not h.rolsuper
      and not coalesce(pg_has_role(h.oid, role_id, 'usage'), false)) as strangers,
    array(select 'schema ' || n.nspname from pg_namespace n
        where n.nspname !~ '^pg_' and n.oid is distinct from schema_id and has_schema_privilege(role_id, n.oid, 'create')
      union all select 'table ' || c.oid::regclass from pg_class c
        where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relnamespace is distinct from schema_id
          and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
          and c.relpersistence <> 't' and has_schema_privilege(role_id, c.relnamespace, 'usage')
          and (has_table_privilege(role_id, c.oid, 'select, insert, update, delete, truncate, trigger, references')
            or has_any_column_privilege(role_id, c.oid, 'select, insert, update, references'))
      union all select 'role ' || m.roleid::regrole from pg_auth_members m where m.member = role_id
      limit 10) as reaches
  from place`;

/** How many sessions one plugin may have on the server, all runtimes together. */
const mostSessions = 20;

/** The statements that are missing between what is there and a place that works, in order. Run again, they change nothing. */
export function missingStatements(found: PlaceFound, owner: string, verifier: string): string[] {
  const { role, schema } = found;
  const limits = `connection limit ${mostSessions}`;
  return [
    ...(found.hasRole ? [] : [`create role ${role} login ${limits} password '${verifier}'`]),
    ...found.strangers.map((one) => `grant ${role} to ${quoted(one)}`),
    ...(found.hasSchema ? [] : [`create schema ${schema} authorization ${quoted(owner)}`]),
    ...(found.mayUseSchema ? [] : [`grant usage, create on schema ${schema} to ${role}`]),
    ...(found.mayAsk
      ? []
      : [
          `grant usage on schema kora_plugin to ${role}`,
          `grant execute on all functions in schema kora_plugin to ${role}`,
        ]),
  ];
}

export function passwordStatement(role: string, verifier: string): string {
  return `alter role ${role} password '${verifier}'`;
}

/**
 * On a server that is Kora's own: what PostgreSQL lets everybody call and what outlasts a schema or a deadline, is the
 * runtime's alone. Locks by number, large objects, notifications, settings, and temporary tables.
 */
export const fenceStatement = `
  do $$
  declare
    it regprocedure;
  begin
    for it in select p.oid from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace
      and p.proname ~ '^(pg_(try_)?advisory_|lo_|lowrite$|loread$|pg_notify$|pg_logical_emit_message$|pg_export_snapshot$|set_config$)'
      and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)
    loop
      execute format('revoke execute on function %s from public', it);
    end loop;
    execute format('revoke temporary on database %I from public', current_database());
  end $$`;

/** Where a role is not ours, its name is whatever somebody gave it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
