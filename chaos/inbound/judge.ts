import type { StoreConnection } from '../../e2e/harness/store.ts';
import type { Told } from './office.ts';

export interface InboundFact {
  readonly number: number;
  readonly id: string;
  readonly conversation: string;
  readonly state: string;
  readonly attempts: number;
  readonly asks: number;
  /** Events that say it was handled, and answers in the outbox. */
  readonly handled: number;
  readonly answers: number;
}

export interface InboundFacts {
  readonly posted: readonly string[];
  readonly heard: ReadonlySet<string>;
  /** In the order in which they were accepted. */
  readonly rows: readonly InboundFact[];
  /** Per conversation, what was asked of whoever thinks, in the order of its turns. */
  readonly turns: ReadonlyMap<string, readonly string[]>;
  readonly told: readonly Told[];
  readonly isVerified: boolean;
}

export async function gatherRows(store: StoreConnection): Promise<Pick<InboundFacts, 'rows' | 'turns'>> {
  const rows = await store.rows<InboundFact>(
    `with handled as (
       select (body::jsonb->>'inbound_id')::bigint as id from kora.stage where type = 'kora.message.handled'
       union all
       select (b.body::jsonb->>'inbound_id')::bigint from kora.event join kora.event_body b using (workspace_id, seq)
       where type = 'kora.message.handled'),
     counted as (select id, count(*)::int as n from handled group by id)
     select i.inbound_id::int as number, i.provider_id as id, i.conversation, i.state, i.attempts, i.asks,
       coalesce(c.n, 0) as handled,
       (select count(*)::int from kora.message m where m.workspace_id = i.workspace_id
         and m.key = 'inbound:' || i.inbound_id || ':answer') as answers
     from kora.inbound i left join counted c on c.id = i.inbound_id order by i.place`,
  );
  const said = await store.rows<{ thread: string; texts: string[] }>(
    `select c.thread, array_agg(t.text order by t.n) as texts
     from kora.conversation c join kora.conversation_turn t using (workspace_id, conversation_id)
     where c.channel = 'post' and t.direction = 'inbound' group by c.thread`,
  );
  return { rows, turns: new Map(said.map(({ thread, texts }) => [thread, texts])) };
}

/** What is broken, in words; nothing when every law held. */
export function judgeInbound({ posted, heard, rows, turns, told, isVerified }: InboundFacts): string[] {
  const broken: string[] = [];
  const known = new Map(rows.map((row) => [row.id, row]));
  if (known.size !== rows.length) broken.push(`${rows.length} rows for ${known.size} messages`);
  const wanted = new Set(posted);
  for (const { id } of rows) if (!wanted.has(id)) broken.push(`${id} was posted by nobody`);
  for (const id of posted) {
    const row = known.get(id);
    if (row === undefined) broken.push(`${id} was ${heard.has(id) ? 'acknowledged and ' : ''}never kept`);
    else if (row.state !== 'answered') broken.push(`${id} is ${row.state} after ${row.attempts} attempts`);
    else if (row.handled !== 1 || row.answers !== 1)
      broken.push(`${id} was handled ${row.handled} times and has ${row.answers} answers`);
  }
  for (const [conversation, expected] of Map.groupBy(rows, (row) => row.conversation)) {
    const order = expected.map(({ id }) => id);
    // A question that a kill cut off is put again; what is new comes in the order of its conversation.
    const asked = [...new Set(turns.get(conversation) ?? [])];
    broken.push(...differing(`${conversation} was asked`, asked, order));
    const answers = new Set(told.filter((one) => one.conversation === conversation).map(({ body }) => body));
    broken.push(
      ...differing(
        `${conversation} was told`,
        [...answers],
        order.map((id) => `re: ${id}`),
      ),
    );
  }
  if (!isVerified) broken.push('the chain does not prove');
  return broken;
}

/** Where the one first differs from the other. */
function differing(what: string, one: readonly string[], other: readonly string[]): string[] {
  const at = Array.from({ length: Math.max(one.length, other.length) }, (_, n) => n).find(
    (n) => one[n] !== other[n],
  );
  if (at === undefined) return [];
  return [`${what} "${one[at] ?? 'nothing'}" as number ${at + 1}, and not "${other[at] ?? 'nothing'}"`];
}
