import type { Queryable } from '../../store/index.ts';
import type { DecisionView } from './contract.ts';

type Outcome = Pick<DecisionView, 'status' | 'verdict' | 'title'> & {
  readonly answeredVia?: string | null;
  readonly via?: string;
};

/** One line: what became of it. */
export function outcomeWords({ status, verdict, title, answeredVia, via }: Outcome): string {
  const over = answeredVia ?? via;
  const how = over === undefined ? '' : ` (${over})`;
  if (status === 'answered') return `${verdict === 'approve' ? 'approved' : 'denied'}${how}: ${title}`;
  if (status === 'expired') return `nobody answered in time: ${title}`;
  if (status === 'withdrawn') return `no longer asked: ${title}`;
  return `waits for you: ${title}`;
}

export interface OwedSettlement extends Outcome {
  readonly decisionId: number;
  readonly told: readonly { readonly channel: string; readonly receipt: string }[];
  /** It has been tried for a day. */
  readonly tooLate: boolean;
}

/** Decisions that are over and whose messages do not show it yet; one whose message is still on its way waits. */
export async function owedSettlements(db: Queryable, workspaceId: number): Promise<OwedSettlement[]> {
  return db.query<OwedSettlement>(
    `select d.decision_id as "decisionId", d.status, d.verdict, d.title, d.answered_via as "answeredVia",
       d.ended_at < clock_timestamp() - interval '1 day' as "tooLate",
       coalesce((select jsonb_agg(jsonb_build_object('channel', t.channel, 'receipt', t.receipt))
         from kora.message m join kora.delivery t using (workspace_id, message_id)
         where m.workspace_id = d.workspace_id and m.decision_id = d.decision_id and t.channel is not null), '[]') as told
     from kora.decision d
     where d.workspace_id = $1 and d.settled_at is null and d.status <> 'open'
       and not exists (select from kora.message m join kora.outbox o using (workspace_id, message_id)
         where m.workspace_id = d.workspace_id and m.decision_id = d.decision_id and o.leased_until > clock_timestamp())
     order by d.decision_id limit 50`,
    [workspaceId],
  );
}

/** Its codes are forgotten an hour after: until then whoever presses too late is told what became of it. */
export async function settled(db: Queryable, workspaceId: number, decisionId: number): Promise<void> {
  await db.query(
    `with over as (update kora.decision set settled_at = clock_timestamp()
       where workspace_id = $1 and decision_id = $2)
     delete from kora.decision_code c using kora.decision d
     where c.workspace_id = $1 and d.workspace_id = $1 and d.decision_id = c.decision_id
       and d.settled_at < clock_timestamp() - interval '1 hour'`,
    [workspaceId, decisionId],
  );
}
