import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import type { MaintenanceWindow } from '../contract.ts';

interface Row extends Omit<MaintenanceWindow, 'startsAt' | 'endsAt'> {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

const columns = `window_id as "windowId", probe, starts_at as "startsAt", ends_at as "endsAt", reason, made_by as by`;

export interface NewWindow {
  /** Null: every probe. */
  readonly probe: string | null;
  /** ISO 8601; left out, it begins now. */
  readonly from?: string | undefined;
  readonly forMs: number;
  readonly reason: string;
  readonly by: string;
}

/** Sets a time in which no incident of the probe opens. What still fails when it ends opens then. */
export async function addWindow(
  db: Queryable,
  workspaceId: number,
  wanted: NewWindow,
): Promise<MaintenanceWindow> {
  const [row] = await db.query<Row>(
    `insert into kora.probe_window (workspace_id, probe, starts_at, ends_at, reason, made_by)
     select $1::int, $2::text, start, start + make_interval(secs => $4), $5::text, $6::text
     from (select coalesce($3::timestamptz, clock_timestamp()) as start) begins returning ${columns}`,
    [workspaceId, wanted.probe, wanted.from ?? null, wanted.forMs / 1_000, wanted.reason, wanted.by],
  );
  if (row === undefined) throw fault('KORA_INTERNAL', 'a window could not be added');
  return view(row);
}

/** Ends a window now; one that has not begun never begins. Throws KORA_WINDOW_UNKNOWN when it is over or was never there. */
export async function endWindow(
  db: Queryable,
  workspaceId: number,
  windowId: number,
): Promise<MaintenanceWindow> {
  const [row] = await db.query<Row>(
    `delete from kora.probe_window where workspace_id = $1 and window_id = $2 and ends_at > clock_timestamp()
     returning ${columns}`,
    [workspaceId, windowId],
  );
  if (row === undefined) {
    throw fault('KORA_WINDOW_UNKNOWN', `there is no maintenance window ${windowId}, or it is over`, {
      fix: 'kora probe window list',
    });
  }
  return view(row);
}

/** Those that are on or still to come, the next one first. */
export async function listWindows(db: Queryable, workspaceId: number): Promise<MaintenanceWindow[]> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.probe_window where workspace_id = $1 and ends_at > clock_timestamp()
     order by starts_at, window_id limit 500`,
    [workspaceId],
  );
  return rows.map(view);
}

/** Forgets windows that ended longer ago. */
export async function pruneWindows(db: Queryable, workspaceId: number, days: number): Promise<void> {
  await db.query(
    `delete from kora.probe_window
     where workspace_id = $1 and ends_at < (select clock_timestamp() - make_interval(days => $2))`,
    [workspaceId, days],
  );
}

/** The SQL of whether a window of this probe is on; workspace and probe are the names of parameters. */
export function inWindowSql(workspace: string, probe: string): string {
  return `exists (select from kora.probe_window where workspace_id = ${workspace} and ends_at > clock_timestamp()
    and starts_at <= clock_timestamp() and (probe is null or probe = ${probe}))`;
}

/** Whether incidents of this probe may not open now. */
export async function isInWindow(db: Queryable, workspaceId: number, probe: string): Promise<boolean> {
  const [row] = await db.query<{ isOn: boolean }>(`select ${inWindowSql('$1', '$2')} as "isOn"`, [
    workspaceId,
    probe,
  ]);
  return row?.isOn === true;
}

function view(row: Row): MaintenanceWindow {
  return { ...row, startsAt: row.startsAt.toISOString(), endsAt: row.endsAt.toISOString() };
}
