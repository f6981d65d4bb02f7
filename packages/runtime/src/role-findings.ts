import type { shape } from './http/index.ts';
import { finding } from './log-findings.ts';
import type { Database } from './store/index.ts';

/** The role under which the runtime works on a server that is not its own. */
export interface StoreRole {
  readonly role: string;
  readonly isSuperuser: boolean;
  /** Its rights let it try, though the triggers refuse it: it owns the log, and could take them away. */
  readonly mayChangeEvents: boolean;
}

/** Undefined where the server is Kora's own, and its role is what it should be. */
export async function readStoreRole({ server, query }: Database): Promise<StoreRole | undefined> {
  if (server.kind !== 'url') return undefined;
  const [row] = await query<StoreRole>(
    `select rolname::text as role, rolsuper as "isSuperuser",
       has_table_privilege('kora.event', 'update, delete, truncate')
         or has_table_privilege('kora.event_body', 'update, delete, truncate') as "mayChangeEvents"
     from pg_roles where rolname = current_user`,
  );
  return row;
}

/** A role of fewer rights is there to be had. One that owns the log works, so it is no more than said. */
export function roleFindings(found: StoreRole | undefined): shape.Finding[] {
  if (found === undefined) return [];
  const { role, isSuperuser, mayChangeEvents } = found;
  const hint = 'sql/roles.sql of @kora/runtime makes kora_runtime; docs/postgres.md says how';
  if (isSuperuser) {
    const message = `the runtime works as ${role}, a superuser: whoever takes it over has the whole server`;
    return [finding('store.role', 'warning', message, { hint })];
  }
  if (!mayChangeEvents) return [];
  const message = `the runtime works as ${role}, which owns the event log and could take its guards away`;
  return [finding('store.role', 'info', message, { hint })];
}
