import type { PluginStore, StoreStatement } from '@kora/runtime/plugin';

export interface NewLetter {
  readonly source: string;
  readonly digest: string;
  /** Its signature held when it came. */
  readonly proven: boolean;
  readonly reason: string;
  readonly detail: string;
  readonly peer: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent, where it did not hold: with another secret it may. */
  readonly signature: string | null;
  /** Sealed; null where it was too large to be kept of somebody who proved nothing. */
  readonly sealed: Uint8Array | null;
  readonly bytes: number;
}

/** A dead letter, without what it says. */
export interface Letter extends Omit<NewLetter, 'sealed'> {
  readonly letterId: number;
  readonly state: 'kept' | 'replayed' | 'dropped';
  readonly hasBody: boolean;
  readonly receivedAt: string;
}

/** Of one source: those that proved themselves, and those that did not and so push out nothing else. */
export const mostProven = 500;
export const mostUnproven = 100;

const columns = `letter_id as "letterId", source, digest, proven, reason, detail, peer, headers, signature,
  body_bytes as bytes, state, body is not null as "hasBody", received_at as "receivedAt"`;

/** What could not be taken or made into anything: kept for the operator, bounded, replayed once. */
export class Letters {
  readonly #store: PluginStore;
  readonly #workspace: string;

  constructor(store: PluginStore, workspace: string) {
    this.#store = store;
    this.#workspace = workspace;
  }

  /** Keeps one, together with what else is to be written. Answers its number and whether it is new. */
  async keep(
    given: NewLetter,
    ...more: readonly StoreStatement[]
  ): Promise<{ readonly letterId: number; readonly isNew: boolean }> {
    const { source, digest, proven } = given;
    const named = [this.#workspace, source, digest, proven];
    const [made, , found] = await this.#store.run([
      {
        sql: `insert into letter (workspace, source, digest, proven, reason, detail, peer, headers, signature, body, body_bytes)
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning letter_id as id`,
        values: [
          ...named,
          given.reason,
          given.detail,
          given.peer,
          { ...given.headers },
          given.signature,
          given.sealed,
          given.bytes,
        ],
      },
      {
        sql: `delete from letter where letter_id in (
                select letter_id from letter where workspace = $1 and source = $2 and proven = $3
                order by letter_id desc offset $4)`,
        values: [this.#workspace, source, proven, proven ? mostProven : mostUnproven],
      },
      {
        sql: `select letter_id as id from letter
              where workspace = $1 and source = $2 and digest = $3 and proven = $4`,
        values: named,
      },
      ...more,
    ]);
    return { letterId: Number(found?.rows[0]?.['id'] ?? 0), isNew: (made?.count ?? 0) > 0 };
  }

  /** Those that wait first, the newest first. */
  async list(limit: number): Promise<{ readonly letters: Letter[]; readonly more: number }> {
    const [answer, count] = await this.#store.run([
      {
        sql: `select ${columns} from letter where workspace = $1
              order by (state = 'kept') desc, proven desc, letter_id desc limit $2`,
        values: [this.#workspace, limit],
      },
      { sql: 'select count(*)::int as n from letter where workspace = $1', values: [this.#workspace] },
    ]);
    const letters = (answer?.rows ?? []) as unknown as Letter[];
    return { letters, more: Math.max(0, Number(count?.rows[0]?.['n'] ?? 0) - letters.length) };
  }

  async find(letterId: number): Promise<(Letter & { readonly body: unknown }) | undefined> {
    const [answer] = await this.#store.run([
      {
        sql: `select ${columns}, body from letter where workspace = $1 and letter_id = $2`,
        values: [this.#workspace, letterId],
      },
    ]);
    return answer?.rows[0] as unknown as (Letter & { readonly body: unknown }) | undefined;
  }

  /** Says that it is over and forgets its body; false when it was over before. */
  async end(letterId: number, state: 'replayed' | 'dropped'): Promise<boolean> {
    const [answer] = await this.#store.run([
      {
        sql: `update letter set state = $3, body = null, signature = null, ended_at = clock_timestamp()
              where workspace = $1 and letter_id = $2 and state = 'kept'`,
        values: [this.#workspace, letterId, state],
      },
    ]);
    return (answer?.count ?? 0) === 1;
  }

  /** It was tried again and is still none: why, now. */
  async still(letterId: number, reason: string, detail: string): Promise<void> {
    await this.#store.run([
      {
        sql: `update letter set reason = $3, detail = $4 where workspace = $1 and letter_id = $2`,
        values: [this.#workspace, letterId, reason, detail],
      },
    ]);
  }

  async expire(days: number): Promise<void> {
    await this.#store.run([
      {
        sql: `delete from letter where workspace = $1 and received_at < clock_timestamp() - $2 * interval '1 day'`,
        values: [this.#workspace, days],
      },
    ]);
  }
}
