import type { Queryable } from '../../store/index.ts';
import type { Turn } from '../contract.ts';
import { asHistory } from './history.ts';

/** Turns of a history that a model is shown, beside the one that began it all. */
const shownTurns = 40;

export interface ConversationOpened {
  readonly conversationId: number;
  /** What was said before, as a model is shown it. */
  readonly history: readonly Turn[];
}

/** The conversation of a thread, begun where it is new. Nobody else adds to it until the transaction ends. */
export async function openConversation(
  tx: Queryable,
  workspaceId: number,
  { channel, thread }: { readonly channel: string; readonly thread: string },
): Promise<ConversationOpened> {
  const [row] = await tx.query<{ conversationId: number }>(
    `insert into kora.conversation (workspace_id, channel, thread) values ($1, $2, $3)
     on conflict (workspace_id, channel, thread) do update set last_at = clock_timestamp()
     returning conversation_id as "conversationId"`,
    [workspaceId, channel, thread],
  );
  const conversationId = row?.conversationId ?? 0;
  return { conversationId, history: asHistory(await shown(tx, workspaceId, conversationId)) };
}

/** The newest turns, and always the question that began it. */
async function shown(db: Queryable, workspaceId: number, conversationId: number): Promise<readonly Turn[]> {
  const rows = await db.query<TurnRow>(
    `select n, direction, text, run_id as "runId", at from kora.conversation_turn
     where workspace_id = $1 and conversation_id = $2
       and (n > (select max(n) - $3 from kora.conversation_turn where workspace_id = $1 and conversation_id = $2)
         or n = (select min(n) from kora.conversation_turn
                 where workspace_id = $1 and conversation_id = $2 and direction = 'inbound'))
     order by n`,
    [workspaceId, conversationId, shownTurns],
  );
  return rows.map(({ direction, text, at }) => ({ direction, text, at: at.toISOString() }));
}

interface TurnRow {
  readonly n: number;
  readonly direction: Turn['direction'];
  readonly text: string;
  readonly runId: string;
  readonly at: Date;
}

export async function addTurn(
  tx: Queryable,
  workspaceId: number,
  turn: {
    readonly conversationId: number;
    readonly direction: Turn['direction'];
    readonly text: string;
    readonly runId: string;
  },
): Promise<void> {
  await tx.query(
    `with next as (
       update kora.conversation set turns = turns + 1, last_at = clock_timestamp()
       where workspace_id = $1 and conversation_id = $2 returning turns)
     insert into kora.conversation_turn (workspace_id, conversation_id, n, direction, text, run_id)
     select $1, $2, turns, $3, $4, $5 from next`,
    [workspaceId, turn.conversationId, turn.direction, turn.text, turn.runId],
  );
}

export interface ConversationRecord {
  readonly conversationId: number;
  readonly channel: string;
  readonly thread: string;
  readonly turns: number;
  readonly startedAt: Date;
  readonly lastAt: Date;
}

const columns = `conversation_id as "conversationId", channel, thread, turns, started_at as "startedAt", last_at as "lastAt"`;

/** The newest first, by what was said last. */
export function listConversations(
  db: Queryable,
  workspaceId: number,
  { limit }: { readonly limit: number },
): Promise<ConversationRecord[]> {
  return db.query<ConversationRecord>(
    `select ${columns} from kora.conversation where workspace_id = $1 order by last_at desc limit $2`,
    [workspaceId, limit],
  );
}

/** A conversation with its newest turns, oldest first; undefined when there is none of that number. */
export async function readConversation(
  db: Queryable,
  workspaceId: number,
  { conversationId, limit }: { readonly conversationId: number; readonly limit: number },
): Promise<(ConversationRecord & { readonly said: readonly TurnRow[] }) | undefined> {
  const [row] = await db.query<ConversationRecord>(
    `select ${columns} from kora.conversation where workspace_id = $1 and conversation_id = $2`,
    [workspaceId, conversationId],
  );
  if (row === undefined) return undefined;
  const newest = await db.query<TurnRow>(
    `select n, direction, text, run_id as "runId", at from kora.conversation_turn
     where workspace_id = $1 and conversation_id = $2 order by n desc limit $3`,
    [workspaceId, conversationId, limit],
  );
  return { ...row, said: newest.reverse() };
}
