import { z } from 'zod';
import { storable } from '../chain/index.ts';
import type { Queryable } from '../store/index.ts';
import type { GateReport } from './gate.ts';
import type { PendingBoot } from './pending.ts';

/** One phase of a boot and the milliseconds it took. */
export interface Phase {
  readonly phase: string;
  readonly ms: number;
}

/** How a boot ended. `refused`: before its gates could run. `interrupted`: it was called off, and nothing said no. */
export type BootEnd = 'passed' | 'paused' | 'failed' | 'refused' | 'interrupted';

export interface BootRecord {
  readonly bootId: number;
  readonly runtimeId: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly outcome: string;
  readonly elapsedMs: number;
  readonly version: string;
  /** The boot whose gates ran again; null for a boot. */
  readonly rerunOf: number | null;
  readonly failedGate: string | null;
  readonly detail: string | null;
  readonly exitCode: number | null;
  readonly gates: readonly GateReport[];
  readonly phases: readonly Phase[];
}

export interface NewBoot {
  /** Unique over all boots: the row of one that was written down in the home is made once. */
  readonly key: string;
  readonly runtimeId: string;
  readonly version: string;
  /** Milliseconds that it has been going on: the row begins then, by the database's clock. */
  readonly elapsedMs: number;
  readonly rerunOf?: number;
}

export interface BootEnding {
  readonly bootId: number;
  readonly outcome: BootEnd;
  readonly elapsedMs: number;
  readonly gates: readonly GateReport[];
  readonly phases: readonly Phase[];
  readonly failedGate: string | null;
  readonly detail: string | null;
  readonly exitCode: number | null;
}

/**
 * Opens this boot's row, once however often it is asked; an earlier one of this runtime that never finished is closed as
 * failed.
 */
export async function openBoot(db: Queryable, workspaceId: number, boot: NewBoot): Promise<number> {
  const [row] = await db.query<{ bootId: number }>(
    `with interrupted as (
       update kora.boot set outcome = 'failed', finished_at = clock_timestamp(), detail = $7
       where workspace_id = $1 and runtime_id = $2 and outcome = 'running' and boot_key <> $4)
     insert into kora.boot (workspace_id, runtime_id, version, boot_key, rerun_of, started_at)
     values ($1, $2, $3, $4, $5, clock_timestamp() - make_interval(secs => $6))
     on conflict (workspace_id, boot_key) do update set outcome = 'running'
     returning boot_id as "bootId"`,
    [
      workspaceId,
      boot.runtimeId,
      boot.version,
      boot.key,
      boot.rerunOf ?? null,
      boot.elapsedMs / 1_000,
      'the process ended without a word',
    ],
  );
  return row?.bootId ?? 0;
}

export async function closeBoot(db: Queryable, workspaceId: number, end: BootEnding): Promise<void> {
  await db.query(
    `update kora.boot set outcome = $3, finished_at = clock_timestamp(), elapsed_ms = $4, gates = $5, phases = $6,
       failed_gate = $7, detail = $8, exit_code = $9
     where workspace_id = $1 and boot_id = $2`,
    [
      workspaceId,
      end.bootId,
      end.outcome,
      end.elapsedMs,
      JSON.stringify(storable(end.gates)),
      JSON.stringify(end.phases),
      end.failedGate,
      end.detail === null ? null : storable(end.detail),
      end.exitCode,
    ],
  );
}

/**
 * Makes the rows of boots that could not reach the store in their time; each once, however often it is handed in. Answers
 * those that got their row, or its end, now.
 */
export async function recordPast(
  db: Queryable,
  workspaceId: number,
  runtimeId: string,
  boots: readonly PendingBoot[],
): Promise<PendingBoot[]> {
  const made: PendingBoot[] = [];
  for (const boot of boots) {
    const rows = await db.query(
      `insert into kora.boot (workspace_id, runtime_id, version, boot_key, started_at, finished_at, outcome,
         elapsed_ms, gates, failed_gate, detail, exit_code)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       on conflict (workspace_id, boot_key) do update set finished_at = excluded.finished_at,
         outcome = excluded.outcome, elapsed_ms = excluded.elapsed_ms, gates = excluded.gates,
         failed_gate = excluded.failed_gate, detail = excluded.detail, exit_code = excluded.exit_code
         where boot.outcome = 'running'
       returning boot_id`,
      [
        workspaceId,
        runtimeId,
        boot.version,
        boot.key,
        boot.startedAt,
        boot.finishedAt,
        boot.outcome,
        boot.elapsedMs,
        JSON.stringify(storable(boot.gates)),
        boot.failedGate,
        boot.detail === null ? null : storable(boot.detail),
        boot.exitCode,
      ],
    );
    if (rows.length > 0) made.push(boot);
  }
  return made;
}

const gatesSchema: z.ZodType<GateReport[]> = z.custom<GateReport[]>((value) => Array.isArray(value));

/** Earlier boots of any runtime of the workspace, newest first. */
export async function listBoots(db: Queryable, workspaceId: number, limit: number): Promise<BootRecord[]> {
  const rows = await db.query<
    Omit<BootRecord, 'startedAt' | 'finishedAt' | 'gates'> & {
      startedAt: Date;
      finishedAt: Date | null;
      gates: unknown;
    }
  >(
    `select boot_id as "bootId", runtime_id as "runtimeId", started_at as "startedAt", finished_at as "finishedAt",
       outcome, coalesce(elapsed_ms, 0) as "elapsedMs", version, rerun_of as "rerunOf", failed_gate as "failedGate",
       detail, exit_code as "exitCode", gates, phases
     from kora.boot where workspace_id = $1 and outcome <> 'running'
     order by started_at desc, boot_id desc limit $2`,
    [workspaceId, limit],
  );
  return rows.map((row) => ({
    ...row,
    gates: gatesSchema.parse(row.gates),
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }));
}
