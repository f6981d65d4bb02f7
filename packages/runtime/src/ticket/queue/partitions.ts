import type { Database, Queryable } from '../../store/index.ts';

/** Tickets in one partition, as the migrations have it. */
export const partitionSpan = 10_000_000;

/**
 * Makes the partition that the newest numbers go into, and the next one: long before the first ticket needs it. Any
 * runtime may call it, and as often as it likes; a minute apart is often enough.
 */
export async function ensurePartitions(db: Queryable): Promise<void> {
  await db.query(
    `select kora.ensure_ticket_partition(last_value), kora.ensure_ticket_partition(last_value + $1)
     from kora.ticket_number`,
    [partitionSpan],
  );
}

export interface Retiring {
  readonly workspaceId: number;
  /** Tickets whose last attempt ended longer ago go. */
  readonly olderThanDays: number;
  readonly signal?: AbortSignal;
}

export interface Retired {
  readonly partitions: number;
  /** Beside those that went with a partition. */
  readonly tickets: number;
  /** False when it was told to stop before all was gone. */
  readonly done: boolean;
}

const retiredAtOnce = 1_000;

/**
 * Removes what ended long ago: whole partitions where nothing is open or young, then single tickets in batches, each a
 * transaction of its own. A ticket that is gone cannot be opened again and its idempotency key is free.
 */
export async function retireTickets(database: Database, retiring: Retiring): Promise<Retired> {
  const { workspaceId, olderThanDays, signal } = retiring;
  const age = `clock_timestamp() - make_interval(secs => $2::float8 * 86400)`;
  let partitions = 0;
  let tickets = 0;
  const told = (): boolean => signal?.aborted === true;
  while (!told() && (await retirePartition(database, age, retiring))) partitions += 1;
  while (!told()) {
    const [row] = await database.query<{ count: number }>(
      `select kora.retire_tickets($1, ${age}, $3) as count`,
      [workspaceId, olderThanDays, retiredAtOnce],
    );
    const count = row?.count ?? 0;
    tickets += count;
    if (count === 0) return { partitions, tickets, done: true };
  }
  return { partitions, tickets, done: false };
}

/** As long as it takes: nobody waits for it, and what holds it up makes it give way at once. */
async function retirePartition(
  database: Database,
  age: string,
  { workspaceId, olderThanDays }: Retiring,
): Promise<boolean> {
  const [row] = await database.transaction(
    (tx) =>
      tx.query<{ dropped: boolean }>(`select kora.retire_partition($1, ${age}) as dropped`, [
        workspaceId,
        olderThanDays,
      ]),
    { statementTimeoutMs: 0 },
  );
  return row?.dropped === true;
}
