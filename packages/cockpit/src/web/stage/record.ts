import type { causesSchema, incidentStorySchema, messageStorySchema } from '@kora/runtime/client';
import type { z } from 'zod';
import { before } from './rows.ts';

/** Staged: a message, an incident and an event, each told whole. */

export const stagedMessage: z.infer<typeof messageStorySchema> = {
  id: 'out-31',
  message: {
    key: 'incident:12:opened',
    at: before(340),
    direction: 'out',
    channel: 'inbox',
    status: 'delivered',
    title: 'Probe alert · shop',
    text: 'shop (critical): connection refused\n\nTarget: http://shop\nNothing else fails.',
    who: null,
    trusted: null,
    reason: null,
    attempts: 1,
    messageId: 31,
    inboundId: null,
    seq: null,
  },
  told: {
    key: 'incident:12:opened',
    thread: 'incident:12',
    severity: 'critical',
    source: 'probe_investigation',
    correlationId: 'wake-12',
    receipt: 'inbox:31',
    deliveredAt: before(320),
    nextTryAt: null,
    fallback: [],
    carriedBy: null,
    again: null,
  },
  came: null,
  steps: [
    step(48_199, 338, 'failed', {
      attempt: 1,
      error: 'Slack was not reached: status 500 <img src=x onerror=alert(1)>',
    }),
    step(48_201, 330, 'failed', { attempt: 2, error: 'Slack was not reached: status 500' }),
    step(48_202, 329, 'moved', { to: 'inbox' }),
    step(48_204, 320, 'delivered', { channel: 'inbox', attempt: 1 }),
  ],
  answers: null,
  answeredBy: [],
  about: [
    { kind: 'incident', id: '12', title: 'shop is unreachable' },
    { kind: 'wake', id: 'wake-12', title: null },
    { kind: 'ticket', id: '41', title: null },
  ],
};

type Step = NonNullable<z.infer<typeof messageStorySchema>['steps']>[number];

function step(seq: number, ago: number, outcome: Step['outcome'], part: Partial<Step>): Step {
  return {
    seq,
    at: before(ago),
    type: 'notification.delivered',
    words: '',
    outcome,
    channel: 'slack',
    attempt: null,
    to: null,
    error: null,
    ...part,
  };
}

type Line = z.infer<typeof incidentStorySchema>;

export const stagedStory: readonly Line[] = [
  line(40, 'note', 'asked the porter, who is on the way', { by: 'operator', source: event(48_216) }),
  line(60, 'acknowledged', 'I am on it', { by: 'operator', source: event(48_215) }),
  line(290, 'attempt', 'restart_unit on shop.service: not mended, it ended again', {
    by: 'wake',
    source: { kind: 'probe', id: 'shop' },
  }),
  line(300, 'reasoning', 'probe_investigation reasoning: answered, by small, 60 % sure', {
    by: 'probes',
    source: { kind: 'run', id: 'r-0199f2a4' },
  }),
  line(338, 'message', 'Probe alert · shop (told over inbox after one try)', {
    source: { kind: 'message', id: 'out-31' },
  }),
  line(340, 'wake', 'an investigation was called for', { source: { kind: 'wake', id: 'wake-12' } }),
  line(340, 'opened', 'connection refused', { source: event(48_190) }),
  line(341, 'look', 'shop came back unreachable: connection refused', {
    source: { kind: 'probe', id: 'shop' },
  }),
];

function line(ago: number, kind: Line['kind'], text: string, part: Partial<Line>): Line {
  return { at: before(ago), kind, text, by: null, source: null, ...part };
}

function event(seq: number): Line['source'] {
  return { kind: 'event', id: String(seq) };
}

export const stagedCauses: z.infer<typeof causesSchema> = {
  seq: 48_215,
  steps: [
    cause(48_188, 'probe.status_changed', 'shop went from healthy to unreachable: connection refused', null),
    cause(48_190, 'probe.wake_requested', 'incident 12 opened: shop is unreachable', 'causation'),
    cause(48_215, 'sea_ticket.created', 'ticket 41 was added by probe_wake', 'correlation'),
  ],
  ended: 'first',
  missing: null,
  followed: [cause(48_217, 'sea_ticket.claimed_for_edit', 'ticket 41 was claimed under fence 1', 'ticket')],
  more: false,
};

type Cause = z.infer<typeof causesSchema>['steps'][number];

function cause(seq: number, type: string, words: string, by: Cause['by']): Cause {
  return { seq, eventId: `event-${seq}`, occurredAt: before(48_219 - seq), type, actorId: 'kora', words, by };
}
