import type { Queryable } from '../../store/index.ts';
import type { EngineAnswer, EngineRequest, Evidence, ModelUsage, ToolOutcome } from '../contract.ts';
import { findRun } from '../run/rows.ts';
import type { RunRecord } from '../run/rows.ts';

export interface CallRecord {
  readonly callId: string;
  readonly ordinal: number;
  readonly model: string;
  readonly reservedMicroUsd: number;
  readonly outcome: string | null;
  readonly stopReason: string | null;
  readonly usage: ModelUsage | null;
  readonly costMicroUsd: number | null;
  readonly estimated: boolean | null;
  readonly firstTokenMs: number | null;
  readonly request: unknown;
  readonly response: unknown;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

export interface ToolCallRecord {
  readonly ordinal: number;
  readonly callId: string;
  readonly tool: string;
  readonly input: unknown;
  readonly status: string;
  readonly outcome: ToolOutcome;
  readonly durationMs: number;
  readonly at: Date;
}

/** A run with everything that is on record of it. */
export interface FullRecord {
  readonly run: RunRecord;
  /** What the engine was handed; null where none was asked, where it was forgotten, and where it was too long to keep. */
  readonly inputs: EngineRequest | null;
  readonly answer: EngineAnswer | null;
  readonly calls: readonly CallRecord[];
  readonly toolCalls: readonly ToolCallRecord[];
  readonly evidence: readonly Evidence[];
}

export async function readRecord(
  db: Queryable,
  workspaceId: number,
  runId: string,
): Promise<FullRecord | undefined> {
  const run = await findRun(db, workspaceId, runId);
  if (run === undefined) return undefined;
  const of = [workspaceId, runId];
  const [[kept], calls, toolCalls, evidence] = await Promise.all([
    db.query<{ inputs: EngineRequest | null; answer: EngineAnswer | null }>(
      'select inputs, answer from kora.reason_run where workspace_id = $1 and run_id = $2',
      of,
    ),
    db.query<CallRecord>(
      `select call_id as "callId", ordinal, model, reserved_micro_usd as "reservedMicroUsd", outcome,
         stop_reason as "stopReason", usage, cost_micro_usd as "costMicroUsd", estimated,
         first_token_ms as "firstTokenMs", request, response, started_at as "startedAt", ended_at as "endedAt"
       from kora.reason_call where workspace_id = $1 and run_id = $2 order by ordinal, call_id`,
      of,
    ),
    db.query<ToolCallRecord>(
      `select ordinal, call_id as "callId", tool, input, status, outcome, duration_ms as "durationMs", at
       from kora.reason_tool_call where workspace_id = $1 and run_id = $2 order by ordinal`,
      of,
    ),
    db.query<Evidence>(
      `select evidence_id as id, what from kora.reason_evidence where workspace_id = $1 and run_id = $2
       order by at, evidence_id`,
      of,
    ),
  ]);
  return { run, inputs: whole(kept?.inputs), answer: whole(kept?.answer), calls, toolCalls, evidence };
}

/** What was too long to keep has only its beginning. */
function whole<T extends object>(kept: T | null | undefined): T | null {
  return kept === null || kept === undefined || 'cut' in kept ? null : kept;
}
