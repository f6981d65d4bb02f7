import { addressParser } from 'postal-mime';
import type { Header } from './headers.ts';
import { valuesOf } from './headers.ts';

export type Sender =
  | { readonly ok: true; readonly address: string; readonly name: string }
  | { readonly ok: false; readonly reason: SenderTrick; readonly shown: string | null };

export type SenderTrick =
  | 'from_missing'
  | 'several_from_headers'
  | 'several_senders'
  | 'group_syntax'
  | 'from_malformed'
  | 'homograph'
  | 'display_name_trick';

const plain =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i;

/** Characters of a From that is read: no person's is longer, and each that is takes its reader's time. */
const longestFrom = 2_000;

/**
 * Who a mail says it is from, where there is one way to read it. What two programs could read as two people is nobody:
 * several From headers, several senders, a group, an address that is shown as a name, letters that only look like ASCII.
 */
export function senderOf(headers: readonly Header[]): Sender {
  const froms = valuesOf(headers, 'from');
  // Raw letters beyond ASCII are UTF-8 (RFC 6532), to whoever reads them.
  const from = Buffer.from(froms[0] ?? '', 'latin1').toString('utf8');
  if (from === '') return trick('from_missing', null);
  if (froms.length > 1) return trick('several_from_headers', from);
  if (from.length > longestFrom || malformed(from)) return trick('from_malformed', from);
  const parsed = addressParser(from);
  if (parsed.some((one) => one.group !== undefined)) return trick('group_syntax', from);
  const [only] = parsed;
  if (only?.address === undefined || only.address === '') return trick('from_malformed', from);
  if (parsed.length > 1) return trick('several_senders', from);
  const { address, name } = only;
  if (lookalike(address)) return trick('homograph', from);
  if (address.length > 254 || !plain.test(address)) return trick('from_malformed', from);
  const lower = address.toLowerCase();
  if (namesAnother(name, lower) || namesAnother(outsideOf(from), lower))
    return trick('display_name_trick', from);
  return {
    ok: true,
    address: lower,
    name: name
      .replaceAll(/[\p{C}]+/gu, ' ')
      .trim()
      .slice(0, 100),
  };
}

function trick(reason: SenderTrick, from: string | null): Sender {
  return {
    ok: false,
    reason,
    shown: from === null ? null : from.slice(0, 200).replaceAll(/[^\x20-\x7e]+/g, '?'),
  };
}

/** A control character, or more than one address in angle brackets. */
function malformed(from: string): boolean {
  const unquoted = from.replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
  return /(?!\t)\p{Cc}/u.test(from) || (unquoted.match(/</g) ?? []).length > 1;
}

/** Letters beyond ASCII, raw or as `xn--`: which ones they are a reader cannot see. */
function lookalike(address: string): boolean {
  return /[^\x20-\x7e]/.test(address) || /@(?:.*\.)?xn--/i.test(address);
}

/** A name, or anything beside the angle brackets, that reads like the address of somebody else. */
function namesAnother(text: string, address: string): boolean {
  // A full-width or small commercial at is one to whoever reads it.
  const read = text.normalize('NFKC').toLowerCase();
  const found = read.match(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g) ?? [];
  return found.some((one) => one !== address) || (read.includes('@') && found.length === 0);
}

/** What stands beside the address: with brackets everything outside of them, without only what is in comments. */
function outsideOf(from: string): string {
  const bracket = /<[^>]*>/.exec(from);
  if (bracket !== null) return from.replace(bracket[0], ' ');
  return (from.match(/\([^)]*\)/g) ?? []).join(' ');
}

/** Whether an address, or everybody of its domain, may write. */
export function isAllowed(address: string, allow: readonly string[]): boolean {
  return allow.some((one) => (one.startsWith('@') ? address.endsWith(one) : one === address));
}

/** Whether the mail was written to this address, `name+anything` included: one that was passed on to Kora was not. */
export function writtenTo(headers: readonly Header[], own: string): 'to' | 'cc' | undefined {
  for (const name of ['to', 'cc'] as const) {
    const listed = valuesOf(headers, name).flatMap((value) => addressParser(value, { flatten: true }));
    if (listed.some(({ address }) => untagged(address ?? '') === own)) return name;
  }
  return undefined;
}

function untagged(address: string): string {
  return address.toLowerCase().replace(/\+[^@]*@/, '@');
}
