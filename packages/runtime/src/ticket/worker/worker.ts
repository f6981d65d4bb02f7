import type { Admission } from '../../admission/index.ts';
import type { EventDraft, StagedBody } from '../../chain/index.ts';
import type { ChainOwner } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { attemptTicket } from './attempt.ts';
import type { AttemptEnd } from './attempt.ts';
import { claimTickets } from '../queue/claim.ts';
import { reapTickets } from '../queue/reap.ts';
import type { Claim } from '../queue/claim.ts';
import type { Consequences, TicketHandler } from '../contract.ts';
import { releaseTicket } from '../queue/resolve.ts';
import type { ResolveContext } from '../queue/resolve.ts';
import {
  abandonLeases,
  beatSession,
  beginSession,
  endSession,
  endSessionsOf,
  sessionBeatMs,
} from '../session/session.ts';
import type { SessionKey } from '../session/session.ts';

export interface WorkerOptions {
  readonly database: Database;
  readonly owner: ChainOwner;
  readonly clock: Clock;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly prepare: (event: EventDraft) => StagedBody;
  /** A statement of this room staged events. */
  readonly staged: () => void;
  readonly admission: Pick<Admission, 'look' | 'admit' | 'redeem'>;
  /** How many leases are held now; told at each change, never waited for. */
  readonly onClaims: (live: number, lost: boolean) => void;
  /** Writes what follows from a result, in the transaction that resolves the ticket. */
  readonly apply: (tx: Transaction, consequences: Consequences, claim: Claim) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

interface Held {
  readonly claim: Claim;
  readonly abort: AbortController;
  readonly done: Promise<AttemptEnd>;
}

const anyClaim = { caller: 'kora', kind: 'any', critical: false } as const;
const idleLookMs = 2_000;
const reapEveryMs = 5_000;
const reapBatch = 500;
const drainMs = 5_000;
const defaultConcurrency = 2;
const defaultDeadlineMs = 600_000;
/** The store's deadline is this much later than the handler's, so that work out of time is failed and not reaped. */
const deadlineGraceMs = 10_000;

/**
 * Works tickets. It has three modes. *Claiming*: for each kind with a handler and a free slot, one statement takes what
 * is ready. *Waiting*: nothing was ready; a new ticket, a free slot or two seconds end it. *Draining*: claims nothing,
 * lets what is held finish for five seconds, then aborts it and gives it back.
 * The session is the lease of everything held: when its beat fails, all work is aborted and a new session begins. The
 * guard is never this process's clock but the fence that every write carries.
 */
export class TicketWorker {
  readonly #options: WorkerOptions;
  readonly #handlers = new Map<string, TicketHandler>();
  readonly #held = new Map<number, Held>();
  /** Given back, and the store was away: it is told with a beat. */
  readonly #owed = new Map<number, Claim>();
  /** Leases of ours that the last beat found and nobody works. */
  #strays: ReadonlyMap<number, number> = new Map();
  #sessionId = '';
  #wake: () => void = () => undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Adds the handler of a kind. Throws KORA_TICKET_HANDLER_TAKEN. */
  handle(handler: TicketHandler): () => void {
    if (this.#handlers.has(handler.kind)) {
      throw fault('KORA_TICKET_HANDLER_TAKEN', `tickets of kind ${handler.kind} have a handler already`);
    }
    this.#handlers.set(handler.kind, handler);
    this.#wake();
    return () => {
      if (this.#handlers.get(handler.kind) === handler) this.#handlers.delete(handler.kind);
    };
  }

  get kinds(): readonly string[] {
    return [...this.#handlers.keys()];
  }

  /** The claim this runtime holds on a ticket. */
  claimOf(ticketId: number): Claim | undefined {
    return this.#held.get(ticketId)?.claim;
  }

  /** Whether this very claim is in this runtime's hands now. */
  holds({ ticketId, fence }: { readonly ticketId: number; readonly fence: number }): boolean {
    return this.#held.get(ticketId)?.claim.fence === fence;
  }

  /** A ticket became ready, or a claim may be allowed again. */
  kick(): void {
    this.#wake();
  }

  /**
   * Aborts everything in hand and gives each lease back at once, whether its handler heeds the signal or not; the attempt
   * does not count. Resolves with how many were given back; a second call changes nothing. What may be claimed afterwards
   * is for the door to say.
   */
  async abort(reason: string): Promise<number> {
    const held = [...this.#held.values()];
    for (const { abort } of held) abort.abort(fault('KORA_ADMISSION_DENIED', reason));
    const ends = await Promise.all(held.map(({ done }) => done));
    return ends.filter((end) => end === 'released').length;
  }

  /** Takes over what a dead process of this runtime left: possible because the home's lock is ours. */
  async recover(): Promise<number> {
    const { database, owner } = this.#options;
    await endSessionsOf(database, owner.workspaceId, owner.runtimeId);
    let recovered = 0;
    for (;;) {
      const { length } = await this.#reap();
      recovered += length;
      if (length < reapBatch) return recovered;
    }
  }

  /** Claims and works until aborted, then drains. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#begin().catch((error: unknown) => this.#failed('session', error));
    const beating = this.#beat(signal);
    const reaping = this.#reapLoop(signal);
    while (!signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      const claimed = await this.#claim().catch((error: unknown) => this.#failed('claim', error));
      if (claimed === 0) {
        await this.#options.clock.sleep(this.#jittered(idleLookMs), AbortSignal.any([signal, woken.signal]));
      }
    }
    await this.#drain();
    await Promise.all([beating, reaping]);
    await this.#end();
  }

  async #claim(): Promise<number> {
    const critical = this.#onlyCritical();
    if (critical === undefined) return 0;
    let claimed = 0;
    for (const handler of this.#handlers.values()) {
      const limit = (handler.concurrency ?? defaultConcurrency) - this.#working(handler.kind);
      if (limit > 0) claimed += await this.#claimOf(handler, limit, critical);
    }
    if (claimed > 0) this.#options.staged();
    return claimed;
  }

  /** One look for all kinds: whether only critical tickets may be claimed; undefined while none may. */
  #onlyCritical(): boolean | undefined {
    const look = this.#options.admission.look('claim', anyClaim);
    if (look.allow) return false;
    return look.cause === 'critical_only' ? true : undefined;
  }

  async #claimOf(handler: TicketHandler, limit: number, critical: boolean): Promise<number> {
    const { admission, database, owner } = this.#options;
    const { kind } = handler;
    const leave = await admission.admit('claim', { caller: 'kora', kind, critical });
    if (!leave.allow) return 0;
    const sessionId = this.#sessionId;
    const claims = await claimTickets(database, owner, {
      sessionId,
      wants: [
        {
          kind,
          limit,
          deadlineMs: (handler.deadlineMs ?? defaultDeadlineMs) + deadlineGraceMs,
          pass: leave.pass,
        },
      ],
      total: limit,
      admission,
    });
    for (const claim of claims) this.#hold(claim, handler, sessionId);
    return claims.length;
  }

  #working(kind: string): number {
    return [...this.#held.values()].filter(({ claim }) => claim.kind === kind).length;
  }

  #hold(claim: Claim, handler: TicketHandler, sessionId: string): void {
    const abort = new AbortController();
    const { admission, database, clock, apply, onError, staged } = this.#options;
    const done = attemptTicket({
      admission,
      database,
      clock,
      apply,
      onError,
      claim,
      handler,
      deadlineMs: handler.deadlineMs ?? defaultDeadlineMs,
      signal: abort.signal,
      context: this.#resolveContext(sessionId),
    })
      .catch((error: unknown): AttemptEnd => {
        this.#failed(`ticket ${claim.ticketId}`, error);
        return 'lost';
      })
      .then((end) => {
        staged();
        this.#held.delete(claim.ticketId);
        if (end === 'lost' && abort.signal.aborted) this.#owed.set(claim.ticketId, claim);
        this.#options.onClaims(this.#held.size, end === 'lost');
        this.#wake();
        return end;
      });
    this.#held.set(claim.ticketId, { claim, abort, done });
    this.#options.onClaims(this.#held.size, false);
  }

