import { z } from 'zod';
import type { ToolSpec } from '../reason/index.ts';
import type { HouseDeeds } from './ports.ts';
import { tool } from './spec.ts';

const name = 'kora__send_message_to_operator';

/** The one way to tell somebody something: the operator, on the operator's own channel, with files that are kept here. */
export function operatorTools(deeds: HouseDeeds): readonly ToolSpec[] {
  return [
    tool({
      name,
      description:
        'Writes to the operator, and to nobody else. For what they must know or decide; not for progress. Attachments are ids of artifacts (art_...), never paths. A few messages in an hour are let through.',
      capability: 'cap_message_operator',
      sideEffects: 'once',
      input: z.strictObject({
        subject: z.string().trim().min(1).max(200),
        body: z.string().trim().min(1).max(10_000),
        severity: z.enum(['warning', 'info']).default('info'),
        attachments: z
          .array(z.string().regex(/^art_[0-9a-f]{32}$/))
          .max(5)
          .default([]),
      }),
      run: async ({ subject, body, severity, attachments }, call) => {
        const about = call.ticketId === null ? `run ${call.runId}` : `ticket ${call.ticketId}`;
        const message = {
          key: `tool:${call.callId}`,
          thread: call.ticketId === null ? `run:${call.runId}` : `ticket:${call.ticketId}`,
          severity,
          title: subject,
          // Who reads it at night must not take a model's words for the runtime's.
          body: `${body}\n\n(written by a model of ${call.caller}, on ${call.route}, ${about})`,
          source: call.route,
          attachments,
        };
        const bounded = { tool: name, key: message.key };
        const facts = { session: call.runId, subject, ticketId: call.ticketId };
        const messageId = await deeds.tell(message, bounded, facts);
        const id = `message:${messageId}`;
        return { content: { evidence: id, sent: true }, evidence: [{ id, what: subject }] };
      },
    }),
  ];
}
