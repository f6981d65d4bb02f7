import type { Admission, DenyCause } from '../../admission/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { TicketHandler } from '../contract.ts';
import type { Claim } from '../queue/claim.ts';
import type { Ending } from '../queue/ending.ts';
import { Alarm } from './alarm.ts';
import type { Answer } from './answer.ts';
import { askHandler } from './attempt.ts';
import { Claimer, defaultConcurrency, defaultDeadlineMs } from './claimer.ts';
import { Hands } from './hands.ts';
import { Hold, Holds } from './hold.ts';
import type { HoldEnd } from './hold.ts';
import { giveBack, keepAnswer, mayPass } from './keep.ts';
import type { KeepPorts } from './keep.ts';
import { LocalQueue } from './local-queue.ts';
import { Resolver } from './resolver.ts';
import type { WorkerStore } from './store.ts';
import { Tally } from './tally.ts';

export interface WorkshopOptions {
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'look' | 'admit' | 'redeem'>;
  /** Tickets worked at once in this runtime, default 64. */
  readonly concurrency?: number;
  /** How many claims are in this process; told when that has changed, never waited for. */
  readonly onClaims: (live: number, lost: boolean) => void;
  readonly onError: (where: string, error: unknown) => void;
}

const anyClaim = { caller: 'kora', kind: 'any', critical: false } as const;
const usualConcurrency = 64;
const usualPrefetch = 500;

/**
 * What is claimed here and what becomes of it: waiting in the local queue, in a hand, or ending. One turn of it (`#pump`)
 * follows each change; it begins what hands are free for and asks for more.
 */
export class Workshop {
  readonly #options: WorkshopOptions;
  readonly #store: WorkerStore;
  readonly #handlers = new Map<string, TicketHandler>();
  readonly #holds = new Holds();
  readonly #queue: LocalQueue;
  readonly #hands: Hands;
  readonly #claimer: Claimer;
  readonly #resolver: Resolver<Ending>;
  readonly #keep: KeepPorts;
  readonly #alarm: Alarm;
  readonly #tally: Tally;
  /** Whose leases the claims are; undefined while nothing is claimed. */
  #sessionId: string | undefined;
  #planned = false;

