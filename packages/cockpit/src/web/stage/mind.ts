import type { ReasonRunDetail, ReasonRunRow } from '@kora/runtime/client';
import { before } from './rows.ts';

/** Staged thinking: calls with their tools, and questions that the phrasebook knew. */

export function reasonRun(part: Partial<ReasonRunRow> = {}): ReasonRunRow {
  return {
    runId: 'r-0199f2a4',
    status: 'answered',
    by: 'engine',
    text: 'The mirror fills the disk: **41 GB** in `/srv/mirror/tmp`.',
    error: null,
    why: null,
    verdict: null,
    refusal: null,
    route: 'ticket',
    asker: 'plugin:marvin',
    engine: 'router',
    conversationId: null,
    ticketId: null,
    question: 'Why is the disk full?',
    startedAt: before(95),
    endedAt: before(89),
    forgottenAt: null,
    receipt: {
      calls: 2,
      inputTokens: 8_412,
      outputTokens: 391,
      cacheReadTokens: 6_020,
      cacheWriteTokens: 0,
      costMicroUsd: 9_500,
      estimated: false,
      durationMs: 6_140,
      rung: 'normal',
      wake: 'ticket 41',
      model: 'standard-4',
      tier: 'standard',
      routing: 'rule: tickets of priority high begin with standard',
      tools: ['read_log', 'disk_usage'],
      identityHash: 'b1946ac92492d2347c6235b4d2611184',
      promptVersion: 'ticket/7',
      phrasebookVersion: null,
    },
    ...part,
  };
}

export function reasonRunDetail(part: Partial<ReasonRunDetail> = {}): ReasonRunDetail {
  const usage = { inputTokens: 4_100, outputTokens: 180, cacheReadTokens: 3_010, cacheWriteTokens: 0 };
  const call = {
    model: 'standard-4',
    reservedMicroUsd: 60_000,
    outcome: 'ok',
    stopReason: 'tool_use',
    usage,
    estimated: false,
    firstTokenMs: 420,
    request: { messages: 3 },
    response: { text: '…' },
  };
  return {
    ...reasonRun(),
    ticketId: 41,
    inputs: { tools: ['read_log', 'disk_usage'] },
    answer: { text: 'The mirror fills the disk.' },
    verdict: {
      confidence: 0.86,
      claims: [
        {
          text: 'The mirror keeps what it should have moved.',
          evidence: ['log:1'],
          proven: true,
          unread: [],
        },
        {
          text: 'It began with the update on Monday.',
          evidence: ['change:9'],
          proven: false,
          unread: ['change:9'],
        },
      ],
    },
    evidence: [{ id: 'log:1', what: 'mirror.log, 200 lines' }],
    modelCalls: [
      {
        ...call,
        callId: 'm-1',
        ordinal: 1,
        costMicroUsd: 4_000,
        startedAt: before(94.9),
        endedAt: before(93),
      },
      {
        ...call,
        callId: 'm-2',
        ordinal: 2,
        costMicroUsd: 5_500,
        stopReason: 'end_turn',
        startedAt: before(92),
        endedAt: before(89),
      },
    ],
    toolCalls: [
      {
        ordinal: 1,
        callId: 't-1',
        tool: 'read_log',
        input: { path: '/var/log/mirror.log' },
        status: 'ok',
        outcome: { status: 'ok', lines: 200 },
        durationMs: 200,
        at: before(92.7),
      },
      {
        ordinal: 2,
        callId: 't-2',
        tool: 'disk_usage',
        input: { path: '/srv' },
        status: 'execution_error',
        outcome: { status: 'execution_error', message: 'permission denied' },
        durationMs: 100,
        at: before(92.5),
      },
    ],
    ...part,
  };
}

/** What was thought in the staged afternoon, newest first. */
export function reasonRuns(): ReasonRunRow[] {
  const { receipt } = reasonRun();
  const free = { ...receipt, calls: 0, costMicroUsd: 0, model: null, tier: null, routing: null, tools: [] };
  return [
    reasonRun({
      runId: 'r-0199f2b0',
      status: 'open',
      text: '',
      route: 'probe_investigation',
      question: 'Why does the shop not answer?',
      startedAt: before(14),
      endedAt: null,
      receipt: { ...receipt, costMicroUsd: 2_100, wake: 'incident 12', durationMs: 0 },
    }),
    reasonRun({ ticketId: 41 }),
    reasonRun({
      runId: 'r-0199f29a',
      route: 'cli',
      by: 'phrasebook',
      question: 'status?',
      text: 'Ready. Tickets: 2 queued.',
      startedAt: before(1_260),
      endedAt: before(1_260),
      receipt: { ...free, durationMs: 3, wake: 'kora ask', phrasebookVersion: 4 },
    }),
    reasonRun({
      runId: 'r-0199f288',
      status: 'failed',
      route: 'slack_dm',
      error: 'timeout',
      why: 'The model did not answer in 120 s.',
      text: '',
      question: '<img src=x onerror="alert(1)"> \u202egnp.exe what about the mirror?',
      startedAt: before(3_400),
      endedAt: before(3_280),
      receipt: {
        ...receipt,
        costMicroUsd: 31_000,
        estimated: true,
        durationMs: 120_000,
        model: 'large-4',
        tier: 'large',
      },
    }),
  ];
}
