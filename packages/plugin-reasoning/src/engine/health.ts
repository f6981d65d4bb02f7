import type { ReasonError } from '@kora/runtime/plugin';

export interface ProviderHealth {
  /** When it last answered as it should, milliseconds since 1970; null since the start. */
  readonly answeredAt: number | null;
  /** What the newest call came to; null when it was good, or when there was none. */
  readonly failing: { readonly error: ReasonError; readonly said: string; readonly at: number } | null;
}

const unknown: ProviderHealth = { answeredAt: null, failing: null };
/** What is not the provider's doing. */
const ours: ReadonlySet<ReasonError> = new Set(['cancelled', 'cost_capped', 'rate_limited']);

/** How the providers are, as the calls of this process have met them. */
export class Health {
  readonly #now: () => number;
  readonly #providers = new Map<string, ProviderHealth>();

  constructor(now: () => number) {
    this.#now = now;
  }

  of(provider: string): ProviderHealth {
    return this.#providers.get(provider) ?? unknown;
  }

  answered(provider: string): void {
    this.#providers.set(provider, { answeredAt: this.#now(), failing: null });
  }

  failed(provider: string, error: ReasonError, said: string): void {
    if (ours.has(error)) return;
    const { answeredAt } = this.of(provider);
    this.#providers.set(provider, { answeredAt, failing: { error, said, at: this.#now() } });
  }
}
