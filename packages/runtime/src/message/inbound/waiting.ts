import { draft } from '../../chain/index.ts';
import type { Database, Queryable, Transaction } from '../../store/index.ts';
import { causeOf } from './claim.ts';
import type { InboundClaim } from './claim.ts';
import { inboundWaits } from './events.ts';
import type { InboundOptions } from './inbound.ts';
import { replyTo } from './reply.ts';

type WaitingOptions = Pick<InboundOptions, 'workspaceId' | 'stage' | 'ports'>;

interface WaitingRow
  extends Pick<InboundClaim, 'inboundId' | 'channel' | 'conversation' | 'receivedEvent' | 'trusted'> {
  readonly place: number;
}

const atOnce = 200;

/**
 * Marks what came in as waiting. The first of a conversation is answered that it waits; while one of them waits, no other
 * one is, and what is answered after the pause waits no longer: so each pause is told once. Strangers are told nothing, and
 * nobody counts as told because a stranger waits in the same conversation.
 */
export async function tellWaiting(database: Database, options: WaitingOptions): Promise<number> {
  return database.transaction(async (tx) => {
    // Two runtimes would each tell the first that they see.
    const [alone] = await tx.query<{ locked: boolean }>(
      'select pg_try_advisory_xact_lock(hashtextextended($1, 44)) as locked',
      [`inbound waiting ${options.workspaceId}`],
    );
    if (alone?.locked !== true) return 0;
    const rows = await markWaiting(tx, options.workspaceId);
    const first = new Map<string, { readonly row: WaitingRow; readonly waiting: number }>();
    for (const row of rows) {
      const key = JSON.stringify([row.channel, row.conversation, row.trusted]);
      const known = first.get(key);
      first.set(key, { row: known?.row ?? row, waiting: (known?.waiting ?? 0) + 1 });
    }
    for (const { row, waiting } of first.values()) await tell(tx, options, row, waiting);
    return rows.length;
  });
}

/** Answers those of conversations of which nothing waited before. */
export async function markWaiting(tx: Queryable, workspaceId: number): Promise<WaitingRow[]> {
  const rows = await tx.query<WaitingRow & { known: boolean }>(
    `with fresh as (
       select inbound_id, exists (select from kora.inbound w where w.workspace_id = i.workspace_id
           and w.channel = i.channel and w.conversation = i.conversation and w.trusted = i.trusted and w.state = 'waiting') as known
       from kora.inbound i
       where workspace_id = $1 and state = 'received' and not decides order by place limit ${atOnce} for update skip locked)
     update kora.inbound i set state = 'waiting' from fresh
     where i.workspace_id = $1 and i.inbound_id = fresh.inbound_id
     returning i.inbound_id as "inboundId", i.channel, i.conversation, i.received_event as "receivedEvent", i.trusted,
       i.place, fresh.known`,
    [workspaceId],
  );
  return rows.filter(({ known }) => !known).sort((one, other) => one.place - other.place);
}

async function tell(
  tx: Transaction,
  { stage, ports }: WaitingOptions,
  row: WaitingRow,
  waiting: number,
): Promise<void> {
  const said = { inbound_id: row.inboundId, channel: row.channel, waiting };
  await stage(tx, [draft(inboundWaits, said, causeOf(row))]);
  if (!row.trusted) return;
  const body = 'Kora is paused. Your message is kept and will be answered when it goes on; nothing is lost.';
  await ports.tell(tx, replyTo(row, { what: 'waits', title: 'Kora is paused', body }));
}
