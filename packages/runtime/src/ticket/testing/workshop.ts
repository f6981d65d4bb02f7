import assert from 'node:assert/strict';
import { scene } from '../../admission/testing/scene.ts';
import { FakeClock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { StopLevel } from '../../state/index.ts';
import type { TicketHandler, TicketResult } from '../contract.ts';
import type { Claim } from '../queue/claim.ts';
import type { Verdict } from '../queue/resolve.ts';
import type { Hold } from '../worker/hold.ts';
import type { WorkerStore } from '../worker/store.ts';
import { Workshop } from '../worker/workshop.ts';
import { claimOf } from './claim.ts';

/** Something that was asked of the store and is answered when the test says so. */
interface Pending {
  answer(): void;
  /** As it was when it was asked, and there was nothing. */
  empty(): void;
  lose(): void;
}

/** What this store is told of an end: all it needs. */
interface FakeEnding {
  readonly hold: Hold;
  readonly as: Ended;
}

/** An attempt in a handler that answers when the test says so, and heeds no signal. */
interface Working {
  readonly ticketId: number;
  readonly kind: string;
  readonly signal: AbortSignal;
  answer(result: TicketResult): void;
}

/** How a claim ended, by what the store was told and said. */
export type Ended = 'resolved' | 'released' | 'lost';

export const limits = { one: 2, two: 3, runtime: 4, reachMs: 5_000 } as const;

/** A workshop over a store of a few lines, in which the test moves everything: answers, time, doors and sessions. */
export class WorkshopScene {
  readonly clock = new FakeClock();
  readonly errors: unknown[] = [];
  /** What a handler saw that must not be: what it throws would only fail its attempt. */
  readonly wrongs: string[] = [];
  readonly pending: Pending[] = [];
  readonly working: Working[] = [];
  /** Leases by ticket, as the store has them; and every claim there ever was, with its ends. */
  readonly leases = new Map<number, { readonly claim: Claim; readonly sessionId: string }>();
  readonly claims: { readonly claim: Claim; readonly sessionId: string; readonly ends: Ended[] }[] = [];
  readonly told: number[] = [];
  /** What each flush asked to have ended, in order. */
  readonly flushes: { readonly ticketId: number; readonly as: Ended }[][] = [];
  sessionId = '';
  readonly workshop: Workshop;
  readonly #ready: { readonly ticketId: number; readonly kind: string; readonly fence: number }[] = [];
  readonly #door = scene();
  #tickets = 0;
  #sessions = 0;

  constructor() {
    this.workshop = new Workshop(
      {
        clock: this.clock,
        admission: this.#door.admission,
        concurrency: limits.runtime,
        onClaims: (live) => this.told.push(live),
        onError: (_, error) => this.errors.push(error),
      },
      this.#store(),
      limits.reachMs,
    );
    this.workshop.handle(this.#handler('one', limits.one));
    this.workshop.handle(this.#handler('two', limits.two));
    this.begin();
  }

  add(kind: string): void {
    this.#tickets += 1;
    this.#ready.push({ ticketId: this.#tickets, kind, fence: 0 });
  }

  stop(level: StopLevel): void {
    this.#door.move({ stopLevel: level });
  }

  begin(): void {
    this.#sessions += 1;
    this.sessionId = `session ${this.#sessions}`;
    this.workshop.open(this.sessionId);
  }

  /** The store ends the session, its tickets are anybody's again, and the runtime begins another. */
  loseSession(): void {
    const lost = this.sessionId;
    for (const [ticketId, { sessionId, claim }] of this.leases) {
      if (sessionId === lost) this.#reap(ticketId, claim);
    }
    this.workshop.lose(lost, fault('KORA_TICKET_STALE_FENCE', 'the session was lost'));
    this.begin();
  }

  /** The operator cancels a ticket, and the next beat tells. */
  cancelAndBeat(nth: number): void {
    const held = [...this.leases.values()];
    const one = held[nth % Math.max(1, held.length)];
    if (one !== undefined) {
      this.leases.delete(one.claim.ticketId);
    }
    const sentAt = this.clock.monotonic();
    this.workshop.loseWhere(
      (hold) =>
        hold.sessionId === this.sessionId &&
        hold.since <= sentAt &&
        this.leases.get(hold.claim.ticketId)?.claim.fence !== hold.claim.fence,
      fault('KORA_TICKET_STALE_FENCE', 'the lease is gone'),
    );
  }

  #reap(ticketId: number, claim: Claim): void {
    this.leases.delete(ticketId);
    this.#ready.push({ ticketId, kind: claim.kind, fence: claim.fence });
  }

  #handler(kind: string, concurrency: number): TicketHandler {
    return {
      kind,
      concurrency,
      deadlineMs: 60_000,
      work: ({ ticketId, fence, signal }) =>
        new Promise((resolve) => {
          const of = this.claims.find(({ claim }) => claim.ticketId === ticketId && claim.fence === fence);
          if (of?.sessionId !== this.sessionId)
            this.wrongs.push(`${ticketId} began under a session that is over`);
          const work = {
            ticketId,
            kind,
            signal,
            answer: (result: TicketResult) => {
              this.working.splice(this.working.indexOf(work), 1);
              resolve(result);
            },
          };
          this.working.push(work);
          if (this.busy(kind) > concurrency || this.busy() > limits.runtime)
            this.wrongs.push(`${ticketId} began without a hand`);
        }),
    };
  }

  /** Claims that handlers work, and were not stopped: what a hand was taken for. */
  busy(kind?: string): number {
    return this.working.filter((work) => (kind === undefined || work.kind === kind) && !work.signal.aborted)
      .length;
  }

  #ask<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending = {
        answer: () => {
          this.pending.splice(this.pending.indexOf(pending), 1);
          resolve(work());
        },
        empty: () => {
          this.pending.splice(this.pending.indexOf(pending), 1);
          resolve([] as T);
        },
        lose: () => {
          this.pending.splice(this.pending.indexOf(pending), 1);
          reject(fault('KORA_STORE_UNREACHABLE', 'away'));
        },
      };
      this.pending.push(pending);
    });
  }

  #store(): WorkerStore {
    const unused = (): never => assert.fail('nobody asks for this');
    return {
      ledger: undefined as never,
      notes: { add: unused },
      progress: { begun: () => undefined, told: () => undefined, ended: () => undefined, run: unused },
      claim: (sessionId, wants) => this.#ask(() => wants.flatMap((want) => this.#claim(sessionId, want))),
      ending: (hold) => ({ hold, as: 'resolved' }) as never,
      back: (hold) => ({ hold, as: 'released' }) as never,
      resolve: (_, endings) => {
        const asked = endings.map((ending) => ending as unknown as FakeEnding);
        this.flushes.push(asked.map(({ hold, as }) => ({ ticketId: hold.claim.ticketId, as })));
        return this.#ask(() => asked.map((ending) => this.#end(ending)));
      },
      resolveWith: (hold) => this.#ask(() => this.#end({ hold, as: 'resolved' })),
      reap: unused,
      abandon: unused,
    };
  }

  #claim(sessionId: string, { kind, limit }: { readonly kind: string; readonly limit: number }): Claim[] {
    if (sessionId !== this.sessionId) return [];
    const taken = this.#ready.filter((ready) => ready.kind === kind).slice(0, limit);
    return taken.map((ready) => {
      this.#ready.splice(this.#ready.indexOf(ready), 1);
      const claim = claimOf({ ...ready, fence: ready.fence + 1 });
      this.leases.set(claim.ticketId, { claim, sessionId });
      this.claims.push({ claim, sessionId, ends: [] });
      return claim;
    });
  }

  #end({ hold, as }: FakeEnding): Verdict {
    const { ticketId, fence } = hold.claim;
    const lease = this.leases.get(ticketId);
    const known = this.claims.find(({ claim }) => claim.ticketId === ticketId && claim.fence === fence);
    assert.ok(known, 'what ends was claimed');
    if (lease?.claim.fence !== fence || lease.sessionId !== hold.sessionId) {
      return known.ends.length > 0 ? 'already' : 'lost';
    }
    known.ends.push(as);
    if (as === 'released') this.#reap(ticketId, lease.claim);
    this.leases.delete(ticketId);
    return 'ok';
  }
}
