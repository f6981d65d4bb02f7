import { draft } from '../../chain/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import { acceptMessage } from '../outbox.ts';
import { drillStarted } from './events.ts';
import { askDecision } from './rows.ts';
import type { DecisionContext } from './rows.ts';

export interface Drill {
  /** In the order in which they are tried. */
  readonly channels: readonly string[];
  /** How long each has before the next one is tried, milliseconds. */
  readonly waitMs: number;
  readonly reason: string;
  readonly by: string;
  readonly now: number;
  readonly key: string;
}

/** Until when an answer to the last one counts. */
const lastChanceMs = 600_000;

/**
 * Pages for practice: the first channel at once, each next one when nobody has answered by then. All are accepted here, so
 * that it goes on whoever started it goes away; an answer takes back those that were not sent. Answers its decision.
 */
export async function startDrill(
  tx: Transaction,
  context: DecisionContext,
  { channels, waitMs, reason, by, now, key }: Drill,
): Promise<number> {
  const messages = channels.map((channel) => ({ channel, key: `drill:${key}:${channel}` }));
  for (const [step, message] of messages.entries()) {
    await acceptMessage(tx, context, {
      ...message,
      fallback: [],
      thread: message.key,
      severity: 'critical',
      title: 'A drill: say that you heard this',
      body: `Nothing is wrong. ${by} wants to know whether you are reached: ${reason}`,
      source: 'drill',
    });
    await tx.query(
      `update kora.outbox o set due_at = clock_timestamp() + make_interval(secs => $3) from kora.message m
       where o.workspace_id = $1 and m.workspace_id = $1 and m.message_id = o.message_id and m.key = $2`,
      [context.workspaceId, message.key, (step * waitMs) / 1_000],
    );
  }
  const decisionId = await askDecision(tx, context, {
    kind: 'drill',
    subject: key,
    asker: by,
    title: `a drill: did you hear? (${reason})`,
    expiresAt: new Date(now + channels.length * waitMs + lastChanceMs),
    messages: messages.map((message) => message.key),
  });
  await context.stage(tx, [
    draft(drillStarted, { decision_id: decisionId, channels: [...channels], reason }),
  ]);
  return decisionId;
}

/**
 * Where a channel did not take its page, the next one is tried at once, and those after it as much sooner: nobody waits for
 * an answer over a channel that refused. Answers how many pages are sooner.
 */
export async function hurryDrills(db: Queryable, workspaceId: number): Promise<number> {
  // Set from what was read, so that two who look at once make it no sooner than one.
  const rows = await db.query(
    `with step as (select m.message_id, m.decision_id, o.due_at,
         o.due_at > clock_timestamp() and o.error is null and m.key like '%:' || m.channel as ahead,
         m.key not like '%:' || m.channel or o.error is not null
           or (o.message_id is not null and c.down_since is not null) as refused
       from kora.decision d join kora.message m on m.workspace_id = $1 and m.decision_id = d.decision_id
         left join kora.outbox o on o.workspace_id = $1 and o.message_id = m.message_id
         left join kora.channel c on c.workspace_id = $1 and c.channel = m.channel
       where d.workspace_id = $1 and d.kind = 'drill' and d.status = 'open'),
     latest as (select distinct on (decision_id) decision_id, refused from step
       where ahead is not true order by decision_id, message_id desc),
     sooner as (select decision_id, min(due_at) - clock_timestamp() as wait from step join latest using (decision_id)
       where ahead and latest.refused group by decision_id)
     update kora.outbox o set due_at = step.due_at - sooner.wait from step join sooner using (decision_id)
     where o.workspace_id = $1 and o.message_id = step.message_id and step.ahead returning o.message_id`,
    [workspaceId],
  );
  return rows.length;
}

/** What was not sent yet is not sent any more. */
export async function endDrill(tx: Transaction, workspaceId: number, key: string): Promise<void> {
  await tx.query(
    `with unsent as (delete from kora.outbox o using kora.message m
       where o.workspace_id = $1 and m.workspace_id = $1 and m.message_id = o.message_id
         and m.key like $2 and (o.leased_until is null or o.leased_until <= clock_timestamp())
       returning o.message_id)
     insert into kora.delivery (workspace_id, message_id, receipt, attempts)
     select $1, message_id, 'withdrawn', 0 from unsent`,
    [workspaceId, `drill:${key.replace(/[\\%_]/g, '\\$&')}:%`],
  );
}
