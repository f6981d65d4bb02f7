import type { Queryable } from '../../store/index.ts';
import type {
  LearnedUse,
  ModelTier,
  ReasonAnswer,
  ReasonError,
  ReasonRoute,
  Receipt,
  Verdict,
} from '../contract.ts';

export interface RunBegun {
  readonly runId: string;
  readonly runtimeId: string;
  readonly route: ReasonRoute;
  readonly asker: string;
  readonly key: string | null;
  readonly conversationId: number | null;
  readonly ticket: { readonly ticketId: number; readonly fence: number } | null;
  readonly wake: string;
  readonly causationId: string | null;
  readonly question: string;
  readonly deadlineMs: number;
  readonly rung: string;
  readonly engine: string | null;
  /** JSON of what the engine is handed; null where none is asked. */
  readonly inputs: string | null;
  /** What is known alone of the question, where that is not all of it. */
  readonly words: string | null;
  /** The tools that the engine is offered; null where none is asked. */
  readonly advertised: readonly string[] | null;
  /** Whether text of strangers is part of it. */
  readonly untrusted: boolean;
}

/** Twice what an engine is shown of a conversation: also what was made of what strangers said is not shown any more. */
const runsHeard = 40;

/**
 * Writes a run that begins; false when another has its key. Where strangers had a say earlier in its conversation they have
 * one in it: whoever thinks has read them.
 */
export async function insertRun(db: Queryable, workspaceId: number, run: RunBegun): Promise<boolean> {
  const rows = await db.query(
    `insert into kora.reason_run (workspace_id, run_id, runtime_id, route, asker, key, conversation_id, ticket_id, fence,
       wake, causation_id, question, status, deadline_ms, rung, engine, inputs, words, advertised, strangers, untrusted)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', $13, $14, $15, $16, $17, $18,
       $19::boolean, $19 or exists (select 1 from (
         select strangers from kora.reason_run where workspace_id = $1 and conversation_id = $7
         order by run_id desc limit ${runsHeard}) earlier
       where strangers is not false))
     on conflict (workspace_id, key) where key is not null do nothing returning run_id`,
    [
      workspaceId,
      run.runId,
      run.runtimeId,
      run.route,
      run.asker,
      run.key,
      run.conversationId,
      run.ticket?.ticketId ?? null,
      run.ticket?.fence ?? null,
      run.wake,
      run.causationId,
      run.question,
      run.deadlineMs,
      run.rung,
      run.engine,
      run.inputs,
      run.words,
      run.advertised,
      run.untrusted,
    ],
  );
  return rows.length > 0;
}

export interface RunClosed {
  readonly answer: ReasonAnswer;
  /** JSON of what the engine said; null where none was asked. */
  readonly said: string | null;
}

/**
 * Writes how a run ended, once; false when that was written before. What was refused or failed gives its key back: to ask
 * again is to ask anew.
 */
export async function closeRun(
  db: Queryable,
  workspaceId: number,
  { answer, said }: RunClosed,
): Promise<boolean> {
  const { runId, status, by, text, error, why = null, verdict, refusal } = answer;
  const rows = await db.query(
    `update kora.reason_run set status = $3, answered_by = $4, text = $5, error = $6, why = $7, answer = $8, verdict = $9, refusal = $10,
       key = case when $3 in ('answered', 'incomplete') then key end, ended_at = clock_timestamp()
     where workspace_id = $1 and run_id = $2 and status = 'open' returning run_id`,
    [workspaceId, runId, status, by, text, error, why, said, jsonOr(verdict), jsonOr(refusal ?? null)],
  );
  if (rows.length === 0) return false;
  await writeReceipt(db, workspaceId, answer);
  return true;
}

