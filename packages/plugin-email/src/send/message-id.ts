import { createHash } from 'node:crypto';
import { domainOf } from '../config.ts';

/** Of a message of the outbox: the same key is the same id, however often it is tried, so that whoever reads can tell. */
export function messageIdOf(workspace: string, key: string, address: string): string {
  const digest = createHash('sha256').update(`${workspace}\n${key}`).digest('hex').slice(0, 32);
  return `<kora.${digest}@${domainOf(address)}>`;
}

/** Whether Kora itself gave this id from that address. */
export function isOwnMessageId(messageId: string, address: string): boolean {
  const match = /^<kora\.[0-9a-f]{32}@([^>]+)>$/.exec(messageId);
  return match?.[1]?.toLowerCase() === domainOf(address);
}

/** Every `<id>` of a References or In-Reply-To header, in order, each once. */
export function messageIdsIn(header: string | undefined): string[] {
  return [...new Set((header ?? '').match(/<[^<>\s]{1,298}>/g) ?? [])];
}
