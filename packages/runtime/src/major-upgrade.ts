import type { Clock } from './clock/index.ts';
import { pluginCarrier } from './plugin/index.ts';
import { openPool } from './store/index.ts';
import type { Database, EmbeddedServer, OpenEmbedded } from './store/index.ts';
import { transferStore } from './transfer/index.ts';

/**
 * The embedded database, brought to its packaged major version when an older one made it: the package runs both servers
 * and changes the folders' names, the rows are carried over and proved from here.
 */
export function upgrading(open: OpenEmbedded | undefined, clock: Clock): OpenEmbedded | undefined {
  if (open === undefined) return undefined;
  return (options) =>
    open({
      ...options,
      upgrade: async ({ source, target, signal }) => {
        const { onProgress = () => undefined } = options;
        await using old = poolOf(source, 'the old embedded PostgreSQL', clock);
        await using fresh = poolOf(target, 'the new embedded PostgreSQL', clock);
        if (!(await holdsStore(old))) return;
        // Damage is no reason to stay: it moves as it is, and the gates go on saying so.
        const { rows, chains } = await transferStore({
          source: old,
          target: fresh,
          onProgress,
          signal,
          plugins: pluginCarrier(clock),
        });
        const events = chains.reduce((sum, { checked }) => sum + checked, 0);
        onProgress(`${rows} rows moved, ${events} events proved on both sides`);
      },
    });
}

/** A directory that was made and never used has no store in it. */
async function holdsStore(database: Database): Promise<boolean> {
  const [row] = await database.query<{ there: boolean }>(
    `select to_regclass('kora.migration') is not null as there`,
  );
  return row?.there === true;
}

function poolOf(connection: EmbeddedServer['connection'], description: string, clock: Clock): Database {
  return openPool({
    connection: { ...connection },
    server: { kind: 'embedded', description },
    clock,
    // What is lost while rows move fails the statement that meets it.
    onIdleError: () => undefined,
  });
}
