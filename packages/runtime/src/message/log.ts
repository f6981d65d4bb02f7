import type { Queryable } from '../store/index.ts';
import { inboundStates } from './inbound/rows.ts';

/** One message, in whichever direction it went. */
export interface LoggedMessage {
  readonly key: string;
  readonly at: string;
  readonly direction: 'in' | 'out';
  readonly channel: string;
  readonly status: string;
  readonly title: string;
  /** Its first 2 000 characters. */
  readonly text: string;
  readonly who: string | null;
  readonly trusted: boolean | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly messageId: number | null;
  readonly inboundId: number | null;
}

/** Only what is behind these numbers; left out, from the newest on. */
export interface LogPlace {
  readonly message: number;
  readonly inbound: number;
}

export interface MessageLogQuery {
  readonly channel?: string | undefined;
  readonly direction?: 'in' | 'out' | undefined;
  readonly status?: string | undefined;
  readonly before?: LogPlace | undefined;
  readonly limit: number;
}

export interface MessageLogPage {
  readonly rows: readonly LoggedMessage[];
  readonly isMore: boolean;
}

type Row = Omit<LoggedMessage, 'at'> & { readonly at: Date };

const outboundStates = ['pending', 'delivered', 'failed', 'withdrawn'];
/** With a status that few have, so many are looked through for one page. */
const lookedThrough = 5_000;
const shownCharacters = 2_000;

const outbound = `
  select m.key, m.created_at as at, 'out' as direction, coalesce(d.channel, o.channel, m.channel) as channel,
    case when d.message_id is null then 'pending' when d.channel is null and d.receipt = 'withdrawn' then 'withdrawn'
      when exists (select from kora.message again where again.workspace_id = m.workspace_id
        and again.key = 'returned:' || m.message_id) then 'failed'
      else 'delivered' end as status,
    m.title, left(m.body, ${shownCharacters}) as text, null::text as who, null::boolean as trusted, o.error as reason,
    coalesce(d.attempts, o.attempts, 0) as attempts, m.message_id as "messageId", null::bigint as "inboundId"
  from (select * from kora.message m where workspace_id = $1 and ($2::text is null or channel = $2) and message_id < $3
      order by message_id desc limit $6) m
    left join kora.delivery d using (workspace_id, message_id)
    left join kora.outbox o using (workspace_id, message_id)`;

const inbound = `
  select 'inbound:' || i.inbound_id as key, i.received_at as at, 'in' as direction, i.channel, i.state as status, '' as title,
    left(i.text, ${shownCharacters}) as text, coalesce(i.sender_name || ' (' || i.sender_id || ')', i.sender_id) as who,
    i.trusted, coalesce(i.reason, i.error, i.outcome) as reason, i.attempts, null::bigint as "messageId",
    i.inbound_id as "inboundId"
  from (select * from kora.inbound where workspace_id = $1 and ($2::text is null or channel = $2) and inbound_id < $3
      order by inbound_id desc limit $6) i`;

/** What went out and what came in, newest first, from both ends of the house at once. */
export async function readMessageLog(
  db: Queryable,
  workspaceId: number,
  { channel, direction, status, before, limit }: MessageLogQuery,
): Promise<MessageLogPage> {
  const read = (statement: string, place: number | undefined, id: string): Promise<Row[]> =>
    db.query<Row>(
      `select * from (${statement}) logged where $4::text is null or status = $4 order by "${id}" desc limit $5`,
      [
        workspaceId,
        channel ?? null,
        place ?? Number.MAX_SAFE_INTEGER,
        status ?? null,
        limit + 1,
        status === undefined ? limit + 1 : lookedThrough,
      ],
    );
  const states: readonly string[] = inboundStates;
  const isOut = direction !== 'in' && (status === undefined || outboundStates.includes(status));
  const isIn = direction !== 'out' && (status === undefined || states.includes(status));
  const [out, came] = await Promise.all([
    isOut ? read(outbound, before?.message, 'messageId') : [],
    isIn ? read(inbound, before?.inbound, 'inboundId') : [],
  ]);
  // Newest first over both: numbers rise with time within each.
  const all = [...out, ...came].toSorted((one, other) => other.at.getTime() - one.at.getTime());
  const rows = all.slice(0, limit).map((row) => ({ ...row, at: row.at.toISOString() }));
  return { rows, isMore: all.length > limit };
}
