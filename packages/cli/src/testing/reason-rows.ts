import type { KoraClient } from '@kora/runtime/client';
import type { Answer, AnswerReceipt } from '../output/answer.ts';
import { before } from './noon.ts';

type RunDetail = Awaited<ReturnType<KoraClient['run']>>;
type Replay = Awaited<ReturnType<KoraClient['replayRun']>>;

export const runId = '0199f3a2-7c1e-7000-8000-5d1c2b3a4f60';

export function receipt(over: Partial<AnswerReceipt> = {}): AnswerReceipt {
  return {
    calls: 2,
    inputTokens: 1_234,
    outputTokens: 210,
    cacheReadTokens: 800,
    cacheWriteTokens: 0,
    costMicroUsd: 4_200,
    estimated: false,
    durationMs: 3_200,
    rung: 'normal',
    wake: 'kora ask',
    model: 'swift',
    tier: 'small',
    routing: 'default_small',
    tools: ['kora__list_probes'],
    identityHash: 'a'.repeat(64),
    promptVersion: 'v1',
    phrasebookVersion: null,
    ...over,
  };
}

export function answer(over: Partial<Answer> = {}): Answer {
  return {
    runId,
    status: 'answered',
    by: 'engine',
    text: 'All is well.\nThe shop answers.',
    error: null,
    why: null,
    verdict: null,
    receipt: receipt(),
    ...over,
  };
}

/** One that cost nothing and came to nothing. */
export function refused(over: Partial<Answer> = {}): Answer {
  const nothing = receipt({ calls: 0, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, costMicroUsd: 0 });
  const took = { ...nothing, durationMs: 2, model: null, tier: null, routing: null, tools: [] };
  return answer({ status: 'refused', by: 'nobody', text: '', receipt: took, ...over });
}

export function runDetail(over: Partial<RunDetail> = {}): RunDetail {
  const { refusal: _none, ...said } = answer();
  return {
    ...said,
    refusal: null,
    route: 'cli',
    asker: 'operator',
    engine: 'reasoning',
    conversationId: 3,
    ticketId: null,
    question: 'how is the shop?',
    startedAt: before(60),
    endedAt: before(56),
    forgottenAt: null,
    inputs: {},
    answer: {},
    modelCalls: [
      {
        callId: '1',
        ordinal: 1,
        model: 'swift',
        reservedMicroUsd: 9_000,
        outcome: 'ok',
        stopReason: 'end_turn',
        usage: { inputTokens: 1_234, outputTokens: 210, cacheReadTokens: 800, cacheWriteTokens: 0 },
        costMicroUsd: 4_200,
        estimated: false,
        firstTokenMs: 310,
        request: {},
        response: {},
        startedAt: before(60),
        endedAt: before(57),
      },
      {
        callId: '2',
        ordinal: 2,
        model: 'swift',
        reservedMicroUsd: 9_000,
        outcome: null,
        stopReason: null,
        usage: null,
        costMicroUsd: null,
        estimated: null,
        firstTokenMs: null,
        request: {},
        response: null,
        startedAt: before(57),
        endedAt: null,
      },
    ],
    toolCalls: [
      {
        ordinal: 1,
        callId: 't1',
        tool: 'kora__list_probes',
        input: { limit: 5 },
        status: 'ok',
        outcome: {},
        durationMs: 12,
        at: before(58),
      },
    ],
    evidence: [{ id: 'probe:shop@noon', what: 'shop is healthy' }],
    ...over,
  };
}

export function replay(over: Partial<Replay> = {}): Replay {
  return {
    runId,
    steps: [{ what: 'asked', words: 'how is the shop?' }],
    choice: {
      recorded: { model: 'swift', routing: 'default_small' },
      now: { model: 'swift', tier: 'small', routing: 'default_small' },
    },
    verdict: null,
    receipt: receipt(),
    differences: [],
    ...over,
  };
}
