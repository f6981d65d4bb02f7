import { z } from 'zod';
import { classified, eventType } from '../../chain/index.ts';
import type { EventType } from '../../chain/index.ts';

const about = { decision_id: z.number(), kind: z.string() };

const asked = classified({
  public: { ...about, expires_at: z.string() },
  internal: { subject: z.string(), asker: z.string(), title: z.string() },
});
export const decisionAsked: EventType<z.infer<typeof asked>> = eventType(
  'decision.asked',
  'Something waits for the word of the operator.',
  asked,
);

const answered = classified({
  public: { ...about, verdict: z.enum(['approve', 'deny']), via: z.string() },
  internal: { subject: z.string(), by: z.string(), note: z.string().nullable() },
});
export const decisionAnswered: EventType<z.infer<typeof answered>> = eventType(
  'decision.answered',
  'The operator decided, over a channel, in the terminal or on the page.',
  answered,
);

const ended = classified({
  public: { ...about, status: z.enum(['expired', 'withdrawn']) },
  internal: { subject: z.string() },
});
export const decisionEnded: EventType<z.infer<typeof ended>> = eventType(
  'decision.ended',
  'A decision is over unanswered: its time ran out, or what asked for it went away.',
  ended,
);

const drill = classified({
  public: { decision_id: z.number(), channels: z.array(z.string()) },
  internal: { reason: z.string() },
});
export const drillStarted: EventType<z.infer<typeof drill>> = eventType(
  'decision.drill_started',
  'The operator is paged for practice, over one channel after the other until somebody says to have heard.',
  drill,
);

export const decisionEvents: readonly EventType[] = [
  decisionAsked,
  decisionAnswered,
  decisionEnded,
  drillStarted,
];
