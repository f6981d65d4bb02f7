import { fault } from './fault/index.ts';
import type { House } from './http/index.ts';
import {
  answerOf,
  listConversations,
  listRuns,
  readBefore,
  readConversation,
  readRecord,
  replay,
} from './reason/index.ts';
import type { Asker, FullRecord, ReasonAnswer, ReasonRequest, RunRecord, Verdict } from './reason/index.ts';
import type { Rooms } from './rooms.ts';

type ReasonAnswers = Pick<
  House,
  | 'ask'
  | 'runs'
  | 'run'
  | 'replayRun'
  | 'cancelRun'
  | 'engines'
  | 'conversations'
  | 'conversation'
  | 'onRunSign'
>;

const operator: Asker = { id: 'operator', trusted: true };

/** Questions to whoever thinks, and the record of what came of them. */
export function reasonAnswers({ reason, database, workspace }: Rooms): ReasonAnswers {
  const { workspaceId } = workspace;
  const recordOf = async (runId: string): Promise<FullRecord> => {
    const record = await readRecord(database, workspaceId, runId);
    if (record !== undefined) return record;
    throw fault('KORA_NOT_FOUND', `there is no run ${runId}`, { fix: 'kora reason list' });
  };
  return {
    ask: async (request, signal) =>
      answerView(
        await reason.ask({ ...present(request), wake: `kora ask (${request.route})` }, operator, signal),
      ),
    runs: async (query) => (await listRuns(database, workspaceId, query)).map(runView),
    run: async (runId) => detailView(await recordOf(runId)),
    replayRun: async (runId) => {
      const record = await recordOf(runId);
      const { engine } = reason.engines.choice();
      const { run } = record;
      const again = await replay(record, {
        engine: engine?.spec ?? null,
        readBefore: await readBefore(database, workspaceId, {
          runId,
          conversationId: run.conversationId,
          ticketId: run.ticketId,
          ids: [...new Set((run.verdict?.claims ?? []).flatMap(({ evidence }) => evidence))],
        }),
      });
      return {
        ...again,
        steps: [...again.steps],
        verdict: verdictView(again.verdict),
        receipt: receiptView(again.receipt),
        differences: [...again.differences],
      };
    },
    cancelRun: (runId, because) =>
      Promise.resolve({ runId, cancelled: reason.cancel(runId, `the operator: ${because}`) }),
    engines: () => {
      const choice = reason.engines.choice();
      return {
        engines: reason.engines.list().map(({ models, ...engine }) => ({
          ...engine,
          models: models.map(({ name, provider, tier, contextTokens, maxOutputTokens }) => ({
            name,
            provider,
            tier,
            contextTokens,
            maxOutputTokens,
          })),
        })),
        why: choice.engine === null ? choice.why : null,
      };
    },
    conversations: async (limit) =>
      (await listConversations(database, workspaceId, { limit })).map(({ startedAt, lastAt, ...row }) => ({
        ...row,
        startedAt: startedAt.toISOString(),
        lastAt: lastAt.toISOString(),
      })),
    conversation: async (conversationId, limit) => {
      const found = await readConversation(database, workspaceId, { conversationId, limit });
      if (found === undefined)
        throw fault('KORA_NOT_FOUND', `there is no conversation ${conversationId}`, {
          fix: 'kora conversation list',
        });
      const { startedAt, lastAt, said, ...row } = found;
      return {
        ...row,
        startedAt: startedAt.toISOString(),
        lastAt: lastAt.toISOString(),
        said: said.map(({ at, ...turn }) => ({ ...turn, at: at.toISOString() })),
      };
    },
    onRunSign: (listener) => reason.live.listen(listener),
  };
}

type AskRequest = Parameters<House['ask']>[0];

/** The question without what was left out. */
function present({
  text,
  route,
  key,
  conversation,
  verdict,
  phrasebook,
  limits = {},
}: AskRequest): ReasonRequest {
  const { iterations, deadlineMs, costMicroUsd } = limits;
  return {
    text,
    route,
    limits: {
      ...(iterations === undefined ? {} : { iterations }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(costMicroUsd === undefined ? {} : { costMicroUsd }),
    },
    ...(key === undefined ? {} : { key }),
    ...(conversation === undefined ? {} : { conversation }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(phrasebook === undefined ? {} : { phrasebook }),
  };
}

type AnswerView = Awaited<ReturnType<House['ask']>>;

function answerView({ refusal, why, verdict, receipt, ...answer }: ReasonAnswer): AnswerView {
  return {
    ...answer,
    ...(refusal === undefined ? {} : { refusal: { cause: refusal.cause, ...scopeOf(refusal) } }),
    why: why ?? null,
    verdict: verdictView(verdict),
    receipt: receiptView(receipt),
  };
}

function scopeOf({ scope }: NonNullable<ReasonAnswer['refusal']>): { scope?: string } {
  return scope === undefined ? {} : { scope };
}

function verdictView(verdict: Verdict | null): AnswerView['verdict'] {
  if (verdict === null) return null;
  const claims = verdict.claims.map(({ evidence, unread, ...claim }) => ({
    ...claim,
    evidence: [...evidence],
    unread: [...unread],
  }));
  return { claims, confidence: verdict.confidence };
}

function receiptView({ tools, learned, ...receipt }: ReasonAnswer['receipt']): AnswerView['receipt'] {
  return { ...receipt, tools: [...tools], ...(learned === undefined ? {} : { learned: [...learned] }) };
}

type RunView = Awaited<ReturnType<House['runs']>>[number];

function runView(record: RunRecord): RunView {
  const { refusal: _, status: __, ...answer } = answerView(answerOf(record));
  const { refusal } = record;
  return {
    ...answer,
    status: record.status,
    refusal: refusal === null ? null : { cause: refusal.cause, ...scopeOf(refusal) },
    route: record.route,
    asker: record.asker,
    engine: record.engine,
    conversationId: record.conversationId,
    ticketId: record.ticketId,
    question: record.question,
    advertised: record.advertised === null ? null : [...record.advertised],
    startedAt: record.startedAt.toISOString(),
    endedAt: record.endedAt?.toISOString() ?? null,
    forgottenAt: record.forgottenAt?.toISOString() ?? null,
  };
}

function detailView({
  run,
  inputs,
  answer,
  calls,
  toolCalls,
  evidence,
}: FullRecord): Awaited<ReturnType<House['run']>> {
  return {
    ...runView(run),
    inputs,
    answer,
    modelCalls: calls.map(({ startedAt, endedAt, ...call }) => ({
      ...call,
      startedAt: startedAt.toISOString(),
      endedAt: endedAt?.toISOString() ?? null,
    })),
    toolCalls: toolCalls.map(({ at, ...call }) => ({ ...call, at: at.toISOString() })),
    evidence: [...evidence],
  };
}
