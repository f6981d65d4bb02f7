import { fault } from '../../../fault/index.ts';
import type { Database, Transaction } from '../../../store/index.ts';
import type { EventDraft } from '../../contract.ts';
import { draft } from '../../vocabulary.ts';
import { chainAnchored } from '../events.ts';
import type { FoundCheckpoint } from '../form.ts';
import { lastOf } from './command.ts';
import type { Anchor } from './contract.ts';

export interface WorkspaceAnchor extends Pick<Anchor, 'name' | 'timeoutMs'> {
  readonly database: Database;
  /** Whose checkpoints these are, and the workspace of the same store that takes them. */
  readonly workspace: string;
  readonly other: string;
  /** Stages on the chain of another workspace. */
  readonly stage: (tx: Transaction, workspaceId: number, drafts: readonly EventDraft[]) => Promise<void>;
  readonly parse: (note: string) => FoundCheckpoint | undefined;
}

/** An anchor that is the chain of another workspace: each checkpoint is an event there, and so under its checkpoints. */
export function workspaceAnchor(options: WorkspaceAnchor): Anchor {
  const { database, workspace, other, stage } = options;
  return {
    name: options.name,
    kind: 'workspace',
    timeoutMs: options.timeoutMs,
    keep: async ({ note, size, root }) => {
      const workspaceId = await workspaceOf(database, other);
      const said = { workspace, size, root: root.toString('base64'), note };
      await database.transaction((tx) => stage(tx, workspaceId, [draft(chainAnchored, said)]));
    },
    newest: async () => {
      const rows = await database.query<{ readonly note: string }>(
        `select b.body::jsonb ->> 'note' as note
         from kora.event e join kora.event_body b using (workspace_id, seq)
         where workspace_id = $1 and e.type = $2 and b.body::jsonb ->> 'workspace' = $3
         order by seq desc limit 20`,
        [await workspaceOf(database, other), chainAnchored.type, workspace],
      );
      return lastOf(
        rows
          .map(({ note }) => `${note}\n`)
          .toReversed()
          .join(''),
        options.parse,
      );
    },
  };
}

async function workspaceOf(database: Database, name: string): Promise<number> {
  const [row] = await database.query<{ readonly id: number }>(
    'select workspace_id as id from kora.workspace where name = $1',
    [name],
  );
  if (row !== undefined) return row.id;
  throw fault('KORA_ANCHOR_FAILED', `the store has no workspace ${name}`, {
    fix: `start a runtime with --workspace ${name} once`,
  });
}
