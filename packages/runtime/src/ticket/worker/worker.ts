import { fault } from '../../fault/index.ts';
import { attemptCeiling } from '../queue/retry.ts';
import type { TicketHandler } from '../contract.ts';
import type { Claim } from '../queue/claim.ts';
import type { LiveSession } from '../session/live-session.ts';
import { sessionTtlMs } from '../session/session.ts';
import type { Leases } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import { Hearing } from './hearing.ts';
import { workerStore } from './store.ts';
import type { WorkerStore, WorkerStoreOptions } from './store.ts';
import { StrayLeases } from './stray-leases.ts';
import { Workshop } from './workshop.ts';
import type { WorkshopOptions } from './workshop.ts';

export interface WorkerOptions extends WorkerStoreOptions, WorkshopOptions {
  readonly admission: WorkshopOptions['admission'];
  readonly sessions: Pick<Sessions, 'begin' | 'recover'>;
}

const lookEveryMs = 2_000;
const reapEveryMs = 5_000;
const beginAgainMs = 1_000;
const drainMs = 5_000;

/** How new tickets of one runtime wake the workers of the others. Its word is the runtime that tells. */
export function ticketsChannel(workspaceId: number): string {
  return `kora_tickets_${workspaceId}`;
}

/**
 * Works tickets. It has three modes. *Claiming*: a hand that is free takes what waits here, or asks the store at once.
 * *Waiting*: there was nothing; a new ticket, a free hand or two seconds end it. *Draining*: claims nothing, gives back
 * what was not begun, lets what is worked finish for five seconds, then aborts it and gives it back.
 * The session is the lease of everything here: when it is lost all work is aborted, and a new one begins. The guard is
 * never this process's clock but the fence that every write carries.
 */
export class TicketWorker {
  readonly #options: WorkerOptions;
  readonly #store: WorkerStore;
  readonly #workshop: Workshop;
  readonly #strays: StrayLeases;
  readonly #hearing: Hearing;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#hearing = new Hearing(options.clock, () => this.kick());
    this.#store = workerStore(options, {
      freed: () => this.announce(),
      found: (count) => this.#hearing.found(count),
    });
    // An unstarted lease is not older than a third of what it lasts.
    this.#workshop = new Workshop(options, this.#store, sessionTtlMs / 3);
    this.#strays = new StrayLeases((sessionId, leases) => this.#store.abandon(sessionId, leases));
  }

  /** Adds the handler of a kind. Throws KORA_TICKET_HANDLER_TAKEN. */
  handle(handler: TicketHandler): () => void {
    return this.#workshop.handle(handler);
  }

  get kinds(): readonly string[] {
    return this.#workshop.kinds;
  }

  /** Attempts in one epoch of the store after which a ticket waits for the operator. */
  get attemptCeiling(): number {
    return this.#options.retryCeiling ?? attemptCeiling;
  }

  /** The claim this runtime holds on a ticket. */
  claimOf(ticketId: number): Claim | undefined {
    return this.#workshop.claimOf(ticketId);
  }

  /** Whether this very claim is in this runtime's hands now. */
  holds({ ticketId, fence }: { readonly ticketId: number; readonly fence: number }): boolean {
    return this.claimOf(ticketId)?.fence === fence;
  }

  /** Under which session this runtime holds that very claim; undefined when it does not. */
  sessionOf(claim: { readonly ticketId: number; readonly fence: number }): string | undefined {
    return this.#workshop.sessionOf(claim);
  }

  /** A ticket became ready, or a claim may be allowed again. */
  kick(): void {
    this.#workshop.news();
  }

  /** Tickets were added or freed, and committed: wakes this worker and those of other runtimes. */
  announce(): void {
    const { database, owner } = this.#options;
    this.kick();
    database.notify(ticketsChannel(owner.workspaceId), owner.runtimeId);
  }

  /**
   * Gives each lease back at once: first what was not begun, then what is aborted now, whether its handler heeds the
   * signal or not; no attempt counts. Resolves with how many were given back; a second call changes nothing. What may be
   * claimed afterwards is for the door to say.
   */
  abort(reason: string): Promise<number> {
    return this.#workshop.abort(reason);
  }

  /** Takes over what a dead process of this runtime left: possible because the home's lock is ours. */
  async recover(): Promise<number> {
    await this.#options.sessions.recover();
    for (let recovered = 0; ; ) {
      const reaped = await this.#store.reap();
      if (reaped === 0) return recovered;
      recovered += reaped;
    }
  }

  /** Claims and works until aborted, then drains. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, database, owner } = this.#options;
    const listening = await database.listen(ticketsChannel(owner.workspaceId), (word) => {
      if (word !== owner.runtimeId) this.#hearing.heard();
    });
    // Progress is told to the very end: work that drains has deadlines too.
    const drained = new AbortController();
    const telling = this.#store.progress.run(drained.signal);
    const session = this.#keepSession(signal);
    const reaping = this.#reapLoop(signal);
    while (await clock.sleep(this.#jittered(lookEveryMs), signal)) this.kick();
    listening[Symbol.dispose]();
    await this.#workshop.close(drainMs);
    drained.abort();
    await Promise.all([telling, reaping]);
    await (await session)?.end();
  }

  /** One session after the other; answers with the one that stands when the runtime stops. */
  async #keepSession(signal: AbortSignal): Promise<LiveSession | undefined> {
    const { clock, sessions, onError } = this.#options;
    while (!signal.aborted) {
      try {
        const session = await sessions.begin();
        session.onBeat((leases, sentAt) => this.#beaten(session, leases, sentAt));
        session.lost.addEventListener('abort', () => this.#lost(session), { once: true });
        // What the one before it held is everybody's now, also ours.
        void this.#reap();
        if (!signal.aborted) this.#workshop.open(session.sessionId);
        await aborted(AbortSignal.any([signal, session.lost]));
        if (signal.aborted) return session;
      } catch (error) {
        onError('session', error);
        await clock.sleep(this.#jittered(beginAgainMs), signal);
      }
    }
    return undefined;
  }

  #lost({ sessionId, lost }: LiveSession): void {
    const reason: unknown = lost.reason;
    this.#workshop.lose(
      sessionId,
      reason instanceof Error ? reason : fault('KORA_TICKET_STALE_FENCE', 'the session was lost'),
    );
  }

  /** A claim that was here when the beat was sent and is not among its leases was cancelled or reaped. */
  #beaten({ sessionId }: LiveSession, leases: Leases, sentAt: number): void {
    this.#workshop.loseWhere(
      (hold) =>
        hold.sessionId === sessionId &&
        hold.since < sentAt &&
        leases.get(hold.claim.ticketId) !== hold.claim.fence,
      fault('KORA_TICKET_STALE_FENCE', 'the lease is gone'),
    );
    this.#strays
      .seen(sessionId, leases, (ticketId, fence) => this.holds({ ticketId, fence }))
      .catch((error: unknown) => this.#options.onError('stray leases', error));
  }

  async #reapLoop(signal: AbortSignal): Promise<void> {
    while (await this.#options.clock.sleep(this.#jittered(reapEveryMs), signal)) await this.#reap();
  }

  async #reap(): Promise<void> {
    try {
      if ((await this.#store.reap()) > 0) this.kick();
    } catch (error) {
      this.#options.onError('reap', error);
    }
  }

  #jittered(ms: number): number {
    return ms * (0.75 + this.#options.clock.random() / 2);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
