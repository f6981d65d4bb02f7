import type { Database } from '../../store/index.ts';

interface Waiting {
  readonly eventId: string;
  /** A sequence before the event's. */
  readonly after: number;
  readonly resolve: (seq: number | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Callers that wait until what they staged is sealed, by this runtime or by another. */
export class Watermark {
  readonly #database: Database;
  readonly #workspaceId: number;
  readonly #waiting = new Map<number, Waiting>();
  #looking: Promise<void> | undefined;
  #again = false;
  #ended = false;

  constructor(database: Database, workspaceId: number) {
    this.#database = database;
    this.#workspaceId = workspaceId;
  }

  /** The sequence of an event that was staged under this number; null when nobody sealed it before this runtime ended. */
  sealed(
    number: number,
    event: { readonly eventId: string; readonly after: number },
  ): Promise<number | null> {
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    this.#waiting.set(number, { ...event, resolve, reject });
    // It may have been sealed already: nobody would say so again.
    void this.look();
    return promise;
  }

  /** Something was sealed. Never rejects: who waits is told. */
  async look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.#lookWhileAsked().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  /** The last sealer of this runtime is done: who still waits is told that there is no sequence yet. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.look();
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#again && this.#waiting.size > 0) {
      this.#again = false;
      const asked = new Map(this.#waiting);
      try {
        await this.#answer(asked);
      } catch (error) {
        for (const [number, { reject }] of asked) {
          this.#waiting.delete(number);
          reject(error);
        }
      }
    }
  }

  async #answer(asked: ReadonlyMap<number, Waiting>): Promise<void> {
    const events = [...asked.values()];
    // Two looks, in this order: what is found staged no more was sealed before the second one began.
    const staged = await this.#database.query<{ readonly number: number }>(
      'select number from kora.stage where workspace_id = $1 and number = any($2)',
      [this.#workspaceId, [...asked.keys()]],
    );
    const sealed = await this.#database.query<{ readonly eventId: string; readonly seq: number }>(
      `select event_id as "eventId", seq from kora.event
       where workspace_id = $1 and seq > $2 and event_id = any($3)`,
      [
        this.#workspaceId,
        Math.min(...events.map(({ after }) => after)),
        events.map(({ eventId }) => eventId),
      ],
    );
    const seqs = new Map(sealed.map(({ eventId, seq }) => [eventId, seq]));
    const open = new Set(staged.map(({ number }) => number));
    for (const [number, { eventId, resolve }] of asked) {
      const seq = seqs.get(eventId.toLowerCase()) ?? null;
      if (seq === null && open.has(number) && !this.#ended) continue;
      this.#waiting.delete(number);
      resolve(seq);
    }
  }
}
