import type { Causes, HealthRollup } from '@kora/runtime/client';
import { before } from './rows.ts';

/** A paused runtime in the best of health. */
export function healthRollup(over: Partial<HealthRollup> = {}): HealthRollup {
  return {
    overall: 'healthy',
    reason: null,
    intentionallyLimited: true,
    canWork: { answer: 'yes', because: [] },
    mayWork: { answer: 'no', because: ['hold #4 (operator): deploying'] },
    isWorking: { answer: 'idle', because: [] },
    subsignals: {
      store_answers: { status: 'fresh', expectation: 'the store answers', value: 'yes' },
      last_heartbeat: {
        status: 'fresh',
        expectation: 'the worker says that it lives',
        thresholdSeconds: 15,
        elapsedSeconds: 3.2,
      },
      credit_burn: { status: 'missing', expectation: 'below 90 % of the pool', value: null },
    },
    probeCadenceSeconds: 300,
    ...over,
  };
}

/** A wake, its ticket and what came of it. */
export function causes(over: Partial<Causes> = {}): Causes {
  const step = (seq: number, type: string, words: string): Causes['steps'][number] => ({
    seq,
    eventId: `0196b7a0-0000-7000-8000-000000000${seq}`,
    occurredAt: before(40 - seq / 100),
    type,
    actorId: 'kora',
    words,
    by: 'causation',
  });
  return {
    seq: 412,
    steps: [
      { ...step(410, 'probe.status_changed', 'checkout went from healthy to unreachable'), by: null },
      step(412, 'probe.wake_requested', 'incident 3 opened'),
    ],
    ended: 'first',
    missing: null,
    followed: [
      step(413, 'sea_ticket.created', 'ticket 14 was added'),
      { ...step(419, 'notification.delivered', 'message 1 was told through inbox'), by: 'correlation' },
    ],
    more: false,
    ...over,
  };
}
