import type { PluginContext } from '@kora/runtime/plugin';

export interface Refused {
  readonly source: string;
  /** `signature_mismatch`, `replayed`, `too_large`, …: `^[a-z][a-z0-9_]*$`. */
  readonly reason: string;
  readonly peer: string;
  readonly bytes: number;
}

interface Count {
  /** Milliseconds since 1970: when the first was told. */
  readonly since: number;
  more: number;
}

const windowMs = 60_000;

/**
 * Tells who was refused, without a word of what was sent: the first of a source and reason in a minute at once, the others
 * of that minute as one number. However many come, the chain grows by two events a minute for each.
 */
export class Refusals {
  readonly #context: Pick<PluginContext<unknown>, 'chain' | 'clock'>;
  readonly #counts = new Map<string, Count & Pick<Refused, 'source' | 'reason'>>();

  constructor(context: Pick<PluginContext<unknown>, 'chain' | 'clock'>) {
    this.#context = context;
  }

  async tell({ source, reason, peer, bytes }: Refused): Promise<void> {
    const now = this.#context.clock.now();
    const name = `${source} ${reason}`;
    const known = this.#counts.get(name);
    if (known !== undefined && now - known.since < windowMs) {
      known.more += 1;
      return;
    }
    this.#counts.set(name, { source, reason, since: now, more: 0 });
    if (known !== undefined) await this.#more(known);
    await this.#context.chain.append({
      type: 'webhook.dead_letter',
      payload: { source, reason, body_bytes: bytes, peer },
    });
  }

  /** Tells what was counted in minutes that are over, or, at the end, in all of them. */
  async flush({ all = false }: { readonly all?: boolean } = {}): Promise<number> {
    const now = this.#context.clock.now();
    const over = [...this.#counts].filter(([, { since }]) => all || now - since >= windowMs);
    for (const [name, count] of over) {
      this.#counts.delete(name);
      await this.#more(count);
    }
    return over.length;
  }

  async #more({ source, reason, more }: Count & Pick<Refused, 'source' | 'reason'>): Promise<void> {
    if (more === 0) return;
    await this.#context.chain.append({
      type: 'webhooks.more_refused',
      payload: { source, reason, count: more },
    });
  }
}
