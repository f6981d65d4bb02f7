import { isOwnMessageId } from '../send/message-id.ts';
import type { Header } from './headers.ts';
import { valueOf } from './headers.ts';

export type Automatic = 'own_message' | 'auto_reply' | 'mailing_list';

/** A mail that a machine wrote, or a list sent around: answering it may go on for ever (RFC 3834). */
export function automaticOf(headers: readonly Header[], own: string): Automatic | undefined {
  const has = (name: string): boolean => valueOf(headers, name) !== undefined;
  const said = (name: string): string => (valueOf(headers, name) ?? '').toLowerCase().trim();
  if (isOwnMessageId(valueOf(headers, 'message-id') ?? '', own)) return 'own_message';
  const submitted = said('auto-submitted').split(/[\s;(]/)[0] ?? '';
  if (submitted !== '' && submitted !== 'no') return 'auto_reply';
  if (has('x-autoreply') || has('x-autorespond') || said('x-auto-response-suppress').includes('all'))
    return 'auto_reply';
  if (said('return-path') === '<>' || said('precedence') === 'auto_reply') return 'auto_reply';
  if (has('list-id') || has('list-unsubscribe') || has('list-post')) return 'mailing_list';
  if (/^(?:bulk|list|junk)\b/.test(said('precedence'))) return 'mailing_list';
  return undefined;
}
