import type { Admission } from '../../admission/index.ts';
import { KoraError } from '../../fault/index.ts';
import type { TicketHandler } from '../contract.ts';
import type { Claim, ClaimWant } from '../queue/claim.ts';
import type { Hands } from './hands.ts';
import type { LocalQueue } from './local-queue.ts';

export interface ClaimerOptions {
  readonly admission: Pick<Admission, 'admit'>;
  readonly hands: Hands;
  readonly queue: LocalQueue;
  readonly claim: (sessionId: string, wants: readonly ClaimWant[], total: number) => Promise<Claim[]>;
  readonly onClaimed: (sessionId: string, claims: readonly Claim[]) => void;
  readonly onError: (where: string, error: unknown) => void;
}

/** What one claim asks for. */
interface Question {
  readonly sessionId: string;
  readonly critical: boolean;
  readonly limits: ReadonlyMap<TicketHandler, number>;
  /** What was known to be new when it was asked. */
  readonly news: number;
}

const mostUnderWay = 2;
const mostAtOnce = 500;
export const defaultConcurrency = 2;
export const defaultDeadlineMs = 600_000;
/** The store's deadline is this much later than the handler's, so that work out of time is failed and not reaped. */
const deadlineGraceMs = 10_000;

/**
 * When to ask the store for tickets, and for how many of which kind: as soon as a hand is free, and ahead of that while
 * the local queue falls below half. A kind of which the store had less than was asked for is not asked for again until
 * there is news. Kinds take turns in being the first.
 */
export class Claimer {
  readonly #options: ClaimerOptions;
  readonly #dry = new Set<string>();
  readonly #coming = new Map<string, number>();
  readonly #underWay = new Set<Promise<void>>();
  #news = 0;
  #turn = 0;

  constructor(options: ClaimerOptions) {
    this.#options = options;
  }

  /** There may be tickets of any kind. */
  news(): void {
    this.#news += 1;
    this.#dry.clear();
  }

  /** Starts what claims are due. */
  ask(sessionId: string, handlers: readonly TicketHandler[], critical: boolean): void {
    while (this.#underWay.size < mostUnderWay) {
      const limits = this.#limits(handlers);
      if (limits.size === 0) return;
      this.#turn += 1;
      for (const [{ kind }, limit] of limits) this.#expect(kind, limit);
      const asked = this.#ask({ sessionId, critical, limits, news: this.#news }).finally(() =>
        this.#underWay.delete(asked),
      );
      this.#underWay.add(asked);
    }
  }

  /** Resolves when no claim is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #limits(handlers: readonly TicketHandler[]): Map<TicketHandler, number> {
    const { hands, queue } = this.#options;
    const limits = new Map<TicketHandler, number>();
    for (let n = 0; n < handlers.length; n += 1) {
      const handler = handlers[(n + this.#turn) % handlers.length];
      if (handler === undefined || this.#dry.has(handler.kind)) continue;
      const free = hands.room(handler.kind, handler.concurrency ?? defaultConcurrency);
      const wanted = queue.wanted(handler.kind, free, this.#coming.get(handler.kind) ?? 0);
      if (wanted > 0) limits.set(handler, Math.min(wanted, mostAtOnce));
    }
    return limits;
  }

  #expect(kind: string, change: number): void {
    this.#coming.set(kind, (this.#coming.get(kind) ?? 0) + change);
  }

  async #ask(question: Question): Promise<void> {
    const { onClaimed, onError } = this.#options;
    const { sessionId, limits } = question;
    let claims: readonly Claim[] = [];
    try {
      const wants = await this.#wants(question);
      const total = Math.min(
        mostAtOnce,
        wants.reduce((all, { limit }) => all + limit, 0),
      );
      if (wants.length > 0) claims = await this.#options.claim(sessionId, wants, total);
      this.#learn(question, claims, total);
    } catch (error) {
      // Its door closed meanwhile: the next look says so.
      if (!(error instanceof KoraError && error.code === 'KORA_ADMISSION_DENIED')) onError('claim', error);
      for (const { kind } of limits.keys()) this.#dry.add(kind);
    } finally {
      for (const [{ kind }, limit] of limits) this.#expect(kind, -limit);
    }
    onClaimed(sessionId, claims);
  }

  async #wants({ limits, critical }: Question): Promise<ClaimWant[]> {
    const wants: ClaimWant[] = [];
    for (const [{ kind, deadlineMs = defaultDeadlineMs, budgetMicroUsd = 0 }, limit] of limits) {
      const leave = await this.#options.admission.admit('claim', { caller: 'kora', kind, critical });
      if (leave.allow)
        wants.push({
          kind,
          limit,
          deadlineMs: deadlineMs + deadlineGraceMs,
          budgetMicroUsd,
          pass: leave.pass,
        });
    }
    return wants;
  }

  /** Less than was asked for is all there was; as much, while hands stood free, is a reason to ask for more. */
  #learn({ limits, news }: Question, claims: readonly Claim[], total: number): void {
    const { hands, queue } = this.#options;
    const got = new Map<string, number>();
    for (const { kind } of claims) got.set(kind, (got.get(kind) ?? 0) + 1);
    for (const [{ kind, concurrency = defaultConcurrency }, limit] of limits) {
      const full = (got.get(kind) ?? 0) >= limit;
      if (full && queue.size(kind) === 0 && hands.room(kind, concurrency) > 0) queue.ranDry(kind);
      if (!full && claims.length < total && news === this.#news) this.#dry.add(kind);
    }
  }
}
