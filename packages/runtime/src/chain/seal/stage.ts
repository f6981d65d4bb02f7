import type { Queryable } from '../../store/index.ts';
import { canonicalJson } from '../canonical.ts';
import type { EventDraft, EventType } from '../contract.ts';
import { storableText } from '../vocabulary.ts';
import type { Vocabulary } from '../vocabulary.ts';

/** Whose events these are; the same for everything one runtime raises in one workspace. */
export interface ChainOwner {
  readonly workspaceId: number;
  readonly runtimeId: string;
  /** One per process start. */
  readonly sessionId: string;
  /** Actor of events that name none. */
  readonly actorId: string;
}

/** Inserts events beside the state they record: they land with the caller's transaction or not at all. */
export async function stageEvents(
  tx: Queryable,
  owner: ChainOwner,
  vocabulary: Vocabulary,
  drafts: readonly EventDraft[],
): Promise<number[]> {
  if (drafts.length === 0) return [];
  const rows = drafts.map((event) => stageRow(event, owner, vocabulary));
  const staged = await tx.query<{ readonly number: number }>(
    `insert into kora.stage (workspace_id, type, schema_version, actor_id, runtime_id, session_id,
       correlation_id, causation_id, ticket_id, fence, event_id, body)
     select $1, type, version, actor, $2, $3, correlation, causation, ticket, fence, id, body
     from jsonb_to_recordset($4::jsonb) as draft(type text, version int, actor text, correlation text,
       causation uuid, ticket bigint, fence bigint, id uuid, body text)
     returning number`,
    [owner.workspaceId, owner.runtimeId, owner.sessionId, JSON.stringify(rows)],
  );
  return staged.map(({ number }) => number);
}

function stageRow(event: EventDraft, owner: ChainOwner, vocabulary: Vocabulary): Record<string, unknown> {
  const { version, payload } = vocabulary.parse(event);
  return {
    type: event.type,
    version,
    id: event.eventId ?? null,
    body: canonicalJson(payload),
    actor: storableText(event.actorId ?? owner.actorId),
    correlation: event.correlationId === undefined ? null : storableText(event.correlationId),
    causation: event.causationId ?? null,
    ticket: event.ticketId ?? null,
    fence: event.fence ?? null,
  };
}

export interface StageFragment {
  readonly type: EventType;
  /** The CTE that holds one row for each event. */
  readonly from: string;
  /** SQL of each field: ids, small integers and enums only, since no schema reads them before the seal. */
  readonly payload: Readonly<Record<string, string>>;
  /** SQL for workspace, runtime, session and actor, usually parameters. */
  readonly workspace: string;
  readonly runtime: string;
  readonly session: string;
  readonly actor: string;
  readonly correlation?: string;
  readonly ticket?: string;
  readonly fence?: string;
}

/** The staging part of a statement that another room writes: one event for each row of a CTE. Only here is `kora.stage` named. */
export function stageFragment(fragment: StageFragment): string {
  const { type } = fragment;
  return `insert into kora.stage (workspace_id, type, schema_version, actor_id, runtime_id, session_id,
      correlation_id, ticket_id, fence, body)
    select ${fragment.workspace}, '${type.type}', ${type.version}, ${fragment.actor}, ${fragment.runtime},
      ${fragment.session}, ${fragment.correlation ?? 'null'}, ${fragment.ticket ?? 'null'}, ${fragment.fence ?? 'null'},
      ${bodyOf(fragment.payload)}
    from ${fragment.from}`;
}

/** SQL that writes a payload as canonical JSON: sorted keys, no spaces. */
function bodyOf(payload: StageFragment['payload']): string {
  const fields = Object.entries(payload).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = fields.map(([key, sql]) => `'"${key}":' || coalesce(to_json(${sql})::text, 'null')`);
  return `'{' || ${parts.join(` || ',' || `)} || '}'`;
}
