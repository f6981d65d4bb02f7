import { draft } from '../../chain/index.ts';
import type { Transaction } from '../../store/index.ts';
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
