import { KoraError, messageOf } from '@kora/runtime/plugin';
import { createHash } from 'node:crypto';
import type { ImapFlow } from 'imapflow';
import type { Ready } from '../config.ts';
import { judgeHeaders, judgeMail, oversize } from '../read/judge.ts';
import type { Judgement } from '../read/judge.ts';
import { handle } from './handle.ts';
import type { House, Outcome } from './handle.ts';

/** Looks at a mail whose proof is awaited before it is put aside; a look a minute makes that half a day. */
const mostLooks = 720;
/** Bytes that are fetched of a mail that is too large. */
const oversizeHead = 65_536;

/**
 * Goes through what is unread, oldest first, one after the other. A mail is marked read when it is durable in the house
 * and not before. What was refused or put aside stays unread under a keyword that names the rules it was judged by: it is
 * not fetched again, and is looked at anew once the rules are others.
 */
export class Sweep {
  readonly #house: House;
  readonly #mark: string;
  #uidValidity = '';
  readonly #done = new Set<number>();
  readonly #looks = new Map<number, number>();

  constructor(house: House) {
    this.#house = house;
    this.#mark = markOf(house.config);
  }

  /** A mailbox that was made anew numbers its mails anew. */
  opened(uidValidity: bigint): void {
    if (String(uidValidity) === this.#uidValidity) return;
    this.#uidValidity = String(uidValidity);
    this.#done.clear();
    this.#looks.clear();
  }

  async run(client: ImapFlow, signal: AbortSignal): Promise<void> {
    const found = await client.search({ seen: false, unKeyword: this.#mark }, { uid: true });
    if (!Array.isArray(found))
      throw new KoraError('PLUGIN_EMAIL_MAILBOX', 'the mail server did not answer the search');
    for (const uid of found.toSorted((a, b) => a - b)) {
      if (signal.aborted) return;
      if (this.#done.has(uid)) continue;
      await this.#one(client, uid);
    }
  }

  async #one(client: ImapFlow, uid: number): Promise<void> {
    const { config, resolver } = this.#house;
    const range = String(uid);
    const place = { uid, uidValidity: this.#uidValidity };
    const found = await client.fetchOne(range, { uid: true, size: true }, { uid: true });
    if (found === false || found?.size === undefined) return;
    const { size } = found;
    // A mail may be nothing but headers: of a large one no more is fetched than may be read.
    const isLarge = size > (config.imap?.largestMail ?? 0);
    const wanted = isLarge ? { source: { start: 0, maxLength: oversizeHead } } : { headers: true };
    const head = await client.fetchOne(range, { uid: true, ...wanted }, { uid: true });
    let raw: Uint8Array | undefined = head === false ? undefined : isLarge ? head?.source : head?.headers;
    if (raw === undefined) return;
    const early = raw;
    let judgement = await judged(() => judgeHeaders(early, config));
    if (judgement === undefined && isLarge) judgement = oversize(raw, size);
    if (judgement === undefined) {
      const whole = await client.fetchOne(range, { uid: true, source: true }, { uid: true });
      if (whole === false || whole?.source === undefined) return;
      const { source } = whole;
      raw = source;
      judgement = await judged(() => judgeMail(source, config, resolver));
    }
    if (judgement.kind === 'later' && this.#looked(uid) >= mostLooks)
      judgement = { kind: 'refuse', reason: 'proof_unavailable', providerId: null, sender: null };
    await this.#marked(client, uid, await handle(this.#house, judgement, { raw, place }));
  }

  #looked(uid: number): number {
    const looks = (this.#looks.get(uid) ?? 0) + 1;
    this.#looks.set(uid, looks);
    return looks;
  }

  async #marked(client: ImapFlow, uid: number, outcome: Outcome): Promise<void> {
    if (outcome === 'later') return;
    const flag = outcome === 'seen' ? '\\Seen' : this.#mark;
    await client.messageFlagsAdd(String(uid), [flag], { uid: true });
    // Servers that keep no keywords are not asked about it again while this process lives.
    this.#done.add(uid);
    this.#looks.delete(uid);
  }
}

/** A mail that breaks what reads it must not stop what comes after it: it is looked at again, and then refused. */
async function judged<Found extends Judgement | undefined>(
  judge: () => Found | Promise<Found>,
): Promise<Found | Extract<Judgement, { readonly kind: 'later' }>> {
  try {
    return await judge();
  } catch (error) {
    return { kind: 'later', detail: `it could not be read: ${messageOf(error)}` };
  }
}

/** Of everything that decides who is believed. */
export function markOf({ address, operator, allow, trustedHosts, imap }: Ready): string {
  const rules = JSON.stringify([address, operator, allow, trustedHosts, imap?.largestMail]);
  return `$kora-${createHash('sha256').update(rules).digest('hex').slice(0, 8)}`;
}
