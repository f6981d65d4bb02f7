import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';
import { channelDown, channelUp } from './events.ts';

/** How a channel does, as all runtimes of the workspace know it. Times are ISO 8601. */
export interface ChannelState {
  readonly channel: string;
  /** Refusals since it last took a message. */
  readonly failures: number;
  readonly downSince: string | null;
  readonly error: string | null;
  readonly notBefore: string | null;
  readonly deliveredAt: string | null;
}

export interface ChannelStateContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

/** So many refusals in a row, of whichever messages, and a channel is down. */
const downAfter = 3;

/** Writes down that it refused; answers whether it is down. */
export async function noteRefusal(
  tx: Transaction,
  { workspaceId, stage }: ChannelStateContext,
  { channel, error }: { readonly channel: string; readonly error: string },
): Promise<boolean> {
  const [row] = await tx.query<{ failures: number }>(
    `insert into kora.channel as c (workspace_id, channel, failures, error) values ($1, $2, 1, $3)
     on conflict (workspace_id, channel) do update set failures = c.failures + 1, error = $3,
       down_since = case when c.failures + 1 >= ${downAfter} then coalesce(c.down_since, clock_timestamp()) end
     returning failures`,
    [workspaceId, channel, error],
  );
  const failures = row?.failures ?? 0;
  if (failures === downAfter) await stage(tx, [draft(channelDown, { channel, failures, error })]);
  return failures >= downAfter;
}

/** Writes down that it works: it took a message, or says that it would. */
export async function noteWorking(
  tx: Transaction,
  { workspaceId, stage }: ChannelStateContext,
  channel: string,
  delivered: boolean,
): Promise<void> {
  const [before] = await tx.query<{ failures: number }>(
    `with before as (select failures from kora.channel where workspace_id = $1 and channel = $2 for update),
     now as (insert into kora.channel as c (workspace_id, channel, delivered_at)
       values ($1, $2, case when $3 then clock_timestamp() end)
       on conflict (workspace_id, channel) do update set failures = 0, down_since = null, error = null,
         delivered_at = coalesce(excluded.delivered_at, c.delivered_at))
     select failures from before`,
    [workspaceId, channel, delivered],
  );
  if ((before?.failures ?? 0) >= downAfter) await stage(tx, [draft(channelUp, { channel })]);
}

/** The provider asked for a pause, of all that goes over the channel. */
export async function notePause(
  tx: Transaction,
  { workspaceId }: ChannelStateContext,
  { channel, ms }: { readonly channel: string; readonly ms: number },
): Promise<void> {
  await tx.query(
    `insert into kora.channel as c (workspace_id, channel, not_before)
     values ($1, $2, clock_timestamp() + make_interval(secs => $3))
     on conflict (workspace_id, channel) do update set not_before = greatest(c.not_before, excluded.not_before)`,
    [workspaceId, channel, ms / 1_000],
  );
}

/** By name. Channels that never were sent anything have none. */
export async function channelStates(db: Queryable, workspaceId: number): Promise<ChannelState[]> {
  const rows = await db.query<{
    channel: string;
    failures: number;
    error: string | null;
    downSince: Date | null;
    notBefore: Date | null;
    deliveredAt: Date | null;
  }>(
    `select channel, failures, error, down_since as "downSince", delivered_at as "deliveredAt",
       case when not_before > clock_timestamp() then not_before end as "notBefore"
     from kora.channel where workspace_id = $1 order by channel`,
    [workspaceId],
  );
  const iso = (time: Date | null): string | null => time?.toISOString() ?? null;
  return rows.map((row) => ({
    ...row,
    downSince: iso(row.downSince),
    notBefore: iso(row.notBefore),
    deliveredAt: iso(row.deliveredAt),
  }));
}
