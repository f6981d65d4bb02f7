import type { Context } from 'hono';
import { z } from 'zod';
import type { Clock } from '../../clock/index.ts';
import type { House } from '../house.ts';
import { callerOf } from './caller.ts';
import { listedNeed } from './needs.ts';

/** The header in which a mutation names the event that it was written as. */
export const deedHeader = 'x-kora-deed';

const mostKeys = 1_000;
/** After the deed itself: a runtime that has just been stopped may have no store to write to. */
const writeWithinMs = 2_000;

const wordsSchema = z.looseObject({
  reason: z.string().optional().catch(undefined),
  idempotencyKey: z.string().optional().catch(undefined),
});

export interface DeedsOptions {
  readonly house: () => House;
  readonly clock: Clock;
  readonly onError: (where: string, error: unknown) => void;
}

/** Writes each mutation that was done as one event, with who did it from where and why. */
export class Deeds {
  readonly #options: DeedsOptions;
  /** By path and idempotency key: what was asked again is the same deed. */
  readonly #known = new Map<string, string>();

  constructor(options: DeedsOptions) {
    this.#options = options;
  }

  /** Notes what was just done at the route of this path, and names it in the answer's head. */
  async note(context: Context, route: string, input: unknown): Promise<void> {
    if (listedNeed(route)?.deed === false || route.startsWith('/worker/')) return;
    const { reason, idempotencyKey } = wordsSchema.safeParse(input).data ?? {};
    const { path } = context.req;
    const key = idempotencyKey === undefined ? undefined : `${path}\n${idempotencyKey}`;
    const before = key === undefined ? undefined : this.#known.get(key);
    const deed = before ?? this.#options.clock.uuid();
    if (before === undefined) {
      if (key !== undefined) this.#remember(key, deed);
      const session = callerOf(context);
      const by = { session: session?.sessionId ?? null, device: session?.device ?? null };
      const why = { reason: reason ?? null, idempotencyKey: idempotencyKey ?? null };
      if (!(await this.#write({ deed, path, ...by, ...why }))) return;
    }
    context.header(deedHeader, deed);
  }

  /** Answers whether it was written; what was done stays done, and is not refused for it. */
  async #write(record: Parameters<House['sessions']['deed']>[0]): Promise<boolean> {
    const { house, clock, onError } = this.#options;
    const done = new AbortController();
    try {
      const late = clock.sleep(writeWithinMs, done.signal).then(() => false);
      return await Promise.race([
        house()
          .sessions.deed(record)
          .then(() => true),
        late,
      ]);
    } catch (error) {
      onError('deed', error);
      return false;
    } finally {
      done.abort();
    }
  }

  #remember(key: string, deed: string): void {
    this.#known.set(key, deed);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKeys && oldest !== undefined) this.#known.delete(oldest);
  }
}
