import type pg from 'pg';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';

const proofMs = 3_000;
/** Where notifications do not arrive, everybody looks this often. */
const pollMs = 250;

interface EarOptions {
  readonly clock: Clock;
  readonly closing: AbortSignal;
  readonly tell: () => Promise<unknown>;
  readonly deaf: (error: unknown) => void;
  readonly look: () => void;
}

/**
 * Finds out whether a connection that listens hears anything. A pooler in transaction mode takes a LISTEN, answers it,
 * and gives the session that listens to somebody else; then everybody looks from time to time instead.
 */
export class Ear {
  readonly #options: EarOptions;
  /** Connections that were asked, each with what ends the waiting for its answer. */
  readonly #asked = new WeakMap<pg.Client, AbortController>();
  readonly #work = new Set<Promise<void>>();
  #polling: AbortController | undefined;

  constructor(options: EarOptions) {
    this.#options = options;
  }

  /** Once for each connection. */
  prove(client: pg.Client): void {
    if (this.#asked.has(client)) return;
    const answer = new AbortController();
    this.#asked.set(client, answer);
    this.#own(this.#listenFor(client, answer.signal));
  }

  heard(client: pg.Client): void {
    this.#asked.get(client)?.abort();
    this.#polling?.abort();
    this.#polling = undefined;
  }

  /** A connection that ended says nothing about the way that notifications take. */
  lost(client: pg.Client): void {
    this.#asked.get(client)?.abort();
  }

  async closed(): Promise<void> {
    await Promise.all(this.#work);
  }

  async #listenFor(client: pg.Client, answer: AbortSignal): Promise<void> {
    const { clock, closing, tell } = this.#options;
    try {
      await tell();
    } catch {
      // The store went away meanwhile: the next connection will tell.
      this.#asked.delete(client);
      return;
    }
    if (!(await clock.sleep(proofMs, AbortSignal.any([closing, answer])))) return;
    this.#goDeaf();
    // Left behind, it would wake a stranger; where it arrives is the pooler's affair.
    await client.query('unlisten *').catch(() => undefined);
  }

  #goDeaf(): void {
    if (this.#polling !== undefined) return;
    this.#polling = new AbortController();
    this.#options.deaf(
      fault(
        'KORA_STORE_POOLED',
        'notifications of the database do not arrive: behind a pooler in transaction mode Kora looks every ' +
          `${pollMs} ms instead`,
        { fix: 'point KORA_DATABASE_URL at the server itself, or at a pool in session mode' },
      ),
    );
    this.#own(this.#poll(this.#polling.signal));
  }

  async #poll(heard: AbortSignal): Promise<void> {
    const { clock, closing, look } = this.#options;
    const end = AbortSignal.any([closing, heard]);
    while (await clock.sleep(pollMs, end)) look();
  }

  #own(work: Promise<void>): void {
    const owned = work.finally(() => this.#work.delete(owned));
    this.#work.add(owned);
  }
}
