import type { ConsumerRow, VerifyResult } from '@kora/runtime/client';
import type { StoreConnection } from '../e2e/harness/store.ts';
import type { Scene } from './scene.ts';

export interface TicketFact {
  readonly id: number;
  readonly kind: string;
  readonly key: string | null;
  /** Outcomes that say completed. */
  readonly completed: number;
  /** Rows that say it is ready, leased or parked. */
  readonly open: number;
}

export interface MessageFact {
  readonly id: number;
  readonly key: string;
  readonly channel: string;
  readonly deliveries: number;
  readonly waiting: number;
}

export interface EventFact {
  readonly seq: number;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What a run has to be judged by: read from the store and from the third process, not from the runtime's counters. */
export interface Facts {
  readonly acknowledged: readonly string[];
  readonly wired: readonly string[];
  readonly tickets: readonly TicketFact[];
  readonly messages: readonly MessageFact[];
  readonly events: readonly EventFact[];
  readonly staged: number;
  readonly quarantined: number;
  readonly verify: VerifyResult;
  readonly consumers: readonly ConsumerRow[];
  readonly openIncidents: number;
}

export async function gather(scene: Scene): Promise<Facts> {
  await using store = await scene.store();
  const api = scene.house.api();
  return {
    acknowledged: [...scene.acknowledged],
    wired: scene.wired(),
    tickets: await store.rows<TicketFact>(
      `select t.ticket_id::int as id, t.kind, t.idempotency_key as key,
         (select count(*)::int from kora.ticket_outcome o
           where o.ticket_id = t.ticket_id and o.resolution = 'completed') as completed,
         (select count(*)::int from kora.ticket_ready r where r.ticket_id = t.ticket_id)
         + (select count(*)::int from kora.ticket_lease l where l.ticket_id = t.ticket_id)
         + (select count(*)::int from kora.ticket_parked p where p.ticket_id = t.ticket_id) as open
       from kora.ticket t order by t.ticket_id`,
    ),
    messages: await store.rows<MessageFact>(
      `select m.message_id::int as id, m.key, m.channel,
         (select count(*)::int from kora.delivery d where d.message_id = m.message_id) as deliveries,
         (select count(*)::int from kora.outbox o where o.message_id = m.message_id) as waiting
       from kora.message m order by m.message_id`,
    ),
    events: await store.rows<EventFact>(
      `select seq::int, type, body::jsonb as payload from kora.event join kora.event_body using (workspace_id, seq)
       order by seq`,
    ),
    staged: await count(store, 'kora.stage'),
    quarantined: await count(store, 'kora.quarantine'),
    // Before the verification: a house that lives goes on, and a cursor that was read is not past a head that was read later.
    consumers: await api.consumers(),
    verify: await api.verify(),
    openIncidents: await count(store, 'kora.incident where resolved_at is null'),
  };
}

async function count(store: StoreConnection, from: string): Promise<number> {
  const [row] = await store.rows<{ n: number }>(`select count(*)::int as n from ${from}`);
  return row?.n ?? -1;
}
