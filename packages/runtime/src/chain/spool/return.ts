import type { Database, Transaction } from '../../store/index.ts';
import { spoolReturned } from '../events.ts';
import { stageEvents } from '../seal/stage.ts';
import type { ChainOwner } from '../seal/stage.ts';
import { draft } from '../vocabulary.ts';
import type { Vocabulary } from '../vocabulary.ts';
import type { SpoolLine } from './file.ts';

export interface ReturnOptions {
  readonly database: Database;
  readonly owner: ChainOwner;
  readonly vocabulary: Vocabulary;
}

const batchLines = 200;

/**
 * Stages what waited, in its order, each event once: what the store has already, because its first try had been carried
 * out or because an earlier return was cut short, is left out.
 */
export async function returnLines(
  options: ReturnOptions,
  lines: readonly SpoolLine[],
  lost: number,
): Promise<void> {
  for (let at = 0; at < lines.length; at += batchLines) {
    const batch = lines.slice(at, at + batchLines);
    const last = at + batchLines >= lines.length;
    await options.database.transaction((tx) => returnBatch(tx, options, batch, last ? lost : 0));
  }
}

async function returnBatch(
  tx: Transaction,
  { owner, vocabulary }: ReturnOptions,
  batch: readonly SpoolLine[],
  lost: number,
): Promise<void> {
  const { workspaceId } = owner;
  if (batch.some(({ tried }) => tried)) {
    // A first try may still be under way in the server, though its connection is gone: writers of the stage and of the
    // chain's head are waited for, so that the look below sees what became of it.
    await tx.query('lock table kora.stage in share row exclusive mode');
    await tx.query('select from kora.chain_head where workspace_id = $1 for update', [workspaceId]);
  }
  const since = Math.min(...batch.map((line) => line.since));
  const ids = batch.map(({ id }) => id);
  const known = await tx.query<{ id: string }>(
    `select event_id as id from kora.stage where workspace_id = $1 and event_id = any($2)
     union all select event_id from kora.event where workspace_id = $1 and seq > $3 and event_id = any($2)`,
    [workspaceId, ids, since],
  );
  const there = new Set(known.map(({ id }) => id));
  const missing = batch.filter(({ id }) => !there.has(id.toLowerCase()));
  if (missing.length === 0 && lost === 0) return;
  await tx.query(
    `insert into kora.stage (workspace_id, type, schema_version, actor_id, runtime_id, session_id,
       correlation_id, causation_id, ticket_id, fence, event_id, body)
     select $1, type, version, actor, $2, session, correlation, causation, ticket, fence, id, body
     from jsonb_to_recordset($3::jsonb) as line(type text, version int, actor text, session uuid, correlation text,
       causation uuid, ticket bigint, fence bigint, id uuid, body text)`,
    [workspaceId, owner.runtimeId, JSON.stringify(missing)],
  );
  const events = missing.map(({ id, at }) => ({ event_id: id, at }));
  await stageEvents(tx, owner, vocabulary, [draft(spoolReturned, { count: missing.length, lost, events })]);
}
