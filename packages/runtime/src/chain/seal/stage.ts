import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import { canonicalJson } from '../canonical.ts';
import type { EventDraft, EventType } from '../contract.ts';
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

/** An event as it is written: parsed, free of secrets, its payload canonical. */
export interface StagedBody {
  readonly id: string | null;
  readonly type: string;
  readonly version: number;
  readonly actor: string;
  readonly correlation: string | null;
  readonly causation: string | null;
  readonly ticket: number | null;
  readonly fence: number | null;
  readonly body: string;
}

/** Inserts events beside the state they record: they land with the caller's transaction or not at all. */
export async function stageEvents(
  tx: Queryable,
  owner: ChainOwner,
  vocabulary: Vocabulary,
  drafts: readonly EventDraft[],
): Promise<void> {
  if (drafts.length === 0) return;
  const rows = drafts.map((event) => stageRow(event, owner, vocabulary));
  await tx.query(
    `insert into kora.stage (workspace_id, type, schema_version, actor_id, runtime_id, session_id,
       correlation_id, causation_id, ticket_id, fence, event_id, body)
     select $1, type, version, actor, $2, $3, correlation, causation, ticket, fence, id, body
     from json_to_recordset($4::json) as draft(type text, version int, actor text, correlation text,
       causation uuid, ticket bigint, fence bigint, id uuid, body text)`,
    [owner.workspaceId, owner.runtimeId, owner.sessionId, JSON.stringify(rows)],
    { name: 'chain_stage' },
  );
}

/** Throws what the vocabulary throws, and KORA_EVENT_INVALID on a link that the columns would refuse. */
export function stageRow(event: EventDraft, owner: ChainOwner, vocabulary: Vocabulary): StagedBody {
  const { version, payload } = vocabulary.parse(event);
  return {
    id: uuidOf(event, 'eventId'),
    type: event.type,
    version,
    actor: vocabulary.text(event.actorId ?? owner.actorId),
    correlation: correlationOf(event, vocabulary),
    causation: uuidOf(event, 'causationId'),
    ticket: integerOf(event, 'ticketId'),
    fence: integerOf(event, 'fence'),
    body: canonicalJson(payload),
  };
}

/** Bytes; the stage refuses more. */
const maxCorrelation = 2_000;

function correlationOf({ type, correlationId }: EventDraft, vocabulary: Vocabulary): string | null {
  if (correlationId === undefined) return null;
  const text = vocabulary.text(correlationId);
  if (Buffer.byteLength(text) <= maxCorrelation) return text;
  throw fault('KORA_EVENT_INVALID', `event ${type}: correlationId is longer than ${maxCorrelation} bytes`);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

// Events of many callers are written by one statement: what is wrong with one must not refuse the others.
function uuidOf(event: EventDraft, field: 'eventId' | 'causationId'): string | null {
  const value = event[field];
  if (value === undefined) return null;
  if (uuid.test(value)) return value;
  throw fault('KORA_EVENT_INVALID', `event ${event.type}: ${field} "${value}" is not a uuid`);
}

function integerOf(event: EventDraft, field: 'ticketId' | 'fence'): number | null {
  const value = event[field];
  if (value === undefined) return null;
  if (Number.isSafeInteger(value)) return value;
  throw fault('KORA_EVENT_INVALID', `event ${event.type}: ${field} ${value} is not a whole number`);
}

export interface StageFragment {
  /** Of all of them, or where they differ the SQL of each one's type and version, from what the chain prepared. */
  readonly type: EventType | { readonly typeSql: string; readonly versionSql: string };
  /** The CTE that holds one row for each event. */
  readonly from: string;
  /**
   * SQL of each field: ids, small integers and enums only, since no schema reads them before the seal; or SQL of the
   * whole body, which the chain prepared.
   */
  readonly payload: Readonly<Record<string, string>> | string;
  /** SQL of a uuid of version 7 or null: for whoever must name the event before it is sealed. */
  readonly id?: string;
  /** SQL for workspace, runtime, session and actor, usually parameters. */
  readonly workspace: string;
  readonly runtime: string;
  readonly session: string;
  readonly actor: string;
  readonly correlation?: string;
  readonly causation?: string;
  readonly ticket?: string;
  readonly fence?: string;
}

/** The staging part of a statement that another room writes: one event for each row of a CTE. Only here is `kora.stage` named. */
export function stageFragment(fragment: StageFragment): string {
  const { type, payload } = fragment;
  const kind = 'typeSql' in type ? `${type.typeSql}, ${type.versionSql}` : `'${type.type}', ${type.version}`;
  return `insert into kora.stage (workspace_id, type, schema_version, actor_id, runtime_id, session_id,
      correlation_id, causation_id, ticket_id, fence, event_id, body)
    select ${fragment.workspace}, ${kind}, ${fragment.actor}, ${fragment.runtime},
      ${fragment.session}, ${fragment.correlation ?? 'null'}, ${fragment.causation ?? 'null'}::uuid,
      ${fragment.ticket ?? 'null'}, ${fragment.fence ?? 'null'}, ${fragment.id ?? 'null'}::uuid,
      ${typeof payload === 'string' ? payload : bodyOf(payload)}
    from ${fragment.from}`;
}

/** SQL that writes a payload as canonical JSON: sorted keys, no spaces. */
function bodyOf(payload: Readonly<Record<string, string>>): string {
  const fields = Object.entries(payload).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = fields.map(([key, sql]) => `'"${key}":' || coalesce(to_json(${sql})::text, 'null')`);
  return `'{' || ${parts.join(` || ',' || `)} || '}'`;
}
