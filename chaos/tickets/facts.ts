import type { Told } from './outside.ts';
import type { Town } from './town.ts';

export interface OutcomeFact {
  readonly ticket: number;
  readonly fence: number;
  readonly resolution: string;
  readonly runtime: string;
  /** Whose session it was that ended it; null of one that was reaped before the session was known. */
  readonly sessionsRuntime: string | null;
  /** The fence that its handler answered with. */
  readonly word: number | null;
}

export interface EventFact {
  readonly seq: number;
  readonly type: string;
  readonly ticket: number;
  readonly fence: number | null;
  /** By the payload. */
  readonly said: number | null;
}

export interface OperationFact {
  readonly ticket: number;
  readonly fence: number;
  readonly effects: string;
  readonly status: string;
  readonly dispatches: number;
}

/** All that is left of a run: in the store, on the chain, and outside of both. */
export interface Facts {
  readonly added: readonly number[];
  readonly tickets: readonly {
    readonly ticket: number;
    readonly kind: string;
    readonly parent: number | null;
  }[];
  readonly open: readonly {
    readonly ticket: number;
    readonly place: 'ready' | 'lease' | 'parked';
    readonly status: string | null;
    readonly reason: string | null;
    readonly attempts: number;
  }[];
  readonly outcomes: readonly OutcomeFact[];
  readonly operations: readonly OperationFact[];
  /** Notes and committed operations that landed after the end of the claim that wrote them. */
  readonly late: readonly { readonly what: string; readonly ticket: number; readonly fence: number }[];
  readonly messages: readonly string[];
  readonly events: readonly EventFact[];
  readonly unsealed: number;
  readonly verified: { readonly ok: boolean; readonly detail: string | undefined };
  readonly told: readonly Told[];
}

/** Reads everything, when nothing moves any more. */
export async function gather(town: Town): Promise<Facts> {
  const { database, chain } = town;
  const rows = <Row extends object>(sql: string): Promise<Row[]> => database.query<Row>(sql);
  const verification = await chain.verify();
  return {
    added: town.added,
    tickets: await rows(
      `select ticket_id as ticket, kind, (payload ->> 'parent')::bigint as parent from kora.ticket order by 1`,
    ),
    open: await rows(
      `select ticket_id as ticket, 'ready' as place, status, reason, attempts from kora.ticket_ready
       union all select ticket_id, 'lease', null, null, attempts from kora.ticket_lease
       union all select ticket_id, 'parked', status, reason, attempts from kora.ticket_parked`,
    ),
    outcomes: await rows(
      `select o.ticket_id as ticket, o.fence, o.resolution, o.runtime_id as runtime, s.runtime_id as "sessionsRuntime",
         (o.result ->> 'fence')::bigint as word
       from kora.ticket_outcome o
         left join kora.session s on s.workspace_id = o.workspace_id and s.session_id = o.session_id
       order by 1, 2`,
    ),
    operations: await rows(
      `select ticket_id as ticket, fence, side_effects as effects, status, dispatches from kora.operation`,
    ),
    late: await rows(
      `select 'note' as what, n.ticket_id as ticket, n.fence from kora.ticket_note n
         join kora.ticket_outcome o using (workspace_id, ticket_id, fence) where n.at > o.at
       union all select 'operation', p.ticket_id, p.fence from kora.operation p
         join kora.ticket_outcome o using (workspace_id, ticket_id, fence) where p.ended_at > o.at`,
    ),
    messages: (await rows<{ key: string }>('select key from kora.message')).map(({ key }) => key),
    events: await rows(
      `select seq, type, ticket_id as ticket, fence, (body::json ->> 'fence')::bigint as said
       from kora.event join kora.event_body using (workspace_id, seq)
       where type like '%sea_ticket.%' and fence is not null order by seq`,
    ),
    unsealed: await chain.unsealed(),
    verified: { ok: verification.ok, detail: verification.detail },
    told: town.told(),
  };
}
