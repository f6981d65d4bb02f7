import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { bounded } from './arrival.ts';
import { inboundRefused } from './events.ts';

interface RefusalContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

interface Refusal {
  readonly channel: string;
  readonly reason: string;
  readonly sender: string | null;
  readonly detail?: string | undefined;
}

interface Counted {
  readonly channel: string;
  readonly reason: string;
  readonly minute: Date;
  readonly count: number;
  readonly sender: string | null;
  readonly detail: string | null;
}

/** Counts somebody who is not believed. The first of a minute is told at once; of what was said nothing is kept. */
export async function countRefusal(
  tx: Transaction,
  { workspaceId, stage }: RefusalContext,
  { channel, reason, sender, detail }: Refusal,
): Promise<void> {
  const [counted] = await tx.query<Counted>(
    `insert into kora.inbound_refusal as r (workspace_id, channel, reason, minute, sender, detail)
     values ($1, $2, $3, date_trunc('minute', clock_timestamp()), $4, $5)
     on conflict (workspace_id, channel, reason, minute)
       do update set count = r.count + 1, sender = excluded.sender, detail = excluded.detail
     returning channel, reason, minute, count, sender, detail`,
    [
      workspaceId,
      channel,
      reason,
      sender === null ? null : bounded(sender, 200),
      detail === undefined ? null : bounded(detail, 500),
    ],
  );
  if (counted?.count === 1) await stage(tx, [refusedEvent(counted)]);
}

/** Tells what was counted in minutes that are over, each once; answers how many of them. */
export async function tellRefusals(database: Database, context: RefusalContext): Promise<number> {
  return database.transaction(async (tx) => {
    const rows = await tx.query<Counted>(
      `with owed as (
         select channel, reason, minute, count - told as more from kora.inbound_refusal
         where workspace_id = $1 and told < count and minute < date_trunc('minute', clock_timestamp())
         order by minute limit 500 for update skip locked)
       update kora.inbound_refusal r set told = r.count from owed
       where r.workspace_id = $1 and (r.channel, r.reason, r.minute) = (owed.channel, owed.reason, owed.minute)
       returning r.channel, r.reason, r.minute, owed.more as count, r.sender, r.detail`,
      [context.workspaceId],
    );
    if (rows.length > 0) await context.stage(tx, rows.map(refusedEvent));
    return rows.length;
  });
}

function refusedEvent({ minute, ...counted }: Counted): EventDraft {
  return draft(inboundRefused, { ...counted, minute: minute.toISOString() });
}
