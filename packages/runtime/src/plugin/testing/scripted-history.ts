import type { LoopHistory } from '../contract.ts';

/** A past in which one question was asked. */
export function scriptedHistory(): LoopHistory {
  const none = async (): Promise<{ readonly rows: readonly never[]; readonly next: null }> => ({
    rows: [],
    next: null,
  });
  return {
    questions: async ({ look }) => ({
      rows: [
        {
          runId: 'run-1',
          at: look.since,
          route: 'cli',
          text: `asked in ${look.part}`,
          answer: '3.5 m',
          status: 'answered',
          by: 'engine',
          error: null,
          model: 'oracle-1',
          tier: 'small',
          routing: null,
          calls: 1,
          costMicroUsd: 7,
          durationMs: 12,
          tools: [],
          advertised: null,
          untrusted: false,
          learned: [],
          snapshot: null,
        },
      ],
      next: null,
    }),
    toolCalls: none,
    incidents: none,
    attempts: none,
    events: none,
  };
}
