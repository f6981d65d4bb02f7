import type { Queryable } from '../store/index.ts';
import type { Severity } from './contract.ts';

/** Another message that one belongs to. */
export interface MessageRef {
  readonly messageId: number;
  readonly title: string;
  readonly channel: string;
}

/** What is known of a message that went out, beside what the log says of it. Times are ISO 8601. */
export interface ToldStory {
  readonly body: string;
  readonly key: string;
  readonly thread: string;
  readonly severity: Severity;
  readonly source: string;
  readonly correlationId: string | null;
  /** The event that said it was accepted: its deliveries name it as their cause. Null when an older build accepted it. */
  readonly acceptedEvent: string | null;
  readonly receipt: string | null;
  readonly deliveredAt: string | null;
  /** When it is tried next; null once it is told. */
  readonly nextTryAt: string | null;
  /** Channels that it still goes to in turn. */
  readonly fallback: readonly string[];
  /** The inbound message that it answers. */
  readonly answers: number | null;
  /** What it asks the operator. */
  readonly decision: { readonly decisionId: number; readonly kind: string; readonly subject: string } | null;
  readonly alertId: number | null;
  /** The one that it was told within. */
  readonly carriedBy: MessageRef | null;
  /** The one by which it is told again, because it came back. */
  readonly again: MessageRef | null;
}

type Row = Omit<ToldStory, 'deliveredAt' | 'nextTryAt' | 'decision' | 'carriedBy' | 'again'> & {
  readonly deliveredAt: Date | null;
  readonly nextTryAt: Date | null;
  readonly decisionId: number | null;
  readonly decisionKind: string | null;
  readonly decisionSubject: string | null;
  readonly within: number | null;
};

/** Undefined when none of that number went out. */
export async function readToldStory(
  db: Queryable,
  workspaceId: number,
  messageId: number,
): Promise<ToldStory | undefined> {
  const [row] = await db.query<Row>(
    `select m.body, m.key, m.thread, m.severity, m.source, m.correlation_id as "correlationId",
       m.accepted_event as "acceptedEvent", d.receipt, d.delivered_at as "deliveredAt", o.due_at as "nextTryAt",
       coalesce(o.fallback, '{}') as fallback, m.answers, m.decision_id as "decisionId", q.kind as "decisionKind",
       q.subject as "decisionSubject", coalesce(d.within, o.within) as within,
       (select a.alert_id from kora.alert_telling a where a.workspace_id = $1 and a.key = m.key limit 1) as "alertId"
     from kora.message m left join kora.delivery d using (workspace_id, message_id)
       left join kora.outbox o using (workspace_id, message_id)
       left join kora.decision q on q.workspace_id = $1 and q.decision_id = m.decision_id
     where m.workspace_id = $1 and m.message_id = $2`,
    [workspaceId, messageId],
  );
  if (row === undefined) return undefined;
  const { decisionId, decisionKind: kind, decisionSubject: subject, within, deliveredAt, nextTryAt } = row;
  const { body, key, thread, severity, source, correlationId, acceptedEvent, receipt, fallback } = row;
  const [carriedBy] =
    within === null ? [] : await refs(db, workspaceId, { where: 'message_id = $2', value: within });
  const [again] = await refs(db, workspaceId, { where: 'key = $2', value: `returned:${messageId}` });
  return {
    body,
    key,
    thread,
    severity,
    source,
    correlationId,
    acceptedEvent,
    receipt,
    deliveredAt: deliveredAt?.toISOString() ?? null,
    nextTryAt: nextTryAt?.toISOString() ?? null,
    fallback,
    answers: row.answers,
    decision: decisionId === null || kind === null || subject === null ? null : { decisionId, kind, subject },
    alertId: row.alertId,
    carriedBy: carriedBy ?? null,
    again: again ?? null,
  };
}

/** What was told to answer a message that came in, oldest first. */
export function answersTo(db: Queryable, workspaceId: number, inboundId: number): Promise<MessageRef[]> {
  return refs(db, workspaceId, { where: 'answers = $2', value: inboundId });
}

function refs(
  db: Queryable,
  workspaceId: number,
  { where, value }: { readonly where: string; readonly value: number | string },
): Promise<MessageRef[]> {
  return db.query<MessageRef>(
    `select message_id as "messageId", title, channel from kora.message where workspace_id = $1 and ${where}
     order by message_id limit 20`,
    [workspaceId, value],
  );
}
