import type { Chain, EventDraft } from '../chain/index.ts';
import { fault, KoraError, messageOf } from '../fault/index.ts';
import { codeOf } from '../store/index.ts';
import type { Database } from '../store/index.ts';

/** The log's own trigger, or, for a role of few rights, before the trigger was even asked. */
const refusals: readonly string[] = ['KR001', '42501'];

const changes: readonly string[] = [
  'update kora.event set type = type where false',
  'delete from kora.event where false',
  'update kora.event_body set body = body where false',
  'delete from kora.event_body where false',
];

/**
 * Gate 4: tried, not looked up. An event is staged and rolled back, what the sealer inserts into is asked for, and each
 * change must be refused. Throws KORA_STORE_REFUSED naming what was not as it should be.
 */
export async function tryRole(
  { database, chain }: { readonly database: Database; readonly chain: Chain },
  event: EventDraft,
): Promise<string> {
  const stage = await errorOf(database, (tx) => chain.stage(tx, [event]));
  if (stage !== undefined) throw stage;
  const [rights] = await database.query<{ insert: boolean }>(
    `select bool_and(has_table_privilege(name, 'insert')) as insert
     from unnest(array['kora.event', 'kora.event_body']) as name`,
  );
  if (rights?.insert !== true) {
    throw fault('KORA_STORE_REFUSED', 'this role may not append to the event log', {
      fix: 'run sql/roles.sql as an administrator, or connect as the role that it makes: kora_runtime',
    });
  }
  for (const statement of changes) {
    const error = await errorOf(database, (tx) => tx.query(statement));
    if (isRefusal(error)) continue;
    if (error !== undefined) throw error;
    throw fault(
      'KORA_STORE_REFUSED',
      `the event log lets itself be changed: "${statement}" was not refused`,
      {
        fix: 'restore the triggers of kora.event from a backup, or start a fresh store',
      },
    );
  }
  return 'it appends, and UPDATE and DELETE on the event log are refused';
}

/** What the work threw, in a transaction that never commits. */
async function errorOf(
  database: Database,
  work: (tx: Parameters<Parameters<Database['transaction']>[0]>[0]) => Promise<unknown>,
): Promise<Error | undefined> {
  const done = fault('KORA_INTERNAL', 'what a gate tries is never kept');
  try {
    await database.transaction(async (tx) => {
      await work(tx);
      throw done;
    });
  } catch (error) {
    if (error === done) return undefined;
    return error instanceof Error ? error : fault('KORA_INTERNAL', messageOf(error), { cause: error });
  }
  return undefined;
}

function isRefusal(error: unknown): boolean {
  return refusals.includes(codeOf(error instanceof KoraError ? error.cause : error));
}
