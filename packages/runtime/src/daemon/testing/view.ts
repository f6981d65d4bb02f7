import type { CoordinatorView } from '../contract.ts';

/** What a daemon is told of a runtime that never ends. */
export function coordinatorView(over: Partial<CoordinatorView> = {}): CoordinatorView {
  return {
    signal: new AbortController().signal,
    timeoutMs: 10_000,
    deadline: '2026-01-01T00:00:10.000Z',
    fence: null,
    status: () => Promise.resolve({ primaryState: 'ready', uptimeMs: 0, stopLevel: 0 }),
    died: () => undefined,
    beat: () => undefined,
    ...over,
  };
}
