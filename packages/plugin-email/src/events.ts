import { classified } from '@kora/runtime/plugin';
import type { EventType } from '@kora/runtime/plugin';
import { z } from 'zod';

export const intentActions = ['created', 'logged_only', 'dry_run', 'cap_exceeded'] as const;

export const intentRead: EventType = {
  type: 'email.intent_read',
  version: 1,
  means: 'A mail that was accepted was read for whether it wants to become a ticket; what was made of it.',
  payload: classified({
    public: {
      action: z.enum(intentActions),
      pattern: z.string(),
      confidence: z.enum(['high', 'medium', 'unrecognized']),
      reason: z.string().nullable(),
      /** Of the pattern, where it was learned: it is called `learned:<key>` then. */
      revision: z.number().nullable().optional(),
    },
    internal: {
      message_id: z.string(),
      title: z.string().nullable(),
      /** At most 200 characters; also of a mail that became nothing. */
      subject: z.string().nullable().optional(),
    },
  }),
};

export const intentJudged: EventType = {
  type: 'email.intent_judged',
  version: 1,
  means:
    'What the operator made of how a mail was read: it should have been a ticket, or its ticket was worked, or called off unbegun.',
  payload: classified({
    public: {
      verdict: z.enum(['missed', 'confirmed', 'unwanted']),
      how: z.enum(['reply', 'worked', 'cancelled']),
      pattern: z.string(),
      revision: z.number().nullable(),
      ticket: z.number().nullable(),
    },
    internal: { message_id: z.string(), subject: z.string().nullable() },
  }),
};

export const bounced: EventType = {
  type: 'email.bounced',
  version: 1,
  means: 'A report came in that a mail was not delivered, or is late.',
  payload: classified({
    public: { action: z.enum(['failed', 'delayed']), status: z.string() },
    internal: { message_id: z.string(), recipient: z.string() },
  }),
};

export const ownEvents: readonly EventType[] = [bounced, intentJudged, intentRead];
