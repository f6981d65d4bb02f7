import type { ToolOutcome } from './contract.ts';

type Status = ToolOutcome['status'];

interface Seen {
  status: Status | 'running';
  tries: number;
  /** How many deeds the run had done when it ended. */
  deeds: number;
  approvalId: number | undefined;
}

/** How often a call that came to nothing may be made again in one run. */
const mostTries = 3;

/** What one run has asked of tools: so that it asks nothing twice, and what must not run side by side does not. */
export class RunMemory {
  readonly #seen = new Map<string, Seen>();
  /** Calls that changed something. */
  #deeds = 0;
  /** What runs now, and the last one that must run alone. */
  readonly #running = new Set<Promise<unknown>>();
  #alone: Promise<unknown> = Promise.resolve();
  /** Text of strangers came in. */
  tainted = false;

  /** The approval that an earlier refusal of this very call named. */
  approvalOf(key: string): number | undefined {
    return this.#seen.get(key)?.approvalId;
  }

  /**
   * Why this very call is not made again; undefined when it may be. A reading whose answer stands is, once something was
   * done since. What failed may be tried again, but for what happens once: nobody knows whether it did.
   */
  repeats(key: string, sideEffects: 'none' | 'idempotent' | 'once'): string | undefined {
    const seen = this.#seen.get(key);
    if (seen === undefined) return undefined;
    switch (seen.status) {
      case 'running':
        return 'this very call is under way';
      case 'ok':
        if (sideEffects === 'none' && this.#deeds > seen.deeds) return undefined;
        return 'this very call was made in this run, and its answer stands; go on with that, or ask something else';
      case 'failed':
      case 'timed_out':
        if (sideEffects === 'once')
          return 'this very call was begun in this run, and it is not known whether it happened; do not try it again';
        break;
      default:
        break;
    }
    return seen.tries < mostTries
      ? undefined
      : `this very call came to nothing ${seen.tries} times in this run`;
  }

  begin(key: string): void {
    const seen = this.#seen.get(key);
    if (seen === undefined)
      this.#seen.set(key, { status: 'running', tries: 1, deeds: 0, approvalId: undefined });
    else {
      seen.status = 'running';
      seen.tries += 1;
    }
  }

  end(key: string, outcome: ToolOutcome, sideEffects: 'none' | 'idempotent' | 'once'): void {
    // One that failed may have changed something too.
    const ran = outcome.status === 'ok' || outcome.status === 'failed' || outcome.status === 'timed_out';
    if (ran && sideEffects !== 'none') this.#deeds += 1;
    const seen = this.#seen.get(key);
    if (seen === undefined) return;
    seen.status = outcome.status;
    seen.deeds = this.#deeds;
    if (outcome.status === 'refused') seen.approvalId = outcome.approvalId ?? seen.approvalId;
  }

  /** Runs `work` beside what runs, or alone: after all that was asked before, and before all that is asked later. */
  async inTurn<T>(parallel: boolean, work: () => Promise<T>): Promise<T> {
    const before = parallel ? this.#alone : Promise.allSettled([this.#alone, ...this.#running]);
    const turn = before.then(work, work);
    const ended = turn.then(
      () => undefined,
      () => undefined,
    );
    if (!parallel) this.#alone = ended;
    this.#running.add(ended);
    try {
      return await turn;
    } finally {
      this.#running.delete(ended);
    }
  }
}
