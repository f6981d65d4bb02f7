import { storable } from '../chain/index.ts';
import type { Queryable } from '../store/index.ts';
import type { GateReport } from './gate.ts';

/** One phase of a boot and the milliseconds it took. */
export interface Phase {
  readonly phase: string;
  readonly ms: number;
}

export interface BootRecord {
  readonly bootId: number;
  readonly startedAt: string;
  readonly outcome: string;
  readonly elapsedMs: number;
  readonly version: string;
}

/** Opens this boot's row; an earlier one that never finished is closed as failed. */
export async function openBoot(
  db: Queryable,
  workspaceId: number,
  boot: { readonly runtimeId: string; readonly version: string },
): Promise<number> {
  const [row] = await db.query<{ bootId: number }>(
    `with interrupted as (
       update kora.boot set outcome = 'failed', finished_at = clock_timestamp()
       where workspace_id = $1 and runtime_id = $2 and outcome = 'running')
     insert into kora.boot (workspace_id, runtime_id, version) values ($1, $2, $3) returning boot_id as "bootId"`,
    [workspaceId, boot.runtimeId, boot.version],
  );
  return row?.bootId ?? 0;
}

export async function closeBoot(
  db: Queryable,
  workspaceId: number,
  end: {
    readonly bootId: number;
    readonly outcome: 'passed' | 'paused' | 'failed';
    readonly elapsedMs: number;
    readonly gates: readonly GateReport[];
    readonly phases: readonly Phase[];
  },
): Promise<void> {
  await db.query(
    `update kora.boot set outcome = $3, finished_at = clock_timestamp(), elapsed_ms = $4, gates = $5, phases = $6
     where workspace_id = $1 and boot_id = $2`,
    [
      workspaceId,
      end.bootId,
      end.outcome,
      end.elapsedMs,
      JSON.stringify(storable(end.gates)),
      JSON.stringify(end.phases),
    ],
  );
}

/** Earlier boots of any runtime of the workspace, newest first. */
export async function listBoots(db: Queryable, workspaceId: number, limit: number): Promise<BootRecord[]> {
  const rows = await db.query<Omit<BootRecord, 'startedAt'> & { startedAt: Date }>(
    `select boot_id as "bootId", started_at as "startedAt", outcome, coalesce(elapsed_ms, 0) as "elapsedMs", version
     from kora.boot where workspace_id = $1 and outcome <> 'running' order by boot_id desc limit $2`,
    [workspaceId, limit],
  );
  return rows.map((row) => ({ ...row, startedAt: row.startedAt.toISOString() }));
}
