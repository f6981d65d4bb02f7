import { backoffMs } from '../../clock/index.ts';
import { KoraError, messageOf } from '../../fault/index.ts';
import { draft, storable } from '../../chain/index.ts';
import { causeOf, claimInbound, endInbound, recoverInbound, renewInbound } from './claim.ts';
import type { InboundClaim } from './claim.ts';
import { inboundFailed, inboundQuarantined } from './events.ts';
import { handle } from './handle.ts';
import type { InboundOptions } from './inbound.ts';
import { replyTo } from './reply.ts';
import { tellRefusals } from './refusals.ts';
import { tellWaiting } from './waiting.ts';

const idleLookMs = 1_000;
const defaultLeaseMs = 30_000;
const refusalsEveryMs = 15_000;
const backoff = { firstMs: 5_000, longestMs: 600_000 };
/** What failed so often is not going to be handled by trying again; it may be what ends the process. */
const mostAttempts = 5;

/**
 * Handles what came in: each conversation in its order, several of them at once. Who dies costs a lease; what fails is
 * tried again later, and set aside for the operator after five attempts.
 */
export class InboundWorker {
  readonly #options: InboundOptions;
  readonly #leaseMs: number;
  readonly #busy = new Map<number, Promise<void>>();
  #wake: () => void = () => undefined;

  constructor(options: InboundOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? defaultLeaseMs;
  }

  kick(): void {
    this.#wake();
  }

  /** Until aborted; then what was begun is given back, so that nobody waits for its lease. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError, database } = this.#options;
    let counted = clock.monotonic();
    await recoverInbound(database, this.#options).catch((error: unknown) => onError('inbound', error));
    while (!signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await this.#look(signal).catch((error: unknown) => onError('inbound', error));
      if (clock.monotonic() - counted >= refusalsEveryMs) {
        counted = clock.monotonic();
        await tellRefusals(database, this.#options).catch((error: unknown) => onError('refusals', error));
      }
      await clock.sleep(idleLookMs, AbortSignal.any([signal, woken.signal]));
    }
    await Promise.all(this.#busy.values());
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { database, workspaceId, runtimeId, concurrency, ports } = this.#options;
    const standing = ports.standing();
    if (standing === 'silent') return;
    if (standing === 'paused') await tellWaiting(database, this.#options);
    const limit = concurrency - this.#busy.size;
    if (limit <= 0 || signal.aborted) return;
    const decisionsOnly = standing === 'paused';
    const wish = { workspaceId, runtimeId, leaseMs: this.#leaseMs, limit, decisionsOnly };
    for (const claim of await claimInbound(database, wish)) this.#begin(claim, signal);
  }

  #begin(claim: InboundClaim, signal: AbortSignal): void {
    const worked = this.#work(claim, signal)
      .catch((error: unknown) => this.#options.onError(`inbound message ${claim.inboundId}`, error))
      .finally(() => {
        this.#busy.delete(claim.inboundId);
        // The next of its conversation is due, and a place is free.
        this.#wake();
      });
    this.#busy.set(claim.inboundId, worked);
  }

  async #work(claim: InboundClaim, signal: AbortSignal): Promise<void> {
    if (claim.attempts > mostAttempts)
      return this.#setAside(claim, 'poison', 'it was begun again and again, and never ended');
    const over = new AbortController();
    const lost = new AbortController();
    const beating = this.#beat(claim, lost, AbortSignal.any([signal, over.signal]));
    try {
      await handle(this.#options, claim, AbortSignal.any([signal, lost.signal]));
    } catch (error) {
      if (!lost.signal.aborted && !isLost(error)) await this.#failed(claim, error, signal);
    } finally {
      over.abort();
      await beating;
    }
  }

  /** Says that it is worked on, as long as it is. */
  async #beat(claim: InboundClaim, lost: AbortController, signal: AbortSignal): Promise<void> {
    const { clock, database, workspaceId, onError } = this.#options;
    const wish = { workspaceId, leaseMs: this.#leaseMs };
    while (await clock.sleep(this.#leaseMs / 3, signal)) {
      const held = await renewInbound(database, wish, claim).catch((error: unknown) => {
        // A store that is away a while takes nothing from anybody; a lease that is over is found at the end.
        onError('inbound', error);
        return true;
      });
      if (!held) return lost.abort();
    }
  }

  async #failed(claim: InboundClaim, error: unknown, signal: AbortSignal): Promise<void> {
    const { database, workspaceId, clock, stage } = this.#options;
    const text = String(storable(messageOf(error)));
    // What was asked and came to nothing is on record under its key; an answer that is there is used again.
    const asked = error instanceof KoraError && error.code === 'KORA_INBOUND_UNANSWERED';
    if (signal.aborted) {
      const end = { state: 'received', refund: true, asked } as const;
      return database.transaction((tx) => endInbound(tx, workspaceId, claim, end));
    }
    if (isHopeless(error)) return this.#setAside(claim, 'malformed', text);
    if (claim.attempts >= mostAttempts) return this.#setAside(claim, 'poison', text);
    const afterMs = backoffMs(clock, claim.attempts - 1, backoff);
    await database.transaction(async (tx) => {
      await endInbound(tx, workspaceId, claim, { state: 'received', error: text, afterMs, asked });
      const { inboundId, channel, attempts } = claim;
      const said = { inbound_id: inboundId, channel, attempts, error: text };
      await stage(tx, [draft(inboundFailed, said, causeOf(claim))]);
    });
  }

  async #setAside(claim: InboundClaim, reason: string, error: string): Promise<void> {
    const { database, workspaceId, stage, ports } = this.#options;
    const { inboundId, channel, providerId, senderId, trusted, text } = claim;
    await database.transaction(async (tx) => {
      await endInbound(tx, workspaceId, claim, { state: 'quarantined', reason, error });
      const bytes = Buffer.byteLength(text);
      const said = { inbound_id: inboundId, channel, reason, bytes, provider_id: providerId };
      await stage(tx, [draft(inboundQuarantined, { ...said, sender: senderId, error }, causeOf(claim))]);
      const body = `It was set aside: ${error}\nSee it with: kora message quarantine show ${inboundId}`;
      const title = 'This message could not be handled';
      if (trusted) await ports.tell(tx, replyTo(claim, { what: 'quarantined', title, body }));
    });
  }
}

/** What is wrong with the message itself, and will be next time. */
function isHopeless(error: unknown): boolean {
  return error instanceof KoraError && hopeless.has(error.code);
}
const hopeless = new Set(['KORA_TICKET_INVALID', 'KORA_REQUEST_INVALID', 'KORA_EVENT_INVALID']);

function isLost(error: unknown): boolean {
  return error instanceof KoraError && error.code === 'KORA_INBOUND_LOST';
}
