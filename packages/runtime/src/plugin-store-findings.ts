import type { Ground } from './ground.ts';
import type { shape } from './http/index.ts';
import { finding } from './log-findings.ts';
import type { PluginHost } from './plugin/index.ts';
import { asOwner } from './plugin-stores.ts';
import type { Rooms } from './rooms.ts';
import type { Queryable } from './store/index.ts';

/** Where plugins' own tables have no place, or are left of a plugin that is gone. */
export async function pluginStoreFindings(
  ground: Ground,
  { database, pluginStores }: Pick<Rooms, 'database' | 'pluginStores'>,
  plugins: Pick<PluginHost, 'list'>,
): Promise<shape.Finding[]> {
  const refused = pluginStores.refused.map(({ plugin }) => plugin);
  return [
    ...(database.server.kind === 'pglite'
      ? pgliteFindings(refused)
      : await asOwner(ground, database, (owner) => roleMakingFindings(owner, refused))),
    ...(await leftFindings(database, new Set(plugins.list().map(({ id }) => id)))),
  ];
}

const id = 'store.plugins';

/** Refused or not, the operator learns before a plugin does. */
function severityOf(refused: readonly string[]): shape.Finding['severity'] {
  return refused.length > 0 ? 'warning' : 'info';
}

function pgliteFindings(refused: readonly string[]): shape.Finding[] {
  const message = 'PGlite has one login for all: plugins that are not trusted keep no tables here';
  return [
    finding(id, severityOf(refused), `${message}${listed(refused)}`, {
      hint: 'run with the embedded PostgreSQL, or set KORA_DATABASE_URL',
    }),
  ];
}

async function roleMakingFindings(owner: Queryable, refused: readonly string[]): Promise<shape.Finding[]> {
  const [row] = await owner.query<{ role: string; may: boolean }>(
    `select rolname::text as role, (rolsuper or rolcreaterole)
       and has_database_privilege(current_database(), 'create') as may from pg_roles where rolname = current_user`,
  );
  if (row === undefined || row.may) return [];
  const message = `${row.role} may make no roles: a plugin that keeps tables is refused until an administrator has made its role`;
  return [
    finding(id, severityOf(refused), `${message}${listed(refused)}`, {
      hint: 'kora plugin list names each statement to run; docs/plugin-store.md says why',
    }),
  ];
}

function listed(refused: readonly string[]): string {
  return refused.length === 0 ? '' : ` (now: ${refused.join(', ')})`;
}

async function leftFindings(db: Queryable, installed: ReadonlySet<string>): Promise<shape.Finding[]> {
  const kept = await db.query<{ plugin: string; tables: number }>(
    `select plugin, count(*)::int as tables from kora.plugin_role
     join pg_namespace n on n.nspname = 'plugin_' || replace(plugin, '-', '_')
     join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p') and not c.relispartition
     group by plugin order by plugin`,
  );
  return kept.flatMap(({ plugin, tables }) =>
    installed.has(plugin)
      ? []
      : [
          finding(
            `store.plugins.${plugin}`,
            'info',
            `plugin ${plugin} is gone, and ${tables === 1 ? 'one table' : `${tables} tables`} of it kept`,
            { hint: `kora plugin remove ${plugin} --purge --reason '...'` },
          ),
        ],
  );
}
