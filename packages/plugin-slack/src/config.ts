import { z } from 'zod';

/** A token is not sent in the clear to another machine. */
function isSealed(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (`${username}${password}` !== '') return false;
  return (
    protocol === 'https:' ||
    (protocol === 'http:' && /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname))
  );
}

const events = z.strictObject({
  /** Where Slack's requests arrive, behind whatever ends their TLS. */
  host: z.string().min(1).max(253).default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535),
  path: z
    .string()
    .regex(/^\/[\w./-]{0,200}$/)
    .default('/slack/events'),
});

export const configSchema = z.strictObject({
  /** Whose word is an order, and who is told everything; default what KORA_OPERATOR_SLACK_USER_ID says. */
  operatorUserId: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,30}$/, "must be a member's id, as in U012AB3CD")
    .optional(),
  /** Another address of the Web API, such as that of GovSlack. */
  slackApiUrl: z
    .string()
    .refine(isSealed, 'must begin with https://, or with http:// on this machine, and hold no password')
    .optional(),
  /** Characters of one message; the rest stands under it. Slack takes about 13 000, with what is around them. */
  longestText: z.number().int().min(500).max(12_000).default(10_000),
  /** Signed requests instead of, or beside, Socket Mode. */
  events: events.optional(),
});

export type SlackConfig = z.infer<typeof configSchema>;
export type EventsConfig = z.infer<typeof events>;
