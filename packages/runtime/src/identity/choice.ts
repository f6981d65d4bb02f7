import { z } from 'zod';
import { classified, draft, eventType } from '../chain/index.ts';
import type { EventDraft, EventType } from '../chain/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';

const chosen = classified({
  public: {
    name: z.string(),
    /** Of its texts as they were when it was chosen. */
    hash: z.string().optional(),
  },
  internal: { reason: z.string() },
});
const identityChosen: EventType<z.infer<typeof chosen>> = eventType(
  'kora.identity.chosen',
  'The operator chose who the runtime is in this workspace.',
  chosen,
);
export const identityEvents: readonly EventType[] = [identityChosen];

/** What the operator chose for a workspace; null when nobody did. */
export async function readChoice(db: Queryable, workspaceId: number): Promise<string | null> {
  const [row] = await db.query<{ name: string }>(
    'select name from kora.identity_choice where workspace_id = $1',
    [workspaceId],
  );
  return row?.name ?? null;
}

export interface ChooseContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

export async function chooseIdentity(
  tx: Transaction,
  context: ChooseContext,
  choice: {
    readonly name: string;
    readonly hash?: string;
    readonly by: string;
    readonly reason: string;
  },
): Promise<void> {
  await tx.query(
    `insert into kora.identity_choice (workspace_id, name, chosen_by, reason) values ($1, $2, $3, $4)
     on conflict (workspace_id) do update set name = excluded.name, chosen_by = excluded.chosen_by,
       reason = excluded.reason, chosen_at = clock_timestamp()`,
    [context.workspaceId, choice.name, choice.by, choice.reason],
  );
  const { name, hash, by, reason } = choice;
  const payload = { name, reason, ...(hash === undefined ? {} : { hash }) };
  await context.stage(tx, [draft(identityChosen, payload, { actorId: by })]);
}
