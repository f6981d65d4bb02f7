import type { Queryable, Transaction } from '../store/index.ts';
import type { AlertTelling, ToldMessage } from './contract.ts';
import type { Telling } from './hear.ts';
import type { AlertState } from './state.ts';

interface TellingRow {
  readonly alertId: number;
  readonly key: string;
  readonly saidAt: Date;
  readonly passedAt: Date | null;
}

/** How messages stand at their channels, by their keys and of whole threads, the newest first. */
export type ReadTold = (
  db: Queryable,
  of: { readonly keys: readonly string[]; readonly threads: readonly string[] },
) => Promise<readonly ToldMessage[]>;

/** Writes down that a message is about these alerts, or that it was handed on. */
export async function keepTelling(
  tx: Transaction,
  workspaceId: number,
  telling: {
    readonly alerts: readonly Pick<AlertState, 'alertId' | 'returns'>[];
    readonly key: string;
    readonly at: number;
    readonly passed?: boolean;
  },
): Promise<void> {
  const { alerts, key, at, passed = false } = telling;
  await tx.query(
    `insert into kora.alert_telling (workspace_id, alert_id, key, returns, said_at, passed_at)
     select $1, alert_id, $3, returns, $5, case when $6 then $5::timestamptz end
     from unnest($2::bigint[], $4::int[]) as it(alert_id, returns)
     on conflict (workspace_id, alert_id, key) do update set passed_at = excluded.passed_at`,
    [
      workspaceId,
      alerts.map(({ alertId }) => alertId),
      key,
      alerts.map(({ returns }) => returns),
      new Date(at),
      passed,
    ],
  );
}

/** How the latest messages about what goes on stand, of those that nobody outside has taken yet. */
export async function readTellings(
  db: Queryable,
  workspaceId: number,
  { alerts, told }: { readonly alerts: readonly AlertState[]; readonly told: ReadTold },
): Promise<Telling[]> {
  const asked = alerts.filter(
    ({ status, severity, heardOver }) =>
      status === 'active' && severity !== 'info' && (heardOver === null || heardOver === 'inbox'),
  );
  if (asked.length === 0) return [];
  const rows = await rowsOf(
    db,
    workspaceId,
    asked.map(({ alertId }) => alertId),
  );
  const threads = asked.filter(({ voice }) => voice === 'source').map(({ thread }) => thread);
  const messages = await told(db, { keys: [...new Set(rows.map(({ key }) => key))], threads });
  return asked.flatMap((alert) => tellingsOf(alert, rows, messages));
}

function tellingsOf(
  alert: AlertState,
  all: readonly TellingRow[],
  messages: readonly ToldMessage[],
): Telling[] {
  const { alertId, voice, thread, toldAt, episodeAt } = alert;
  const rows = all.filter((row) => row.alertId === alertId);
  const since = voice === 'alert' ? (toldAt ?? Infinity) : episodeAt;
  const keys = new Set(rows.filter(({ saidAt }) => saidAt.getTime() >= since).map(({ key }) => key));
  // Whoever found it told of it: the latest word of theirs counts.
  const theirs = messages.find(
    (each) =>
      voice === 'source' && each.thread === thread && each.source !== 'alert' && each.severity !== 'info',
  );
  return messages
    .filter((each) => keys.has(each.key) || each === theirs)
    .map((each) => ({
      alertId,
      key: each.key,
      channel: each.channel,
      saidAt: each === theirs ? Date.parse(each.createdAt) : toldAtOf(rows, each.key),
      passedAt: rows.find(({ key }) => key === each.key)?.passedAt?.getTime() ?? null,
      receiptAt: each.receiptAt === null ? null : Date.parse(each.receiptAt),
    }));
}

function toldAtOf(rows: readonly TellingRow[], of: string): number {
  return rows.find(({ key }) => key === of)?.saidAt.getTime() ?? 0;
}

const mostShown = 20;

/** Where each of these was told, the newest first. */
export async function shownTellings(
  db: Queryable,
  workspaceId: number,
  {
    alerts,
    told,
  }: { readonly alerts: readonly Pick<AlertState, 'alertId' | 'thread'>[]; readonly told: ReadTold },
): Promise<ReadonlyMap<number, AlertTelling[]>> {
  if (alerts.length === 0) return new Map();
  const rows = await rowsOf(
    db,
    workspaceId,
    alerts.map(({ alertId }) => alertId),
  );
  const keys = [...new Set(rows.map(({ key }) => key))];
  const messages = await told(db, { keys, threads: alerts.map(({ thread }) => thread) });
  return new Map(
    alerts.map(({ alertId, thread }) => {
      const own = new Set(rows.filter((row) => row.alertId === alertId).map(({ key }) => key));
      const about = messages.filter((each) => each.thread === thread || own.has(each.key));
      return [alertId, about.slice(0, mostShown).map(viewOf)];
    }),
  );
}

function viewOf({
  title,
  channel,
  createdAt,
  receipt,
  receiptAt,
  messageId,
  attempts,
  error,
}: ToldMessage): AlertTelling {
  return { messageId, title, channel, saidAt: createdAt, receipt, receiptAt, attempts, error };
}

async function rowsOf(
  db: Queryable,
  workspaceId: number,
  alertIds: readonly number[],
): Promise<TellingRow[]> {
  return db.query<TellingRow>(
    `select alert_id as "alertId", key, said_at as "saidAt", passed_at as "passedAt" from kora.alert_telling
     where workspace_id = $1 and alert_id = any($2) order by said_at desc`,
    [workspaceId, alertIds],
  );
}
