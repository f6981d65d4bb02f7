import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import type { DecisionStatus, DecisionView, Ended, Verdict } from './contract.ts';
import { decisionAnswered, decisionAsked, decisionEnded } from './events.ts';

export interface DecisionContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

export interface NewDecision {
  readonly kind: string;
  readonly subject: string;
  readonly asker: string;
  readonly title: string;
  readonly expiresAt: Date;
  /** Keys of the messages that ask for it, accepted in this transaction. */
  readonly messages?: readonly string[];
}

interface Row extends Omit<DecisionView, 'askedAt' | 'expiresAt' | 'endedAt'> {
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
}

const columns = `decision_id as "decisionId", kind, subject, asker, title, asked_at as "askedAt", expires_at as "expiresAt",
  case when status = 'open' and expires_at <= clock_timestamp() then 'expired' else status end as status, verdict,
  ended_at as "endedAt", answered_by as "answeredBy", answered_via as "answeredVia", note`;

/** Asks for a decision, in the caller's transaction; the same question again is the one that is open. Answers its number. */
export async function askDecision(
  tx: Transaction,
  context: DecisionContext,
  { kind, subject, asker, title, expiresAt, messages = [] }: NewDecision,
): Promise<number> {
  const { workspaceId, stage } = context;
  await endLapsed(tx, context, { kind, subject });
  const [made] = await tx.query<{ decisionId: number }>(
    `insert into kora.decision (workspace_id, kind, subject, asker, title, expires_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (workspace_id, kind, subject) where status = 'open' do nothing returning decision_id as "decisionId"`,
    [workspaceId, kind, subject, asker, title, expiresAt],
  );
  const decisionId = made?.decisionId ?? (await openOne(tx, workspaceId, kind, subject));
  if (messages.length > 0)
    await tx.query(`update kora.message set decision_id = $2 where workspace_id = $1 and key = any($3)`, [
      workspaceId,
      decisionId,
      messages,
    ]);
  if (made !== undefined) {
    const payload = { decision_id: decisionId, kind, expires_at: expiresAt.toISOString() };
    await stage(tx, [draft(decisionAsked, { ...payload, subject, asker, title })]);
  }
  return decisionId;
}

/** One whose time ran out is no open question, though nobody has written that down yet. */
async function endLapsed(
  tx: Transaction,
  { workspaceId, stage }: DecisionContext,
  { kind, subject }: Pick<NewDecision, 'kind' | 'subject'>,
): Promise<void> {
  const [lapsed] = await tx.query<{ decisionId: number }>(
    `update kora.decision set status = 'expired', ended_at = clock_timestamp()
     where workspace_id = $1 and kind = $2 and subject = $3 and status = 'open' and expires_at <= clock_timestamp()
     returning decision_id as "decisionId"`,
    [workspaceId, kind, subject],
  );
  if (lapsed === undefined) return;
  const said = { decision_id: lapsed.decisionId, kind, status: 'expired', subject } as const;
  await stage(tx, [draft(decisionEnded, said)]);
}

async function openOne(tx: Transaction, workspaceId: number, kind: string, subject: string): Promise<number> {
  const [row] = await tx.query<{ decisionId: number }>(
    `select decision_id as "decisionId" from kora.decision
     where workspace_id = $1 and kind = $2 and subject = $3 and status = 'open'`,
    [workspaceId, kind, subject],
  );
  if (row === undefined) throw fault('KORA_INTERNAL', `a decision about ${kind} ${subject} ended meanwhile`);
  return row.decisionId;
}

/** The open ones, the one that ends first at the top; with `all`, everything, newest first. */
export async function listDecisions(
  db: Queryable,
  workspaceId: number,
  query: { readonly all?: boolean | undefined; readonly limit?: number | undefined } = {},
): Promise<DecisionView[]> {
  const all = query.all === true;
  const rows = await db.query<Row>(
    `select ${columns} from kora.decision where workspace_id = $1
       and ($2 or (status = 'open' and expires_at > clock_timestamp()))
     order by ${all ? 'decision_id desc' : 'expires_at, decision_id'} limit $3`,
    [workspaceId, all, Math.min(500, query.limit ?? 50)],
  );
  return rows.map(viewOf);
}

