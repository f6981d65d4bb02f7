import { KoraError } from '@kora/runtime/plugin';
import type { OperationSpec, ReasonAnswer, Receipt, TicketWork } from '@kora/runtime/plugin';

export function receipt(given: Partial<Receipt> = {}): Receipt {
  return {
    calls: 1,
    inputTokens: 900,
    outputTokens: 100,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costMicroUsd: 1_500,
    estimated: false,
    durationMs: 2_000,
    rung: 'normal',
    wake: 'incident 7',
    model: 'tiny',
    tier: 'small',
    routing: 'default_small',
    tools: [],
    identityHash: null,
    promptVersion: null,
    phrasebookVersion: null,
    ...given,
  };
}

/** A whole answer, whose one claim is proven unless a test says otherwise. */
export function answer(given: Partial<ReasonAnswer> = {}): ReasonAnswer {
  return {
    runId: 'run-1',
    status: 'answered',
    by: 'engine',
    text: 'The pool is used up. Every connection is held by one job.\nCause: pool_exhausted at unit:shop\nNext step: stop the job.',
    error: null,
    verdict: {
      claims: [{ text: 'the pool is used up', evidence: ['log:shop#12'], proven: true, unread: [] }],
      confidence: 0.8,
    },
    receipt: receipt(),
    ...given,
  };
}

/** A refusal or a failure with no text and nothing spent. */
export function noAnswer(given: Partial<ReasonAnswer>): ReasonAnswer {
  return answer({
    status: 'failed',
    by: 'nobody',
    text: '',
    verdict: null,
    receipt: receipt({ calls: 0, costMicroUsd: 0, inputTokens: 0, outputTokens: 0, model: null, tier: null }),
    ...given,
  });
}

/** A ticket whose ledger forgets nothing within one test. */
export function ticketWork(given: Partial<TicketWork> = {}): TicketWork {
  const ledger = new Map<string, unknown>();
  return {
    ticketId: 41,
    kind: 'probe_investigation',
    title: 'Investigate shop: unreachable',
    objective: '',
    payload: {},
    attempt: 1,
    fence: 1,
    correlationId: 'wake',
    signal: new AbortController().signal,
    progress: () => {},
    note: () => Promise.reject(new KoraError('KORA_INTERNAL', 'an investigation answers its words')),
    operation: async <Result>(
      { id }: OperationSpec,
      run: (key: string, signal: AbortSignal) => Promise<Result>,
    ): Promise<Result> => {
      if (!ledger.has(id)) ledger.set(id, await run('ticket-41:investigate', new AbortController().signal));
      return ledger.get(id) as Result;
    },
    ...given,
  };
}
