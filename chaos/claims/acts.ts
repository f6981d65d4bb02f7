import assert from 'node:assert/strict';
import { scene } from '../../packages/runtime/src/admission/testing/scene.ts';
import { KoraError } from '../../packages/runtime/src/fault/index.ts';
import type { Transaction } from '../../packages/runtime/src/store/index.ts';
import {
  addTicket,
  cancelTicket,
  claimTicket,
  claimTickets,
  endingOf,
  forceRetry,
  givenBack,
  Ledger,
  reapTickets,
  reassignTicket,
  resolveBatch,
} from '../../packages/runtime/src/ticket/index.ts';
import type {
  Claim,
  ClaimAnswer,
  ClaimWant,
  Reaped,
  Verdict,
} from '../../packages/runtime/src/ticket/index.ts';
import { ProgressBook } from '../../packages/runtime/src/ticket/ledger/progress.ts';
import {
  abandonLeases,
  beatSession,
  beginSession,
} from '../../packages/runtime/src/ticket/session/session.ts';
import type { Leases } from '../../packages/runtime/src/ticket/session/session.ts';
import { clock } from './house.ts';
import type { House } from './house.ts';
import type { Belief, Word } from './world.ts';

const kind = 'test';
/** Milliseconds of every lease and deadline: time passes only where a step says so. */
const dayMs = 86_400_000;
const { admission } = scene();
const scrub = (text: string): string => text;

/** What people and the weather do, by the statements that ship; each on the given transaction. */
export class Acts {
  readonly #tx: Transaction;
  readonly #house: House;

  constructor(tx: Transaction, house: House) {
    this.#tx = tx;
    this.#house = house;
  }

  async add(): Promise<number> {
    return (await addTicket(this.#tx, this.#house, { kind, title: 'a ticket' })).ticketId;
  }

  async begin(instead: readonly string[] = []): Promise<string> {
    const { workspaceId, owner } = this.#house;
    const sessionId = clock.uuid();
    await beginSession(this.#tx, { workspaceId, sessionId }, owner.runtimeId, { ttlMs: dayMs, instead });
    return sessionId;
  }

  beat(sessionId: string): Promise<Leases | undefined> {
    return beatSession(this.#tx, { workspaceId: this.#house.workspaceId, sessionId });
  }

  abandon(sessionId: string, leases: Leases): Promise<void> {
    return abandonLeases(this.#tx, { workspaceId: this.#house.workspaceId, sessionId }, leases);
  }

  async claim(sessionId: string, limit: number): Promise<Claim[]> {
    const wants = [{ ...(await this.#want()), limit }];
    return claimTickets(this.#tx, this.#house.owner, { sessionId, wants, total: limit, admission });
  }

  async claimOne(sessionId: string, ticketId: number): Promise<ClaimAnswer> {
    const want = await this.#want();
    return claimTicket(this.#tx, this.#house.owner, { ...want, sessionId, ticketId, admission });
  }

  /** Several words of one session land in one statement. */
  say(
    sessionId: string,
    words: readonly { readonly claim: Claim; readonly word: Word }[],
  ): Promise<Verdict[]> {
    const context = this.#house.contextOf(sessionId);
    const endings = words.map(({ claim, word }) =>
      word === 'released'
        ? givenBack(context, claim, 'given back')
        : endingOf(context, claim, {
            resolution: word,
            summary: word,
            ...(word === 'completed' ? {} : { failure: { class: 'network' } }),
          }),
    );
    return resolveBatch(this.#tx, context, endings);
  }

  reap(): Promise<Reaped[]> {
    return reapTickets(this.#tx, this.#house.owner, 500);
  }

  cancel(ticketId: number): Promise<boolean> {
    return possible(cancelTicket(this.#tx, this.#house, this.#request(ticketId)));
  }

  forceRetry(ticketId: number): Promise<boolean> {
    return possible(forceRetry(this.#tx, this.#house, this.#request(ticketId)));
  }

  reassign(ticketId: number): Promise<boolean> {
    const request = { ...this.#request(ticketId), assignedTo: 'operator' };
    return possible(reassignTicket(this.#tx, this.#house, request));
  }

  /** Whether the store believed that the holder is at work. */
  async progress({ claim, sessionId }: Belief): Promise<boolean> {
    const book = new ProgressBook({ ...this.#ledgerOptions(), onError: () => undefined });
    book.told({ ...claim, sessionId });
    return (await book.flush()) === 1;
  }

  /** Whether the holder may write for its ticket. */
  async write({ claim, sessionId }: Belief): Promise<boolean> {
    const mover = { holder: { ...claim, sessionId }, signal: AbortSignal.abort() };
    const spec = { id: 'one', tool: 'test', sideEffects: 'once' } as const;
    try {
      await new Ledger(this.#ledgerOptions()).begin(mover, spec);
      return true;
    } catch (error) {
      if (error instanceof KoraError && error.code === 'KORA_TICKET_STALE_FENCE') return false;
      throw error;
    }
  }

  /** The clock goes past a session's lease. */
  async expire(sessionId: string): Promise<void> {
    await this.#tx.query(
      `update kora.session set until = clock_timestamp() - interval '1 second'
       where workspace_id = $1 and session_id = $2`,
      [this.#house.workspaceId, sessionId],
    );
  }

  /** The clock goes past the deadline of a lease. */
  async overdue(ticketId: number): Promise<void> {
    await this.#tx.query(
      `update kora.ticket_lease set deadline = clock_timestamp() - interval '1 second'
       where workspace_id = $1 and ticket_id = $2`,
      [this.#house.workspaceId, ticketId],
    );
  }

  /** What waits for its time goes on waiting: the real clock makes nothing due. */
  async freeze(): Promise<void> {
    await this.#tx.query(
      `update kora.ticket_ready set eligible_at = clock_timestamp() + interval '1 year'
       where workspace_id = $1 and eligible_at > clock_timestamp()`,
      [this.#house.workspaceId],
    );
  }

  /** What waits for its time may be claimed. */
  async wait(): Promise<void> {
    await this.#tx.query(
      `update kora.ticket_ready set eligible_at = clock_timestamp()
       where workspace_id = $1 and eligible_at > clock_timestamp()`,
      [this.#house.workspaceId],
    );
  }

  async #want(): Promise<Omit<ClaimWant, 'limit'>> {
    const leave = await admission.admit('claim', { caller: 'kora', kind, critical: false });
    assert.ok(leave.allow, 'the door is open');
    return { kind, deadlineMs: dayMs, pass: leave.pass };
  }

  #ledgerOptions(): ConstructorParameters<typeof Ledger>[0] & { clock: typeof clock } {
    return { database: this.#tx, workspaceId: this.#house.workspaceId, clock, scrub };
  }

  #request(ticketId: number): { ticketId: number; reason: string; runtimeId: string } {
    return { ticketId, reason: 'so it be', runtimeId: this.#house.owner.runtimeId };
  }
}

/** False where the ticket is not where the operator's word would reach it. */
async function possible(done: Promise<void>): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (error) {
    if (error instanceof KoraError && error.code === 'KORA_TICKET_UNKNOWN') return false;
    throw error;
  }
}
