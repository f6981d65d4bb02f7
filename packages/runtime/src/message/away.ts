import { withDeadline } from '../clock/index.ts';
import { noteWorking } from './channel-state.ts';
import type { ChannelSpec } from './contract.ts';
import type { DeliveryOptions } from './delivery-options.ts';
import { moveOn } from './outcome.ts';
import type { Move, OutcomeContext } from './outcome.ts';

/** A channel that no runtime had for so long is not waited for, where there is another one. */
const absentMs = 60_000;
const askDeadlineMs = 30_000;

/** Messages of a channel that is not here, and that no other runtime has tried either. */
export async function leaveAbsent(
  { database }: Pick<DeliveryOptions, 'database'>,
  context: OutcomeContext,
  here: readonly string[],
): Promise<void> {
  const { workspaceId } = context;
  const absent = `workspace_id = $1 and fallback <> '{}' and attempts = 0 and channel <> all($2) and within is null
    and (leased_until is null or leased_until <= clock_timestamp())
    and due_at <= clock_timestamp() - make_interval(secs => ${absentMs / 1_000})`;
  const asked = [workspaceId, here];
  const [any] = await database.query(`select from kora.outbox where ${absent} limit 1`, asked);
  if (any === undefined) return;
  await database.transaction(async (tx) => {
    const rows = await tx.query<Move['due']>(
      `with gone as (select message_id, channel, fallback from kora.outbox where ${absent}
         order by message_id limit 100 for update skip locked)
       select message_id as "messageId", gone.channel, gone.fallback, m.correlation_id as "correlationId",
         m.accepted_event as "acceptedEvent"
       from gone join kora.message m using (message_id) where m.workspace_id = $1 order by message_id`,
      asked,
    );
    for (const due of rows) await moveOn(tx, context, { due, attempts: 0 });
  });
}

/** A channel that is down and says that it would work is up again, so that nobody avoids it any longer. */
export async function askDown(
  options: Pick<DeliveryOptions, 'database' | 'workspaceId' | 'clock' | 'stage'>,
  channels: ReadonlyMap<string, Pick<ChannelSpec, 'check'>>,
  signal: AbortSignal,
): Promise<void> {
  const { database, workspaceId, clock } = options;
  const down = await database.query<{ channel: string }>(
    `select channel from kora.channel where workspace_id = $1 and down_since is not null and channel = any($2)`,
    [workspaceId, [...channels.keys()]],
  );
  for (const { channel: name } of down) {
    const channel = channels.get(name);
    const check = channel?.check?.bind(channel);
    if (check === undefined) continue;
    const deadline = { ms: askDeadlineMs, what: `channel ${name}`, signal, graceMs: 0 };
    const found = await withDeadline(clock, deadline, check).catch(() => ({ ok: false }));
    if (found.ok) await database.transaction((tx) => noteWorking(tx, options, name, false));
  }
}
