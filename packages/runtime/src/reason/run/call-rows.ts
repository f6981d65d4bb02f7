import type { Queryable } from '../../store/index.ts';
import type { Evidence, ModelUsage } from '../contract.ts';

export interface CallBegun {
  readonly runId: string;
  readonly callId: string;
  readonly ordinal: number;
  readonly model: string;
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  readonly reservedMicroUsd: number;
  /** JSON. */
  readonly request: string;
}

export async function insertCall(db: Queryable, workspaceId: number, call: CallBegun): Promise<void> {
  await db.query(
    `insert into kora.reason_call (workspace_id, run_id, call_id, ordinal, model, input_bound, output_bound,
       reserved_micro_usd, request)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      workspaceId,
      call.runId,
      call.callId,
      call.ordinal,
      call.model,
      call.inputTokens,
      call.maxOutputTokens,
      call.reservedMicroUsd,
      call.request,
    ],
  );
}

export interface CallEnded {
  readonly runId: string;
  readonly callId: string;
  readonly outcome: string;
  readonly stopReason: string | null;
  readonly usage: ModelUsage | null;
  readonly costMicroUsd: number;
  readonly estimated: boolean;
  readonly firstTokenMs: number | null;
  /** JSON. */
  readonly response: string;
}

export async function endCallRow(db: Queryable, workspaceId: number, call: CallEnded): Promise<void> {
  await db.query(
    `update kora.reason_call set outcome = $4, stop_reason = $5, usage = $6, cost_micro_usd = $7, estimated = $8,
       first_token_ms = $9, response = $10, ended_at = clock_timestamp()
     where workspace_id = $1 and run_id = $2 and call_id = $3`,
    [
      workspaceId,
      call.runId,
      call.callId,
      call.outcome,
      call.stopReason,
      call.usage === null ? null : JSON.stringify(call.usage),
      call.costMicroUsd,
      call.estimated,
      call.firstTokenMs,
      call.response,
    ],
  );
}

export interface ToolCallMade {
  readonly runId: string;
  readonly ordinal: number;
  readonly callId: string;
  readonly tool: string;
  /** JSON, both. */
  readonly input: string;
  readonly outcome: string;
  readonly status: string;
  readonly durationMs: number;
  readonly evidence: readonly Evidence[];
  /** Text of strangers is in what the model was shown: it has a say in the run from now on. */
  readonly untrusted: boolean;
}

/** The call and what was read by it, together. */
export async function insertToolCall(db: Queryable, workspaceId: number, call: ToolCallMade): Promise<void> {
  await db.query(
    `with made as (
       insert into kora.reason_tool_call (workspace_id, run_id, ordinal, call_id, tool, input, status, outcome, duration_ms)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)),
     heard as (
       update kora.reason_run set strangers = true, untrusted = true where $12 and workspace_id = $1 and run_id = $2)
     insert into kora.reason_evidence (workspace_id, run_id, evidence_id, what)
     select distinct on (id) $1, $2, id, what from unnest($10::text[], $11::text[]) read (id, what)
     on conflict do nothing`,
    [
      workspaceId,
      call.runId,
      call.ordinal,
      call.callId,
      call.tool,
      call.input,
      call.status,
      call.outcome,
      call.durationMs,
      call.evidence.map(({ id }) => id),
      call.evidence.map(({ what }) => what),
      call.untrusted,
    ],
  );
}
