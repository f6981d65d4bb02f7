import type { Queryable } from '../../store/index.ts';

export interface ConversationKey {
  readonly workspaceId: number;
  readonly channel: string;
  readonly conversation: string;
}

/** Whoever gives out places or the turn in a conversation does so alone, until its transaction ends. */
export async function lockConversation(
  tx: Queryable,
  { workspaceId, channel, conversation }: ConversationKey,
): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 43))', [
    JSON.stringify([workspaceId, channel, conversation]),
  ]);
}

/** A condition: nothing of this conversation is open, so that whoever comes has its turn. Takes parameters, not values. */
export function nothingOpen(workspace: string, channel: string, conversation: string): string {
  return `not exists (select from kora.inbound o where o.workspace_id = ${workspace} and o.channel = ${channel}
    and o.conversation = ${conversation} and not o.decides and o.state in ('received', 'waiting', 'working'))`;
}
