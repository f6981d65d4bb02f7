import type {
  AlertCategory,
  AlertCondition,
  AlertSource,
  AlertStatus,
  AlertView,
  Severity,
} from './contract.ts';
import { fault } from '../fault/index.ts';
import type { Queryable } from '../store/index.ts';
import type { AlertState } from './state.ts';
import { viewsOf } from './view.ts';
import type { Viewing } from './view.ts';

const instants = [
  'firstSeenAt',
  'episodeAt',
  'lastSeenAt',
  'quietSince',
  'resolvedAt',
  'toldAt',
  'acknowledgedAt',
  'snoozedUntil',
  'escalatedAt',
  'heardAt',
] as const;
type Instant = (typeof instants)[number];

type Row = Omit<AlertState, Instant> & { readonly [Name in Instant]: Date | null };

const columns = `alert_id as "alertId", source, key, owner, category, severity, title, detail, next_step as "next", voice,
  incident_id as "incidentId", case when thread = '' then 'alert:' || alert_id else thread end as thread,
  wake_id as "wakeId", status, episode, returns, first_seen_at as "firstSeenAt", episode_at as "episodeAt",
  last_seen_at as "lastSeenAt", quiet_since as "quietSince", resolved_at as "resolvedAt", owed, told_at as "toldAt",
  told_episode as "toldEpisode", tellings, acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy",
  acknowledge_reason as "acknowledgeReason", snoozed_until as "snoozedUntil", snooze_reason as "snoozeReason",
  escalations, escalated_at as "escalatedAt", heard_at as "heardAt", heard_over as "heardOver",
  late_returns as "lateReturns"`;

/** A row for each condition that has none yet: of an alert that never began. */
export async function enter(
  db: Queryable,
  workspaceId: number,
  conditions: readonly AlertCondition[],
  now: number,
): Promise<void> {
  if (conditions.length === 0) return;
  const column = (of: (condition: AlertCondition) => string | number | null) => conditions.map(of);
  await db.query(
    `insert into kora.alert (workspace_id, source, key, owner, category, severity, title, detail, next_step, voice,
       incident_id, thread, status, episode, returns, first_seen_at, episode_at, last_seen_at, resolved_at)
     select $1, source, key, owner, category, severity, title, detail, next_step, voice, incident_id, thread,
       'resolved', 0, 0, $13, $13, $13, $13
     from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
       $10::text[], $11::bigint[], $12::text[])
       as it(source, key, owner, category, severity, title, detail, next_step, voice, incident_id, thread)
     where not exists (select from kora.alert a where a.workspace_id = $1 and a.source = it.source and a.key = it.key
       and a.owner = it.owner)
     on conflict (workspace_id, source, key, owner) do nothing`,
    [
      workspaceId,
      column(({ source }) => source),
      column(({ key }) => key),
      column(({ owner }) => owner ?? ''),
      column(({ category }) => category),
      column(({ severity }) => severity),
      column(({ title }) => title),
      column(({ detail }) => detail),
      column(({ next }) => next),
      column(({ toldIn }) => (toldIn === null ? 'alert' : 'source')),
      column(({ incidentId }) => incidentId),
      column(({ toldIn }) => toldIn ?? ''),
      new Date(now),
    ],
  );
}

/** What is not over or not told, and what these conditions are about. */
export async function readConcerned(
  db: Queryable,
  workspaceId: number,
  conditions: readonly AlertCondition[],
): Promise<AlertState[]> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.alert a where workspace_id = $1 and (status = 'active' or owed is not null
       or (source, key, owner) in (select * from unnest($2::text[], $3::text[], $4::text[])))
     order by alert_id`,
    [
      workspaceId,
      conditions.map(({ source }) => source),
      conditions.map(({ key }) => key),
      conditions.map(({ owner }) => owner ?? ''),
    ],
  );
  return rows.map(stateOf);
}

/** Writes one down as it stands now. */
export async function keepAlert(db: Queryable, workspaceId: number, alert: AlertState): Promise<void> {
  const at = (instant: number | null): Date | null => (instant === null ? null : new Date(instant));
  await db.query(
    `update kora.alert set category = $3, severity = $4, title = $5, detail = $6, next_step = $7, incident_id = $8,
       thread = $9, wake_id = $10, status = $11, episode = $12, returns = $13, first_seen_at = $14, episode_at = $15,
       last_seen_at = $16, quiet_since = $17, resolved_at = $18, owed = $19, told_at = $20, told_episode = $21,
       tellings = $22, acknowledged_at = $23, acknowledged_by = $24, acknowledge_reason = $25, snoozed_until = $26,
       snooze_reason = $27, escalations = $28, escalated_at = $29, heard_at = $30, heard_over = $31, late_returns = $32
     where workspace_id = $1 and alert_id = $2`,
    [
      workspaceId,
      alert.alertId,
      alert.category,
      alert.severity,
      alert.title,
      alert.detail,
      alert.next,
      alert.incidentId,
      alert.thread,
      alert.wakeId,
      alert.status,
      alert.episode,
      alert.returns,
      at(alert.firstSeenAt),
      at(alert.episodeAt),
      at(alert.lastSeenAt),
      at(alert.quietSince),
      at(alert.resolvedAt),
      alert.owed,
      at(alert.toldAt),
      alert.toldEpisode,
      alert.tellings,
      at(alert.acknowledgedAt),
      alert.acknowledgedBy,
      alert.acknowledgeReason,
      at(alert.snoozedUntil),
      alert.snoozeReason,
      alert.escalations,
      at(alert.escalatedAt),
      at(alert.heardAt),
      alert.heardOver,
      alert.lateReturns,
    ],
  );
}

/** One alert, held until the transaction ends. Throws KORA_ALERT_UNKNOWN. */
export async function holdAlert(db: Queryable, workspaceId: number, alertId: number): Promise<AlertState> {
  const [row] = await db.query<Row>(
    `select ${columns} from kora.alert where workspace_id = $1 and alert_id = $2 and episode > 0 for update`,
    [workspaceId, alertId],
  );
  return row === undefined ? unknown(alertId) : stateOf(row);
}

/** Throws KORA_ALERT_UNKNOWN. */
export async function findAlert(
  db: Queryable,
  workspaceId: number,
  alertId: number,
  viewing: Viewing,
): Promise<AlertView> {
  const [row] = await db.query<Row>(
    `select ${columns} from kora.alert where workspace_id = $1 and alert_id = $2 and episode > 0`,
    [workspaceId, alertId],
  );
  if (row === undefined) return unknown(alertId);
  const [view] = await viewsOf(db, workspaceId, [stateOf(row)], viewing);
  return view ?? unknown(alertId);
}

/** These as they stand, without what was told of them. */
export async function alertStandings(
  db: Queryable,
  workspaceId: number,
  alertIds: readonly number[],
): Promise<AlertState[]> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.alert where workspace_id = $1 and alert_id = any($2)`,
    [workspaceId, alertIds],
  );
  return rows.map(stateOf);
}

