import type { PluginStore, StoreStatement } from '@kora/runtime/plugin';

export type Outcome = 'ticket' | 'incident' | 'ignored';

export interface NewDelivery {
  readonly source: string;
  readonly digest: string;
  readonly providerId: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly sealed: Uint8Array;
  readonly replayDays: number;
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

  /** Keeps it; durable when it resolves. Undefined when it was there before, by what was signed or by the sender's id. */
  async take(given: NewDelivery): Promise<number | undefined> {
    const { source, digest, providerId, headers, sealed, replayDays } = given;
    const [answer] = await this.#store.run([
      {
        sql: `insert into delivery (workspace, source, digest, provider_id, headers, body, expires_at)
              values ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 day')
              on conflict do nothing returning delivery_id as id`,
        values: [this.#workspace, source, digest, providerId, { ...headers }, sealed, replayDays],
      },
    ]);
    const id = answer?.rows[0]?.['id'];
    return id === undefined ? undefined : Number(id);
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
