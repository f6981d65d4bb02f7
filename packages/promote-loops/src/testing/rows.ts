import type {
  ChangePlace,
  PastAttempt,
  PastEvent,
  PastIncident,
  PastQuestion,
  PastToolCall,
} from '@kora/runtime/plugin';
import { momentOf } from './past.ts';

const plainQuestion: PastQuestion = {
  runId: 'r',
  at: momentOf(0),
  route: 'slack_dm',
  text: 'what is it?',
  answer: 'it is so',
  status: 'answered',
  by: 'engine',
  error: null,
  model: 'little',
  tier: 'small',
  routing: 'default_small',
  calls: 2,
  costMicroUsd: 2_000,
  durationMs: 4_000,
  tools: [],
  advertised: null,
  untrusted: false,
  learned: [],
  snapshot: null,
};

/** One question; what is not said of it is plain. */
export function question(given: Partial<PastQuestion>): PastQuestion {
  return { ...plainQuestion, ...given };
}

/** One call of a tool that answered this. */
export function toolCall(given: Partial<PastToolCall> & { readonly says?: unknown }): PastToolCall {
  const { says = {}, ...rest } = given;
  return {
    runId: 'r',
    ordinal: 1,
    at: momentOf(0),
    route: 'slack_dm',
    tool: 'kora__queue',
    input: {},
    ok: true,
    status: 'ok',
    durationMs: 20,
    text: JSON.stringify(says),
    ...rest,
  };
}

/** An attempt that the operator asked for and that mended. */
export function attempt(given: Partial<PastAttempt>): PastAttempt {
  return {
    attemptId: 1,
    incidentId: null,
    probe: 'shop',
    fix: 'restart',
    target: 'unit shop.service',
    mode: 'approve',
    askedBy: 'operator',
    outcome: 'mended',
    at: momentOf(0),
    endedAt: momentOf(0.001),
    ...given,
  };
}

export function incident(given: Partial<PastIncident>): PastIncident {
  return {
    incidentId: 1,
    probe: 'shop',
    target: 'http://127.0.0.1:4100/health',
    category: 'unreachable',
    openedAt: momentOf(0),
    resolvedAt: momentOf(0.001),
    ...given,
  };
}

/** A weak first answer of the small model, and how much of it the larger one said too. */
export function escalation(seq: number, payload: Readonly<Record<string, unknown>>): PastEvent {
  return {
    seq,
    type: 'reasoning.escalated',
    at: momentOf(seq / 1_000),
    payload: {
      run_id: `run-${seq}`,
      route: 'slack_dm',
      why: 'low_confidence',
      first_reason: 'default_small',
      first_tier: 'small',
      tier: 'standard',
      agreement: 0.1,
      ...payload,
    },
  };
}

/** A place of a kind, with what the tests need to know of it. */
export function place(key: string, value: unknown, facts: ChangePlace['facts']): ChangePlace {
  return { key, value, facts };
}

/** As many as are asked for, spread evenly over days; the number of each is part of its id. */
export function spread<Row>(
  count: number,
  { fromDay = 0, days = 30 }: { readonly fromDay?: number; readonly days?: number },
  row: (at: { readonly at: string; readonly n: number; readonly day: number }) => Row,
): Row[] {
  return Array.from({ length: count }, (_, n) => {
    const day = fromDay + (n * days) / count;
    return row({ at: momentOf(day), n, day });
  });
}