  /** No claim waits here longer than `reachMs`. */
  constructor(options: WorkshopOptions, store: WorkerStore, reachMs: number) {
    const { clock, admission, onError } = options;
    this.#options = options;
    this.#store = store;
    this.#queue = new LocalQueue(reachMs);
    this.#hands = new Hands(options.concurrency ?? usualConcurrency);
    this.#resolver = new Resolver<Ending>({
      clock,
      flush: (sessionId, endings, lane) => store.resolve(sessionId, endings, lane),
      mayPass,
      onError,
      onFlushed: () => this.#soon(),
    });
    this.#keep = { clock, store, resolver: this.#resolver, onError };
    this.#claimer = new Claimer({
      admission,
      hands: this.#hands,
      queue: this.#queue,
      claim: (sessionId, wants, total) => store.claim(sessionId, wants, total),
      onClaimed: (sessionId, claims) => this.#take(sessionId, claims),
      onError,
    });
    this.#alarm = new Alarm(clock, (now) => this.#ring(now));
    this.#tally = new Tally(this.#holds, options.onClaims);
  }

  /** Throws KORA_TICKET_HANDLER_TAKEN. */
  handle(handler: TicketHandler): () => void {
    const { kind, concurrency = defaultConcurrency, prefetch = usualPrefetch } = handler;
    if (this.#handlers.has(kind)) {
      throw fault('KORA_TICKET_HANDLER_TAKEN', `tickets of kind ${kind} have a handler already`);
    }
    this.#handlers.set(kind, handler);
    this.#queue.open(kind, { concurrency, prefetch });
    this.news();
    return () => {
      if (this.#handlers.get(kind) !== handler) return;
      this.#handlers.delete(kind);
      this.#giveBack(this.#queue.close(kind), 'its handler is gone');
    };
  }

  get kinds(): readonly string[] {
    return [...this.#handlers.keys()];
  }

  claimOf(ticketId: number): Claim | undefined {
    return this.#holds.of(ticketId)?.claim;
  }

  /** The session that holds a claim which is here. */
  sessionOf({ ticketId, fence }: { readonly ticketId: number; readonly fence: number }): string | undefined {
    const hold = this.#holds.of(ticketId);
    return hold?.claim.fence === fence ? hold.sessionId : undefined;
  }

  /** Claims that are here: waiting, worked or ending. */
  get claims(): Iterable<Hold> {
    return this.#holds;
  }

  /** From now on claims are made, under this session. */
  open(sessionId: string): void {
    this.#sessionId = sessionId;
    this.news();
  }

  /** There may be tickets to claim. */
  news(): void {
    this.#claimer.news();
    this.#pump();
  }

  /** Gives everything back, first what was not begun; resolves with how many went, when all ended or the store is away. */
  async abort(reason: string): Promise<number> {
    const holds = [...this.#holds];
    this.#giveBack(this.#queue.takeAll(), reason);
    this.#stop(fault('KORA_ADMISSION_DENIED', reason), { givenBack: reason });
    await this.#settled(holds);
    return holds.filter(({ end }) => end === 'released').length;
  }

  /** The session is over: nothing of it is ours. What was not begun goes back as if it had not been claimed, if it may. */
  lose(sessionId: string, reason: Error): void {
    if (this.#sessionId === sessionId) this.#sessionId = undefined;
    const of = (hold: Hold): boolean => hold.sessionId === sessionId;
    this.#giveBack(this.#queue.takeWhere(of), reason.message);
    this.#stop(reason, { lost: reason.message }, of);
  }

  /** The store does not know these leases any more; what is ending hears that with its verdict. */
  loseWhere(which: (hold: Hold) => boolean, reason: Error): void {
    for (const hold of this.#queue.takeWhere(which)) this.#leave(hold, 'lost');
    this.#stop(reason, { lost: reason.message }, which);
  }

  /** Claims no more, gives back what was not begun, and stops the rest after `ms`. Resolves when nothing is left here. */
  async close(ms: number): Promise<void> {
    this.#sessionId = undefined;
    this.#giveBack(this.#queue.takeAll(), 'the runtime stops');
    const done = new AbortController();
    const late = this.#options.clock.sleep(ms, done.signal).then((elapsed) => {
      if (elapsed) this.#stop(fault('KORA_TIMEOUT', 'the runtime stops'), { givenBack: 'the runtime stops' });
    });
    const all = this.#allEnded().finally(() => done.abort());
    await late;
    if (this.#holds.size > 0) await this.#settled([...this.#holds]);
    this.#resolver.close();
    await Promise.all([all, this.#alarm.close()]);
  }

  async #allEnded(): Promise<void> {
    await this.#claimer.idle();
    await Promise.all([...this.#holds].map(({ ended }) => ended));
  }

  /** Resolves when all of them ended, or the store was away twice: nobody waits longer for it, it is told later. */
  async #settled(holds: readonly Hold[]): Promise<void> {
    using watch = this.#resolver.failedTwice();
    this.#resolver.hurry();
    await Promise.race([Promise.all(holds.map(({ ended }) => ended)), watch.failed]);
  }

  #pump(): void {
    const sessionId = this.#sessionId;
    if (sessionId === undefined) return;
    const look = this.#options.admission.look('claim', anyClaim);
    const critical = !look.allow && look.cause === 'critical_only';
    if (!look.allow && !critical) return this.#refuse(this.#queue.takeAll(), look.cause);
    this.#beginSome();
    if (!this.#resolver.crowded) this.#claimer.ask(sessionId, [...this.#handlers.values()], critical);
    this.#alarm.by(Math.min(this.#queue.dueAt, this.#hands.dueAt));
  }

  /** Once for all that ended in this turn of the event loop. */
  #soon(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      this.#pump();
    });
  }

  /** One of each kind after the other, while there are hands and tickets. */
  #beginSome(): void {
    for (let begun = true; begun && this.#hands.free > 0 && !this.#resolver.crowded; ) {
      begun = false;
      for (const handler of this.#handlers.values()) {
        if (this.#hands.room(handler.kind, handler.concurrency ?? defaultConcurrency) === 0) continue;
        const hold = this.#queue.take(handler.kind, this.#options.clock.monotonic());
        if (hold === undefined) continue;
        begun = true;
        this.#begin(hold, handler);
      }
    }
  }

  #begin(hold: Hold, handler: TicketHandler): void {
    const { admission, clock } = this.#options;
    const { ledger, notes, progress } = this.#store;
    const { kind, ticketId, fence } = hold.claim;
    this.#hands.begin(hold, clock.monotonic(), handler.deadlineMs ?? defaultDeadlineMs);
    progress.begun({ ticketId, fence, sessionId: hold.sessionId });
    const told: WorkerStore['progress']['told'] = (holder, report) => {
      hold.deadlineAt = clock.monotonic() + hold.deadlineMs;
      progress.told(holder, report);
    };
    void askHandler(hold, handler, admission, { ledger, notes, progress: { told } }).then((answer) => {
      progress.ended(hold.claim);
      if ('result' in answer) this.#queue.worked(kind, clock.monotonic() - hold.beganAt);
      return this.#end(hold, keepAnswer(this.#keep, hold, answer));
    });
  }

  /** The hand is free as soon as the answer is on its way; one that brings rows for other rooms is so when they landed. */
  async #end(hold: Hold, kept: Promise<HoldEnd>): Promise<void> {
    hold.place = 'ending';
    if (this.#hands.end(hold)) this.#soon();
    try {
      this.#leave(hold, await kept);
    } catch (error) {
      this.#options.onError(`ticket ${hold.claim.ticketId}`, error);
      this.#leave(hold, 'lost');
    }
  }

  #leave(hold: Hold, end: HoldEnd): void {
    this.#holds.delete(hold);
    hold.leave(end);
    this.#tally.changed(end === 'lost');
  }

  /** What a claim brought. Under a session that is over it is not ours; while the runtime stops, nobody begins it. */
  #take(sessionId: string, claims: readonly Claim[]): void {
    const now = this.#options.clock.monotonic();
    const late: Hold[] = [];
    for (const claim of claims) {
      const hold = new Hold(claim, sessionId, now);
      this.#holds.add(hold);
      if (sessionId !== this.#sessionId || !this.#queue.put(hold)) late.push(hold);
    }
    if (claims.length > 0) this.#tally.changed(false);
    this.#giveBack(late, 'it came too late to be begun');
    this.#pump();
  }

  #giveBack(holds: readonly Hold[], reason: string): void {
    for (const hold of holds) void this.#end(hold, giveBack(this.#keep, hold, reason));
  }

  #refuse(holds: readonly Hold[], cause: DenyCause): void {
    for (const { claim } of holds) {
      const { kind, critical } = claim;
      // Asked with a count, since these claims were made and are not used. It never throws.
      void this.#options.admission.admit('claim', { caller: 'kora', kind, critical });
    }
    this.#giveBack(holds, `the door closed before it began: ${cause}`);
  }

  #stop(reason: Error, answer: Answer, which: (hold: Hold) => boolean = () => true): void {
    for (const hold of this.#hands) if (which(hold)) hold.stop(reason, answer);
  }

  /** Those who are out of time, and what no hand reached. */
  #ring(now: number): number {
    for (const hold of this.#hands.overdue(now)) {
      const { kind, ticketId } = hold.claim;
      const why = `did not finish within ${hold.deadlineMs} ms`;
      const error = fault('KORA_TIMEOUT', `the ${kind} handler on ticket ${ticketId} ${why}`);
      const failure = { class: 'timeout', reason: error.message } as const;
      hold.stop(error, { result: { resolution: 'failed_retryable', summary: error.message, failure } });
    }
    this.#giveBack(this.#queue.overdue(now), 'no hand was free for it in time');
    return Math.min(this.#queue.dueAt, this.#hands.dueAt);
  }
}
