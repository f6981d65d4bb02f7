import { z } from 'zod';
import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import { describeCadence, nextDue } from './cadence.ts';
import type { Cadence } from './contract.ts';
import { cadenceChanged } from './events.ts';

/** What the operator set in place of a task's own cadence. */
export interface CadenceOrder {
  readonly cadence: Cadence;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

export interface CadenceChange {
  readonly workspaceId: number;
  readonly task: string;
  /** As the plugin declares it. */
  readonly declared: Cadence;
  /** Undefined: back to what is declared. */
  readonly wanted: Cadence | undefined;
  readonly by: string;
  readonly reason: string;
  readonly now: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

const cadenceSchema: z.ZodType<Cadence> = z.union([
  z.object({ everyMs: z.number() }),
  z.object({ cron: z.string(), zone: z.string().exactOptional() }),
  z.object({ at: z.string() }),
]);

/** Every order of the workspace, by task. */
export async function readOrders(db: Queryable, workspaceId: number): Promise<Map<string, CadenceOrder>> {
  const rows = await db.query<{ task: string; cadence: unknown; by: string; reason: string; at: Date }>(
    `select task, cadence, set_by as by, reason, set_at as at from kora.cadence where workspace_id = $1`,
    [workspaceId],
  );
  return new Map(
    rows.map(({ task, cadence, at, ...order }) => [
      task,
      { ...order, cadence: cadenceSchema.parse(cadence), at: at.toISOString() },
    ]),
  );
}

/**
 * Writes the order, moves the due times that were reckoned by another cadence, and records the change. Answers false when
 * that cadence was in force already: then nothing is written.
 */
export async function changeCadence(tx: Transaction, change: CadenceChange): Promise<boolean> {
  const { workspaceId, task, declared, wanted, by, reason } = change;
  const [order] = await tx.query<{ cadence: unknown }>(
    `select cadence from kora.cadence where workspace_id = $1 and task = $2 for update`,
    [workspaceId, task],
  );
  const was = order === undefined ? declared : cadenceSchema.parse(order.cadence);
  if (wanted === undefined ? order === undefined : order !== undefined && sameCadence(was, wanted))
    return false;
  if (wanted === undefined) {
    await tx.query(`delete from kora.cadence where workspace_id = $1 and task = $2`, [workspaceId, task]);
  } else {
    await tx.query(
      `insert into kora.cadence (workspace_id, task, cadence, set_by, reason) values ($1, $2, $3, $4, $5)
       on conflict (workspace_id, task) do update set cadence = excluded.cadence, set_by = excluded.set_by,
         reason = excluded.reason, set_at = clock_timestamp()`,
      [workspaceId, task, JSON.stringify(wanted), by, reason],
    );
  }
  const now = wanted ?? declared;
  await moveDue(tx, change, now);
  const payload = { task, cadence: describeCadence(now), was: describeCadence(was), reason };
  await change.stage(tx, [
    draft(cadenceChanged, { ...payload, reset: wanted === undefined }, { actorId: by }),
  ]);
  return true;
}

/** One grid for all: the fleet's next time is reckoned here, once. */
async function moveDue(
  tx: Transaction,
  { workspaceId, task, now }: CadenceChange,
  cadence: Cadence,
): Promise<void> {
  const rows = await tx.query<{ owner: string; last: Date | null }>(
    `select owner, last_scheduled_at as last from kora.task where workspace_id = $1 and name = $2
     order by owner for no key update`,
    [workspaceId, task],
  );
  for (const { owner, last } of rows) {
    const due = nextDue(cadence, last?.getTime(), now);
    await tx.query(
      `update kora.task set cadence = $4, next_due_at = $5 where workspace_id = $1 and name = $2 and owner = $3`,
      [workspaceId, task, owner, JSON.stringify(cadence), due === undefined ? null : new Date(due)],
    );
  }
}

/** The same times, however it is written. */
export function sameCadence(one: Cadence, other: Cadence): boolean {
  if ('everyMs' in one) return 'everyMs' in other && one.everyMs === other.everyMs;
  if ('at' in one) return 'at' in other && Date.parse(one.at) === Date.parse(other.at);
  return 'cron' in other && one.cron === other.cron && (one.zone ?? 'UTC') === (other.zone ?? 'UTC');
}