  async #begin(): Promise<void> {
    const { database, owner, clock } = this.#options;
    this.#sessionId = clock.uuid();
    await beginSession(
      database,
      { workspaceId: owner.workspaceId, sessionId: this.#sessionId },
      owner.runtimeId,
    );
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { database, owner, clock } = this.#options;
    while (await clock.sleep(sessionBeatMs, signal)) {
      try {
        const key = { workspaceId: owner.workspaceId, sessionId: this.#sessionId };
        // What is claimed while the beat is under way is not in its answer, and not missing.
        const before = [...this.#held.values()];
        const leases = await beatSession(database, key);
        if (leases === undefined) await this.#lost();
        else {
          abortMissing(before, leases);
          await this.#settleOwed(leases);
          await this.#abandonStrays(key, leases);
        }
      } catch (error) {
        this.#options.onError('session beat', error);
      }
    }
  }

  /** The session is gone: nothing it held is ours. Work is aborted, and a new session begins. */
  async #lost(): Promise<void> {
    for (const { abort } of this.#held.values())
      abort.abort(fault('KORA_TICKET_STALE_FENCE', 'the session was lost'));
    await this.#begin();
  }

  /** What could not be given back when it was to be, and is ours still; the attempt does not count. */
  async #settleOwed(leases: ReadonlyMap<number, number>): Promise<void> {
    const { database, staged } = this.#options;
    const context = this.#resolveContext(this.#sessionId);
    for (const [ticketId, claim] of this.#owed) {
      if (leases.get(ticketId) === claim.fence) {
        await database.transaction((tx) =>
          releaseTicket(tx, context, claim, 'given back late: the store was away'),
        );
        staged();
      }
      this.#owed.delete(ticketId);
    }
  }

  /** A lease that two beats find and nobody works: the answer that gave it to us, or that ended it, never arrived. */
  async #abandonStrays(key: SessionKey, leases: ReadonlyMap<number, number>): Promise<void> {
    const strays = new Map([...leases].filter(([ticketId]) => !this.#held.has(ticketId)));
    const old = [...strays].filter(([ticketId, fence]) => this.#strays.get(ticketId) === fence);
    this.#strays = strays;
    if (old.length > 0) await abandonLeases(this.#options.database, key, new Map(old));
  }

  async #reapLoop(signal: AbortSignal): Promise<void> {
    while (await this.#options.clock.sleep(this.#jittered(reapEveryMs), signal)) {
      await this.#reap().catch((error: unknown) => this.#options.onError('reap', error));
    }
  }

  async #reap(): Promise<number[]> {
    const { database, owner, staged } = this.#options;
    const reaped = await reapTickets(database, owner, reapBatch);
    if (reaped.length > 0) {
      staged();
      this.#wake();
    }
    return reaped;
  }

  async #drain(): Promise<void> {
    const done = Promise.all([...this.#held.values()].map((held) => held.done));
    const finished = new AbortController();
    const late = this.#options.clock.sleep(drainMs, finished.signal).then((elapsed) => {
      if (elapsed)
        for (const { abort } of this.#held.values()) abort.abort(fault('KORA_TIMEOUT', 'the runtime stops'));
    });
    await done;
    finished.abort();
    await late;
  }

  async #end(): Promise<void> {
    const { database, owner } = this.#options;
    await endSession(database, { workspaceId: owner.workspaceId, sessionId: this.#sessionId }).catch(
      (error: unknown) => this.#options.onError('end session', error),
    );
  }

  #resolveContext(sessionId: string): ResolveContext {
    const { owner, prepare, staged, clock } = this.#options;
    return {
      workspaceId: owner.workspaceId,
      runtimeId: owner.runtimeId,
      sessionId,
      prepare,
      staged,
      random: () => clock.random(),
      uuid: () => clock.uuid(),
    };
  }

  #jittered(ms: number): number {
    return ms * (0.75 + this.#options.clock.random() / 2);
  }

  #failed(where: string, error: unknown): 0 {
    this.#options.onError(where, error);
    return 0;
  }
}

/** Cancelled or reaped while we worked: stop spending on it. */
function abortMissing(held: readonly Held[], leases: ReadonlyMap<number, number>): void {
  for (const { claim, abort } of held) {
    if (leases.get(claim.ticketId) !== claim.fence)
      abort.abort(fault('KORA_TICKET_STALE_FENCE', 'the lease is gone'));
  }
}