/** Throws KORA_DECISION_UNKNOWN. */
export async function findDecision(
  db: Queryable,
  workspaceId: number,
  decisionId: number,
): Promise<DecisionView> {
  const [row] = await db.query<Row>(
    `select ${columns} from kora.decision where workspace_id = $1 and decision_id = $2`,
    [workspaceId, decisionId],
  );
  if (row !== undefined) return viewOf(row);
  throw fault('KORA_DECISION_UNKNOWN', `there is no decision ${decisionId}`, { fix: 'kora decision list' });
}

export async function openDecisions(db: Queryable, workspaceId: number): Promise<number> {
  const [row] = await db.query<{ open: number }>(
    `select count(*)::int as open from kora.decision
     where workspace_id = $1 and status = 'open' and expires_at > clock_timestamp()`,
    [workspaceId],
  );
  return row?.open ?? 0;
}

/** Whether a question waits for its answer, or was denied once: whoever asks it as it is asks again for nothing. */
export async function waitsOrDenied(
  db: Queryable,
  workspaceId: number,
  { kind, subject }: Pick<NewDecision, 'kind' | 'subject'>,
): Promise<boolean> {
  const known = await db.query(
    `select from kora.decision where workspace_id = $1 and kind = $2 and subject = $3
       and (status = 'open' or verdict = 'deny') limit 1`,
    [workspaceId, kind, subject],
  );
  return known.length > 0;
}

export interface Answer {
  readonly decisionId: number;
  readonly verdict: Verdict;
  readonly by: string;
  readonly via: string;
  readonly note: string | null;
  /** It was answered elsewhere while there was time, and is only written down now. */
  readonly before?: boolean;
}

/** Marks it answered; undefined when it is over already. Its codes are worth nothing from then on. */
export async function markAnswered(
  tx: Transaction,
  { workspaceId, stage }: DecisionContext,
  { decisionId, verdict, by, via, note, before = false }: Answer,
): Promise<DecisionView | undefined> {
  const [row] = await tx.query<Row>(
    `update kora.decision set status = 'answered', verdict = $3, answered_by = $4, answered_via = $5, note = $6,
       ended_at = clock_timestamp()
     where workspace_id = $1 and decision_id = $2 and status = 'open' and ($7 or expires_at > clock_timestamp())
     returning ${columns}`,
    [workspaceId, decisionId, verdict, by, via, note, before],
  );
  if (row === undefined) return undefined;
  const payload = { decision_id: decisionId, kind: row.kind, verdict, via };
  await stage(tx, [draft(decisionAnswered, { ...payload, subject: row.subject, by, note }, { actorId: by })]);
  return viewOf(row);
}

/** Marks what is over for another reason than an answer here. True when nobody answered it. */
export async function markEnded(
  tx: Transaction,
  context: DecisionContext,
  open: Pick<DecisionView, 'decisionId' | 'kind' | 'subject'>,
  { status, verdict, by }: Omit<Ended, 'subject'>,
): Promise<boolean> {
  const { workspaceId, stage } = context;
  const { decisionId, kind, subject } = open;
  if (status === 'answered' && verdict !== undefined && by !== undefined) {
    await markAnswered(tx, context, { decisionId, verdict, by, via: 'api', note: null, before: true });
    return false;
  }
  const word: Exclude<DecisionStatus, 'open' | 'answered'> = status === 'expired' ? 'expired' : 'withdrawn';
  const ended = await tx.query(
    `update kora.decision set status = $3, ended_at = clock_timestamp()
     where workspace_id = $1 and decision_id = $2 and status = 'open' returning decision_id`,
    [workspaceId, decisionId, word],
  );
  if (ended.length === 0) return false;
  await stage(tx, [draft(decisionEnded, { decision_id: decisionId, kind, status: word, subject })]);
  return true;
}

function viewOf(row: Row): DecisionView {
  return {
    ...row,
    askedAt: row.askedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}