function jsonOr(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** The receipt as it stands now; a call may be settled after its run was over. */
export async function writeReceipt(
  db: Queryable,
  workspaceId: number,
  { runId, receipt }: { readonly runId: string; readonly receipt: Receipt },
): Promise<void> {
  await db.query(
    `update kora.reason_run set calls = $3, input_tokens = $4, output_tokens = $5, cache_read_tokens = $6,
       cache_write_tokens = $7, cost_micro_usd = $8, estimated = $9, duration_ms = $10, rung = $11, model = $12, tier = $13,
       routing = $14, tools = $15, identity_hash = $16, prompt_version = $17, phrasebook_version = $18, learned = $19
     where workspace_id = $1 and run_id = $2`,
    [
      workspaceId,
      runId,
      receipt.calls,
      receipt.inputTokens,
      receipt.outputTokens,
      receipt.cacheReadTokens,
      receipt.cacheWriteTokens,
      receipt.costMicroUsd,
      receipt.estimated,
      receipt.durationMs,
      receipt.rung,
      receipt.model,
      receipt.tier,
      receipt.routing,
      receipt.tools,
      receipt.identityHash,
      receipt.promptVersion,
      receipt.phrasebookVersion,
      jsonOr(receipt.learned ?? null),
    ],
  );
}

/** A run as it stands in the store. */
export interface RunRecord {
  readonly runId: string;
  readonly runtimeId: string;
  readonly route: ReasonRoute;
  readonly asker: string;
  readonly key: string | null;
  readonly conversationId: number | null;
  readonly ticketId: number | null;
  readonly fence: number | null;
  readonly causationId: string | null;
  readonly question: string;
  readonly status: ReasonAnswer['status'] | 'open';
  readonly by: ReasonAnswer['by'];
  readonly text: string;
  readonly error: ReasonError | null;
  readonly why: string | null;
  readonly engine: string | null;
  readonly verdict: Verdict | null;
  readonly refusal: NonNullable<ReasonAnswer['refusal']> | null;
  readonly receipt: Receipt;
  /** The tools that its engine was offered; null where none was asked, or it was not recorded. */
  readonly advertised: readonly string[] | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly forgottenAt: Date | null;
  /** Open, and past its deadline by so much that nobody works it any more. */
  readonly isAbandoned: boolean;
}

interface RunRow extends Omit<RunRecord, 'receipt'>, Omit<Receipt, 'tier' | 'learned'> {
  readonly tier: ModelTier | null;
  readonly learned: readonly LearnedUse[] | null;
}

/** How long after its deadline an open run is given up for dead. */
const graceMs = 60_000;

export const runColumns = `run_id as "runId", runtime_id as "runtimeId", route, asker, key,
  conversation_id as "conversationId", ticket_id as "ticketId", fence, wake, causation_id as "causationId", question, status,
  answered_by as by, text, error, why, engine, verdict, refusal, calls, input_tokens as "inputTokens",
  output_tokens as "outputTokens", cache_read_tokens as "cacheReadTokens", cache_write_tokens as "cacheWriteTokens",
  cost_micro_usd as "costMicroUsd", estimated, duration_ms as "durationMs", rung, model, tier, routing, tools,
  identity_hash as "identityHash", prompt_version as "promptVersion", phrasebook_version as "phrasebookVersion", learned, advertised,
  started_at as "startedAt", ended_at as "endedAt", forgotten_at as "forgottenAt",
  status = 'open' and started_at + (deadline_ms + ${graceMs}) * interval '1 millisecond' < clock_timestamp()
    as "isAbandoned"`;

function recordOf(row: RunRow): RunRecord {
  const {
    calls,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    costMicroUsd,
    estimated,
    ...rest
  } = row;
  const {
    durationMs,
    rung,
    wake,
    model,
    tier,
    routing,
    tools,
    identityHash,
    promptVersion,
    phrasebookVersion,
    learned,
    ...run
  } = rest;
  const figures = {
    calls,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    costMicroUsd,
    estimated,
  };
  const facts = { durationMs, rung, wake, model, tier, routing, tools };
  const versions = {
    identityHash,
    promptVersion,
    phrasebookVersion,
    ...(learned === null ? {} : { learned }),
  };
  return { ...run, receipt: { ...figures, ...facts, ...versions } };
}

export function runOfKey(db: Queryable, workspaceId: number, key: string): Promise<RunRecord | undefined> {
  return oneRun(db, workspaceId, 'key', key);
}

export function findRun(db: Queryable, workspaceId: number, runId: string): Promise<RunRecord | undefined> {
  return oneRun(db, workspaceId, 'run_id', runId);
}

async function oneRun(
  db: Queryable,
  workspaceId: number,
  column: 'key' | 'run_id',
  value: string,
): Promise<RunRecord | undefined> {
  const [row] = await db.query<RunRow>(
    `select ${runColumns} from kora.reason_run where workspace_id = $1 and ${column} = $2`,
    [workspaceId, value],
  );
  return row && recordOf(row);
}

export interface RunsQuery {
  readonly ticketId?: number | undefined;
  readonly conversationId?: number | undefined;
  readonly status?: RunRecord['status'] | undefined;
  /** Only runs older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listRuns(db: Queryable, workspaceId: number, query: RunsQuery): Promise<RunRecord[]> {
  const rows = await db.query<RunRow>(
    `select ${runColumns} from kora.reason_run
     where workspace_id = $1 and ($2::bigint is null or ticket_id = $2) and ($3::bigint is null or conversation_id = $3)
       and ($4::text is null or status = $4) and ($5::text is null or run_id < $5)
     order by run_id desc limit $6`,
    [
      workspaceId,
      query.ticketId ?? null,
      query.conversationId ?? null,
      query.status ?? null,
      query.before ?? null,
      query.limit,
    ],
  );
  return rows.map(recordOf);
}

/** Runs whose runtime is gone: this one's from before it started, or anybody's that are long past their deadline. */
export async function closeAbandoned(
  db: Queryable,
  workspaceId: number,
  of: { readonly runtimeId: string } | { readonly anybodys: true },
): Promise<readonly string[]> {
  const runtimeId = 'runtimeId' in of ? of.runtimeId : null;
  const rows = await db.query<{ runId: string }>(
    `update kora.reason_run set status = 'failed', error = 'cancelled', why = 'its runtime died', key = null,
       ended_at = clock_timestamp()
     where workspace_id = $1 and status = 'open' and case when $2::text is not null then runtime_id = $2
       else started_at + (deadline_ms + ${graceMs}) * interval '1 millisecond' < clock_timestamp() end
     returning run_id as "runId"`,
    [workspaceId, runtimeId],
  );
  for (const { runId } of rows) await sumCalls(db, workspaceId, runId);
  return rows.map(({ runId }) => runId);
}

/** What the calls of a run came to, by their rows: what was reserved, where nobody said what it cost. */
export async function sumCalls(db: Queryable, workspaceId: number, runId: string): Promise<void> {
  await db.query(
    `update kora.reason_run set (calls, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
       cost_micro_usd, estimated) = (select count(*), coalesce(sum((usage->>'inputTokens')::bigint), 0),
         coalesce(sum((usage->>'outputTokens')::bigint), 0), coalesce(sum((usage->>'cacheReadTokens')::bigint), 0),
         coalesce(sum((usage->>'cacheWriteTokens')::bigint), 0),
         coalesce(sum(coalesce(cost_micro_usd, reserved_micro_usd)), 0)::bigint, coalesce(bool_or(coalesce(estimated, true)), false)
       from kora.reason_call where workspace_id = $1 and run_id = $2)
     where workspace_id = $1 and run_id = $2`,
    [workspaceId, runId],
  );
}

/** The answer of a run that is over. */
export function answerOf(record: RunRecord): ReasonAnswer {
  const { runId, status, by, text, error, why, verdict, refusal, receipt } = record;
  const because = { ...(refusal === null ? {} : { refusal }), ...(why === null ? {} : { why }) };
  return {
    runId,
    status: status === 'open' ? 'failed' : status,
    by,
    text,
    error,
    ...because,
    verdict,
    receipt,
  };
}
