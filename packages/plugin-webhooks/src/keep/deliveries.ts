import { KoraError } from '@kora/runtime/plugin';
import type { PluginStore, StoreStatement } from '@kora/runtime/plugin';

export type Outcome = 'ticket' | 'incident' | 'ignored';

export interface NewDelivery {
  readonly source: string;
  readonly digest: string;
  readonly providerId: string | null;
  /** Hash of the body alone. */
  readonly words: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sealed: Uint8Array;
  readonly replayDays: number;
}

/** One that is there already. */
export interface Known {
  readonly deliveryId: number;
  readonly state: Outcome | 'received' | 'letter';
  /** The sender asks again, in good faith: it never heard our answer, or signed the same words anew under the same name. */
  readonly isRetry: boolean;
}

/** One that was kept and of which nothing was made yet. */
export interface Unfinished {
  readonly deliveryId: number;
  readonly source: string;
  readonly digest: string;
  readonly providerId: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** As the store answers it. */
  readonly body: unknown;
  readonly attempts: number;
}

const columns = `delivery_id as "deliveryId", source, digest, provider_id as "providerId", headers, body, attempts`;
/** Whoever answered the request is at it for so long; then it may be taken up again. */
const leaseSeconds = 30;

/** Webhooks whose signature held, each once: what is in this table is never taken again, also after a restart. */
export class Deliveries {
  readonly #store: PluginStore;
  readonly #workspace: string;

  constructor(store: PluginStore, workspace: string) {
    this.#store = store;
    this.#workspace = workspace;
  }

  /** Keeps it; durable when it resolves. The number, or which it was that was there before, by what was signed or by its name. */
  async take(given: NewDelivery): Promise<number | Known> {
    const { source, digest, providerId, words, headers, sealed, replayDays } = given;
    const [made, known] = await this.#store.run([
      {
        sql: `insert into delivery (workspace, source, digest, provider_id, words, headers, body, expires_at)
              values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8 * interval '1 day')
              on conflict do nothing returning delivery_id as id`,
        values: [this.#workspace, source, digest, providerId, words, { ...headers }, sealed, replayDays],
      },
      {
        sql: `select delivery_id as "deliveryId", state,
                case when digest = $3 then answered_at is null else words = $5 end as "isRetry"
              from delivery where workspace = $1 and source = $2 and (digest = $3 or provider_id = $4)
              order by digest = $3 desc limit 1`,
        values: [this.#workspace, source, digest, providerId, words],
      },
    ]);
    const id = made?.rows[0]?.['id'];
    if (id !== undefined) return Number(id);
    const [row] = known?.rows ?? [];
    // Forgotten between the two: whoever asks again finds room.
    if (row === undefined)
      throw new KoraError('PLUGIN_WEBHOOKS_OVER', 'it was forgotten while it was looked for');
    return { ...(row as unknown as Known), deliveryId: Number(row['deliveryId']) };
  }

  /** The sender was told. */
  async answered(deliveryId: number): Promise<void> {
    await this.#store.run([
      {
        sql: `update delivery set answered_at = clock_timestamp() where delivery_id = $1 and answered_at is null`,
        values: [deliveryId],
      },
    ]);
  }

  /** Of one that is there: what became of it. */
  async find(
    source: string,
    digest: string,
  ): Promise<{ readonly deliveryId: number; readonly state: string } | undefined> {
    const [answer] = await this.#store.run([
      {
        sql: `select delivery_id as "deliveryId", state from delivery
              where workspace = $1 and source = $2 and digest = $3`,
        values: [this.#workspace, source, digest],
      },
    ]);
    const [row] = answer?.rows ?? [];
    return row === undefined
      ? undefined
      : { deliveryId: Number(row['deliveryId']), state: String(row['state']) };
  }

  /** Says what was made of it and forgets the body; for a transaction that writes more. */
  done(deliveryId: number, state: Outcome | 'letter', ticketId: number | null = null): StoreStatement {
    return {
      sql: `update delivery set state = $2, ticket_id = $3, body = null where delivery_id = $1`,
      values: [deliveryId, state, ticketId],
    };
  }

  async end(deliveryId: number, state: Outcome, ticketId: number | null = null): Promise<void> {
    await this.#store.run([this.done(deliveryId, state, ticketId)]);
  }

  /** Takes up what nobody is at any more; each is handed to one runtime at a time. */
  async unfinished(limit: number): Promise<Unfinished[]> {
    const [answer] = await this.#store.run([
      {
        sql: `update delivery set tried_at = clock_timestamp(), attempts = attempts + 1
              where delivery_id in (
                select delivery_id from delivery
                where workspace = $1 and state = 'received'
                  and tried_at < clock_timestamp() - ${leaseSeconds} * interval '1 second'
                order by tried_at limit $2 for update skip locked)
              returning ${columns}`,
        values: [this.#workspace, limit],
      },
    ]);
    const rows = (answer?.rows ?? []) as unknown as Unfinished[];
    return rows.toSorted((a, b) => a.deliveryId - b.deliveryId);
  }

  /** Forgets what need not be known again. */
  async expire(): Promise<void> {
    await this.#store.run([
      {
        sql: `delete from delivery where workspace = $1 and expires_at < clock_timestamp() and state <> 'received'`,
        values: [this.#workspace],
      },
    ]);
  }

  /** How many were taken, by source. */
  async counts(): Promise<ReadonlyMap<string, { readonly taken: number; readonly lastAt: string }>> {
    const [answer] = await this.#store.run([
      {
        sql: `select source, count(*)::int as taken, max(received_at) as last_at from delivery
              where workspace = $1 group by source`,
        values: [this.#workspace],
      },
    ]);
    const rows = answer?.rows ?? [];
    return new Map(
      rows.map((row) => [
        String(row['source']),
        { taken: Number(row['taken']), lastAt: String(row['last_at']) },
      ]),
    );
  }
}
