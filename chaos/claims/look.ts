import type { Queryable } from '../../packages/runtime/src/store/index.ts';

/** One of the rows that only an open ticket has. Of times only whether they have come is looked at. */
export interface Place {
  readonly at: 'ready' | 'lease' | 'parked';
  readonly fence: number;
  readonly attempts: number;
  readonly session: string | null;
  /** Claimable now; or a lease past its deadline. */
  readonly due: boolean;
}

export interface Outcome {
  readonly fence: number;
  readonly session: string | null;
  readonly resolution: string;
}

export interface SeenTicket {
  readonly ticketId: number;
  readonly places: readonly Place[];
  /** By fence. */
  readonly outcomes: readonly Outcome[];
  readonly events: readonly {
    readonly type: string;
    readonly fence: number | null;
    /** What the operator did, where it was the operator. */
    readonly action: string | null;
  }[];
}

/** All that the protocol keeps in the store, as one statement sees it. */
export interface Seen {
  readonly tickets: readonly SeenTicket[];
  /** Sessions that are alive. */
  readonly living: ReadonlySet<string>;
}

const lookStatement = `
  select t.ticket_id as "ticketId",
    (select coalesce(jsonb_agg(p), '[]') from (
      select 'ready' as at, fence, attempts, null::uuid as session, eligible_at <= clock_timestamp() as due
        from kora.ticket_ready r where r.workspace_id = $1 and r.ticket_id = t.ticket_id
      union all select 'lease', fence, attempts, session_id, deadline < clock_timestamp()
        from kora.ticket_lease l where l.workspace_id = $1 and l.ticket_id = t.ticket_id
      union all select 'parked', fence, attempts, null, false
        from kora.ticket_parked k where k.workspace_id = $1 and k.ticket_id = t.ticket_id) p) as places,
    (select coalesce(jsonb_agg(jsonb_build_object('fence', fence, 'session', session_id, 'resolution', resolution)
        order by fence), '[]')
      from kora.ticket_outcome o where o.workspace_id = $1 and o.ticket_id = t.ticket_id) as outcomes,
    (select coalesce(jsonb_agg(jsonb_build_object('type', type, 'fence', fence,
        'action', body::jsonb ->> 'action')), '[]')
      from kora.stage e where e.workspace_id = $1 and e.ticket_id = t.ticket_id) as events,
    (select coalesce(jsonb_agg(session_id), '[]') from kora.session s
      where s.workspace_id = $1 and s.until > clock_timestamp()) as living
  from kora.ticket t where t.workspace_id = $1 order by t.ticket_id`;

export async function look(db: Queryable, workspaceId: number): Promise<Seen> {
  const rows = await db.query<SeenTicket & { living: string[] }>(lookStatement, [workspaceId], {
    name: 'claims look',
  });
  return { tickets: rows, living: new Set(rows[0]?.living) };
}

export function ticketIn(seen: Seen, ticketId: number): SeenTicket {
  const found = seen.tickets.find((ticket) => ticket.ticketId === ticketId);
  if (found === undefined) throw new Broken(`ticket ${ticketId} is gone`);
  return found;
}

export function placeIn(seen: Seen, ticketId: number): Place | undefined {
  return ticketIn(seen, ticketId).places[0];
}

/** A law does not hold. */
export class Broken extends Error {}

export function law(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}
