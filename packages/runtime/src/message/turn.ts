import type { Transaction } from '../store/index.ts';

/**
 * Two deeds touch many rows of the outbox at once: clearing the way of what is critical, and gathering what waited. Each
 * would wait for rows that the other holds. So whoever clears has this, together with others who do, until its
 * transaction ends, and whoever gathers has it alone or looks again later.
 */
export async function clearingTurn(tx: Transaction, workspaceId: number): Promise<void> {
  await tx.query("select pg_advisory_xact_lock_shared(hashtext('kora.outbox'), $1)", [workspaceId]);
}

/** False when somebody clears the way, or gathers. */
export async function gatheringTurn(tx: Transaction, workspaceId: number): Promise<boolean> {
  const [turn] = await tx.query<{ mine: boolean }>(
    "select pg_try_advisory_xact_lock(hashtext('kora.outbox'), $1) as mine",
    [workspaceId],
  );
  return turn?.mine === true;
}
