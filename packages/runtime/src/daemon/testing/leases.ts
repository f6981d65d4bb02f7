import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { LeaseStore } from '../index.ts';

interface Row {
  fence: number;
  session: string | null;
  runtime: string | null;
  until: number;
}

/** The lease rows of a fleet in memory; a test cuts runtimes off from them. */
export class ScriptedLeases {
  readonly #clock: Clock;
  readonly #rows = new Map<string, Row>();
  /** Runtimes that get no answer. */
  readonly away = new Set<string>();
  /** Every fence that was given out, by daemon. */
  readonly fences = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  holder(daemon: string): string | null {
    const row = this.#rows.get(daemon);
    return row === undefined || row.session === null || row.until < this.#clock.monotonic()
      ? null
      : row.runtime;
  }

  /** The rows as one session of a runtime may write them. */
  store(runtime: string, session: string = runtime): LeaseStore {
    const reach = (): Promise<void> =>
      this.away.has(runtime)
        ? Promise.reject(fault('KORA_STORE_UNREACHABLE', 'the store is away'))
        : Promise.resolve();
    return {
      hold: async (asks) => {
        await reach();
        return asks.map(({ daemon, leaseMs, fence }) => {
          const row = this.#rows.get(daemon) ?? { fence: 0, session: null, runtime: null, until: 0 };
          this.#rows.set(daemon, row);
          const lives = row.until >= this.#clock.monotonic();
          const isFree =
            fence === 0
              ? row.session === null || row.session === session || row.runtime === runtime || !lives
              : row.session === session && row.fence === fence && lives;
          if (!isFree) return { daemon, ours: false, fence: row.fence, holder: row.runtime, takenFrom: null };
          const takenFrom = fence === 0 && row.runtime !== runtime ? row.runtime : null;
          if (fence === 0) {
            row.fence += 1;
            this.fences.set(daemon, [...(this.fences.get(daemon) ?? []), row.fence]);
          }
          Object.assign(row, { session, runtime, until: this.#clock.monotonic() + leaseMs });
          return { daemon, ours: true, fence: row.fence, holder: runtime, takenFrom };
        });
      },
      release: async (daemon, fence) => {
        await reach();
        const row = this.#rows.get(daemon);
        if (row?.session === session && row.fence === fence) row.session = null;
      },
    };
  }
}
