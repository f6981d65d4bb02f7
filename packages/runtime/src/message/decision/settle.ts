import { backoffMs, withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { Database, Queryable } from '../../store/index.ts';
import type { ChannelSpec } from '../contract.ts';
import type { DecisionView } from './contract.ts';

type Outcome = Pick<DecisionView, 'kind' | 'status' | 'verdict' | 'title'> & {
  readonly answeredVia?: string | null;
  readonly via?: string;
};

const decided = { approve: 'approved', deny: 'denied' };
const heard = { approve: 'heard', deny: 'heard, and not now' };

/** One line: what became of it. */
export function outcomeWords({ kind, status, verdict, title, answeredVia, via }: Outcome): string {
  const over = answeredVia ?? via;
  const how = over === undefined ? '' : ` (${over === 'api' ? 'terminal or page' : over})`;
  // Whatever was said to it, it was heard.
  const words = kind === 'drill' ? heard : decided;
  if (status === 'answered') return `${verdict === 'approve' ? words.approve : words.deny}${how}: ${title}`;
  if (status === 'expired') return `nobody answered in time: ${title}`;
  if (status === 'withdrawn') return `no longer asked: ${title}`;
  return `waits for you: ${title}`;
}

export interface SettlingOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  /** A channel outside of the store; undefined when it is not here. */
  readonly channel: (name: string) => Pick<ChannelSpec, 'settle'> | undefined;
  readonly onError: (where: string, error: unknown) => void;
}

const deadlineMs = 10_000;
const backoff = { firstMs: 10_000, longestMs: 900_000 };

/** Shows what became of decisions where they were asked: their buttons go. */
export class Settling {
  readonly #options: SettlingOptions;
  /** What could not be shown: when it is tried again, and how often it was. */
  #waiting: ReadonlyMap<number, { readonly until: number; readonly failures: number }> = new Map();

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  /** One look at what is over and not shown yet. What cannot be shown is tried again, later and later, for a day. */
  async look(signal: AbortSignal): Promise<void> {
    const { database, workspaceId, clock } = this.#options;
    const now = clock.monotonic();
    const waiting = new Map([...this.#waiting].filter(([, { until }]) => until > now));
    for (const decision of await owedSettlements(database, workspaceId, [...waiting.keys()])) {
      const { decisionId } = decision;
      if ((await this.#show(decision, signal)) || decision.tooLate) {
        await settled(database, workspaceId, decisionId);
        continue;
      }
      if (signal.aborted) return;
      const failures = this.#waiting.get(decisionId)?.failures ?? 0;
      const until = clock.monotonic() + backoffMs(clock, failures, backoff);
      waiting.set(decisionId, { until, failures: failures + 1 });
    }
    this.#waiting = waiting;
  }

  /** Whether all of its messages show it. A channel that is not here may come, and has a message to change. */
  async #show(decision: OwedSettlement, signal: AbortSignal): Promise<boolean> {
    const { clock, channel, onError } = this.#options;
    let all = true;
    for (const told of decision.told) {
      const shows = channel(told.channel);
      if (shows === undefined && told.channel !== 'inbox') all = false;
      const settle = shows?.settle?.bind(shows);
      if (settle === undefined) continue;
      const what = `channel ${told.channel}`;
      const deadline = { ms: deadlineMs, what, signal, graceMs: 0 };
      try {
        await withDeadline(clock, deadline, (limit) => settle(told.receipt, outcomeWords(decision), limit));
      } catch (error) {
        if (signal.aborted) return false;
        all = false;
        onError(what, error);
      }
    }
    return all;
  }
}

interface OwedSettlement extends Outcome {
  readonly decisionId: number;
  readonly told: readonly { readonly channel: string; readonly receipt: string }[];
  /** It has been tried for a day. */
  readonly tooLate: boolean;
}

/** Decisions that are over and whose messages do not show it yet; one whose message is still on its way waits. */
async function owedSettlements(
  db: Queryable,
  workspaceId: number,
  waiting: readonly number[],
): Promise<OwedSettlement[]> {
  return db.query<OwedSettlement>(
    `select d.decision_id as "decisionId", d.kind, d.status, d.verdict, d.title, d.answered_via as "answeredVia",
       d.ended_at < clock_timestamp() - interval '1 day' as "tooLate",
       coalesce((select jsonb_agg(jsonb_build_object('channel', t.channel, 'receipt', t.receipt))
         from kora.message m join kora.delivery t using (workspace_id, message_id)
         where m.workspace_id = d.workspace_id and m.decision_id = d.decision_id and t.channel is not null), '[]') as told
     from kora.decision d
     where d.workspace_id = $1 and d.settled_at is null and d.status <> 'open' and d.decision_id <> all($2)
       and not exists (select from kora.message m join kora.outbox o using (workspace_id, message_id)
         where m.workspace_id = d.workspace_id and m.decision_id = d.decision_id and o.leased_until > clock_timestamp())
     order by d.decision_id limit 50`,
    [workspaceId, waiting],
  );
}

/** Its codes are forgotten an hour after: until then whoever presses too late is told what became of it. */
async function settled(db: Queryable, workspaceId: number, decisionId: number): Promise<void> {
  await db.query(
    `with over as (update kora.decision set settled_at = clock_timestamp()
       where workspace_id = $1 and decision_id = $2)
     delete from kora.decision_code c using kora.decision d
     where c.workspace_id = $1 and d.workspace_id = $1 and d.decision_id = c.decision_id
       and d.settled_at < clock_timestamp() - interval '1 hour'`,
    [workspaceId, decisionId],
  );
}
