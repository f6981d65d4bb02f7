import { completedOf } from './ending.ts';
import type { EndingOptions } from './ending.ts';
import { answerOf, closeAbandoned, findRun } from './rows.ts';

/**
 * Ends the runs whose runtime is gone: this one's from before it started, or anybody's that are long past their deadline.
 * Each is told like any other end, so that what it cost is found where the cost of all others is. Answers how many.
 */
export async function endAbandoned(
  { database, workspaceId, stage }: Pick<EndingOptions, 'database' | 'workspaceId' | 'stage'>,
  of: Parameters<typeof closeAbandoned>[2],
): Promise<number> {
  return database.transaction(async (tx) => {
    const runIds = await closeAbandoned(tx, workspaceId, of);
    for (const runId of runIds) {
      const record = await findRun(tx, workspaceId, runId);
      if (record === undefined) continue;
      const { route, asker, ticketId, fence, causationId } = record;
      const ticket = ticketId === null || fence === null ? undefined : { ticketId, fence };
      await stage(tx, [completedOf(answerOf(record), { route, asker, ticket, causationId })]);
    }
    return runIds.length;
  });
}
