import type { Clock } from '../clock/index.ts';
import type { Subject } from './contract.ts';
import type { LiveGrant } from './grants.ts';
import { grantKey } from './subject.ts';

/** A grant that another runtime revoked counts no longer than this, also when its notification was lost. */
const longestMs = 1_000;

interface Loaded {
  /** When the question was asked, by the monotonic clock. */
  readonly from: number;
  readonly generation: number;
  readonly grants: ReadonlyMap<string, LiveGrant>;
}

export interface GrantCacheOptions {
  readonly clock: Clock;
  readonly read: () => Promise<LiveGrant[]>;
}

/** The grants in force, asked for with one query and kept for at most a second, so that most checks cost nothing. */
export class GrantCache {
  readonly #options: GrantCacheOptions;
  #generation = 0;
  #loaded: Loaded | undefined;
  #loading: Promise<Loaded> | undefined;

  constructor(options: GrantCacheOptions) {
    this.#options = options;
  }

  /** Something changed: what was read, and what is being read now, counts no more. */
  invalidate(): void {
    this.#generation += 1;
    this.#loading = undefined;
  }

  /** Whether the subject has the capability of this owner now. Throws what the store throws. */
  async has(subject: Subject, capability: { readonly id: string; readonly owner: string }): Promise<boolean> {
    const { from, grants } = await this.#fresh();
    const grant = grants.get(grantKey(subject, capability.id));
    if (grant === undefined || grant.owner !== capability.owner) return false;
    return grant.leftMs === null || this.#options.clock.monotonic() < from + grant.leftMs;
  }

  async #fresh(): Promise<Loaded> {
    for (;;) {
      const kept = this.#loaded;
      if (kept?.generation === this.#generation && this.#options.clock.monotonic() < kept.from + longestMs)
        return kept;
      const loading = (this.#loading ??= this.#load());
      const loaded = await loading;
      if (loaded.generation === this.#generation) return loaded;
    }
  }

  async #load(): Promise<Loaded> {
    const generation = this.#generation;
    const from = this.#options.clock.monotonic();
    try {
      const rows = await this.#options.read();
      const grants = new Map(rows.map((row) => [grantKey(row, row.capability), row]));
      const loaded = { from, generation, grants };
      if (generation === this.#generation) this.#loaded = loaded;
      return loaded;
    } finally {
      if (generation === this.#generation) this.#loading = undefined;
    }
  }
}