export interface AlertQuery {
  readonly status?: AlertStatus | undefined;
  readonly category?: AlertCategory | undefined;
  readonly severity?: Severity | undefined;
  readonly source?: AlertSource | undefined;
  readonly limit?: number | undefined;
}

/** Active ones first, then the newest. */
export async function listAlerts(
  db: Queryable,
  workspaceId: number,
  query: AlertQuery,
  viewing: Viewing,
): Promise<AlertView[]> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.alert
     where workspace_id = $1 and episode > 0 and ($2::text is null or status = $2) and ($3::text is null or category = $3)
       and ($4::text is null or severity = $4) and ($5::text is null or source = $5)
     order by status, array_position(array['critical', 'warning', 'info'], severity), episode_at desc, alert_id desc
     limit $6`,
    [
      workspaceId,
      query.status ?? null,
      query.category ?? null,
      query.severity ?? null,
      query.source ?? null,
      Math.min(500, query.limit ?? 50),
    ],
  );
  return viewsOf(db, workspaceId, rows.map(stateOf), viewing);
}

/** Forgets what has been over for so many days and was told; the events stay. */
export async function pruneAlerts(
  db: Queryable,
  workspaceId: number,
  { now, days }: { readonly now: number; readonly days: number },
): Promise<void> {
  await db.query(
    `with over as (delete from kora.alert where workspace_id = $1 and status = 'resolved' and owed is null
       and resolved_at < $2 returning alert_id)
     delete from kora.alert_telling t using over where t.workspace_id = $1 and t.alert_id = over.alert_id`,
    [workspaceId, new Date(now - days * 86_400_000)],
  );
}

function stateOf(row: Row): AlertState {
  const read = Object.fromEntries(instants.map((name) => [name, row[name]?.getTime() ?? null]));
  // Which of them can be null is the table's own rule.
  return { ...row, ...read } as unknown as AlertState;
}

function unknown(alertId: number): never {
  throw fault('KORA_ALERT_UNKNOWN', `there is no alert ${alertId}`, { fix: 'kora alert list' });
}

/** What a wake says of the alert that raised it. Times are ISO 8601. */
export interface AlertOfWake {
  readonly alertId: number;
  readonly wakeId: string;
  readonly source: string;
  readonly thread: string;
  /** Keys of the messages about it, the oldest first; others may be told of in the same message. */
  readonly keys: readonly string[];
  readonly returns: number;
  readonly owed: string | null;
  /** When a message about it was made; null while none was, or when whoever found it tells of it. */
  readonly toldAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgeReason: string | null;
  readonly snoozedUntil: string | null;
  readonly snoozeReason: string | null;
}

/** Of these alerts those that still stand for the wake that they raised, by the wake. */
export async function alertsOfWakes(
  db: Queryable,
  workspaceId: number,
  wakes: readonly { readonly alertId: number; readonly wakeId: string }[],
): Promise<ReadonlyMap<string, AlertOfWake>> {
  type Times = 'toldAt' | 'snoozedUntil';
  const rows = await db.query<Omit<AlertOfWake, Times> & { readonly [Name in Times]: Date | null }>(
    `select a.alert_id as "alertId", a.wake_id as "wakeId", source, a.returns, owed, told_at as "toldAt",
       acknowledged_by as "acknowledgedBy", acknowledge_reason as "acknowledgeReason",
       snoozed_until as "snoozedUntil", snooze_reason as "snoozeReason",
       case when thread = '' then 'alert:' || a.alert_id else thread end as thread,
       array(select key from kora.alert_telling t where t.workspace_id = $1 and t.alert_id = a.alert_id
         order by said_at) as keys
     from kora.alert a join unnest($2::bigint[], $3::text[]) as w(alert, wake)
       on a.alert_id = w.alert and a.wake_id = w.wake
     where a.workspace_id = $1`,
    [workspaceId, wakes.map(({ alertId }) => alertId), wakes.map(({ wakeId }) => wakeId)],
  );
  const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
  return new Map(
    rows.map((row) => [row.wakeId, { ...row, toldAt: iso(row.toldAt), snoozedUntil: iso(row.snoozedUntil) }]),
  );
}
