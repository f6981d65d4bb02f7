import type { Email } from 'postal-mime';
import { isOwnMessageId, messageIdsIn } from '../send/message-id.ts';
import type { Header } from './headers.ts';
import { valueOf } from './headers.ts';

/** That a mail of Kora's was not delivered (RFC 3464). */
export interface Bounce {
  /** The Message-ID that the mail had when it left. */
  readonly messageId: string;
  readonly action: 'failed' | 'delayed';
  readonly recipient: string;
  /** As in `5.1.1`. */
  readonly status: string;
  /** The other server's words, one line. */
  readonly detail: string;
}

/** Characters of each part of a report that are read. */
const longestPart = 65_536;

/** Whether the headers are those of a report on a delivery. */
export function isReport(headers: readonly Header[]): boolean {
  const type = (valueOf(headers, 'content-type') ?? '').toLowerCase();
  return type.startsWith('multipart/report') && type.includes('delivery-status');
}

/** What the report says about a mail of Kora's; undefined when it is about none, or says nothing that counts. */
export function bounceIn(email: Email, own: string): Bounce | undefined {
  // The report itself and the mail that it is about.
  const parts = email.attachments.slice(0, 4);
  const texts = parts.map(({ mimeType, content }) => ({ mimeType, text: textOf(content) }));
  const report = texts.find(({ mimeType }) => mimeType.endsWith('delivery-status'))?.text;
  if (report === undefined) return undefined;
  const said = (field: string): string =>
    oneLine(new RegExp(`^${field}:((?:.|\\r?\\n[ \\t])*)`, 'im').exec(report)?.[1] ?? '');
  const action = said('Action').toLowerCase();
  if (action !== 'failed' && action !== 'delayed') return undefined;
  const written = [email.inReplyTo, email.references, email.text].map((text) => text?.slice(0, longestPart));
  const everything = [...texts.map(({ text }) => text), ...written].join('\n');
  const messageId = messageIdsIn(everything).find((id) => isOwnMessageId(id, own));
  if (messageId === undefined) return undefined;
  return {
    messageId,
    action,
    recipient: said('Final-Recipient')
      .replace(/^[^;]*;\s*/, '')
      .slice(0, 254),
    status: /\d\.\d{1,3}\.\d{1,3}/.exec(said('Status'))?.[0] ?? 'unknown',
    detail: said('Diagnostic-Code')
      .replace(/^[^;]*;\s*/, '')
      .slice(0, 300),
  };
}

function textOf(content: ArrayBuffer | Uint8Array | string): string {
  if (typeof content === 'string') return content.slice(0, longestPart);
  const bytes = content instanceof ArrayBuffer ? new Uint8Array(content) : content;
  return Buffer.from(bytes.subarray(0, longestPart)).toString('utf8');
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
}
