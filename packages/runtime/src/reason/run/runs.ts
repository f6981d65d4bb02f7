import type { Admission, DenyCause } from '../../admission/index.ts';
import type { Clock } from '../../clock/index.ts';
import { errorOfRefusal } from './refusal.ts';
import type { LiveRun } from './live-run.ts';

export interface RunsOptions {
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'look'>;
  /** Whether this very claim is held here now. */
  readonly holdsClaim: (claim: { readonly ticketId: number; readonly fence: number }) => boolean;
}

/** How often a run is held against what may end it: cheap, since nothing but memory is asked. */
const lookEveryMs = 100;
/** Runs that are over, of which the end of a call may still be told. */
const mostLate = 500;
const stopping = { error: 'cancelled', why: 'the runtime is stopping' } as const;

/** The runs of this process, and whoever sees to it that what forbids one ends it. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #live = new Map<string, LiveRun>();
  readonly #late = new Map<string, LiveRun>();
  readonly #closing = new AbortController();
  #watching = false;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  list(): readonly LiveRun[] {
    return [...this.#live.values()];
  }

  add(run: LiveRun): void {
    this.#live.set(run.runId, run);
    if (this.#closing.signal.aborted) run.stop(stopping);
    this.#check(run);
    if (!this.#watching) void this.#watch();
  }

  /** It is over; what it began and did not end may still be ended. */
  remove(run: LiveRun): void {
    run.close();
    this.#live.delete(run.runId);
    if ([...run.calls.values()].every(({ settled }) => settled !== undefined)) return;
    this.#late.set(run.runId, run);
    const [oldest] = this.#late.keys();
    if (this.#late.size > mostLate && oldest !== undefined) this.#late.delete(oldest);
  }

  /** The run of that id, if its engine belongs to whoever asks: another's run is nobody's business. */
  of(runId: string, owner: string): LiveRun | undefined {
    const run = this.#live.get(runId) ?? this.#late.get(runId);
    return run?.engine.owner === owner ? run : undefined;
  }

  /** Ends what runs and lets nothing more begin. */
  close(): void {
    this.#closing.abort();
    for (const run of this.#live.values()) run.stop(stopping);
  }

  /** The whole of what may end a run from outside is asked again and again, so that no word of it can be lost. */
  async #watch(): Promise<void> {
    this.#watching = true;
    const { clock } = this.#options;
    while (this.#live.size > 0 && (await clock.sleep(lookEveryMs, this.#closing.signal)))
      for (const run of this.#live.values()) this.#check(run);
    this.#watching = false;
  }

  #check(run: LiveRun): void {
    if (run.signal.aborted) return;
    const { ticket } = run;
    if (ticket !== null && !this.#options.holdsClaim(ticket)) {
      run.stop({ error: 'cancelled', why: `ticket ${ticket.ticketId} is not held here any more` });
      return;
    }
    const cause = this.forbidden(run);
    // Money that ended is for the next call to meet: what is under way was paid for.
    if (cause !== undefined && cause !== 'cost_hold') run.stop({ error: errorOfRefusal(cause), why: cause });
  }

  /** What the state says against one more call. */
  forbidden(run: Pick<LiveRun, 'route' | 'payer' | 'runId' | 'ticket'>): DenyCause | undefined {
    const look = this.#options.admission.look('model_call', {
      caller: run.payer,
      callId: run.runId,
      route: run.route,
      estimateMicroUsd: 0,
      ...(run.ticket === null ? {} : { claim: run.ticket }),
    });
    return look.allow ? undefined : look.cause;
  }
}
