import type { PluginStore, StoreStatement } from '@kora/runtime/plugin';

/** What was said last about a thing that webhooks watch. */
export interface Watched {
  readonly source: string;
  readonly key: string;
  readonly probe: string;
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly title: string;
  readonly heardAt: string;
  /** Nothing more was heard for as long as the rule says. */
  readonly isOver: boolean;
}

export type Heard = Pick<Watched, 'source' | 'key' | 'probe' | 'status' | 'title'> & {
  readonly endsAfterMinutes: number | null;
};

/** Things of one source that are watched at once. */
export const mostKeys = 50;
/** What was well for so long is watched no more; longer than an incident takes to end by itself. */
const forgetHours = 24;

const columns = `source, key, probe, status, title, heard_at as "heardAt",
  coalesce(ends_at < clock_timestamp(), false) as "isOver"`;

export class WatchedThings {
  readonly #store: PluginStore;
  readonly #workspace: string;

  constructor(store: PluginStore, workspace: string) {
    this.#store = store;
    this.#workspace = workspace;
  }

  /** Writes it down together with what else is to be written; false, and nothing is written, where there are too many. */
  async hear(heard: Heard, done: StoreStatement): Promise<boolean> {
    const { source, key, probe, status, title, endsAfterMinutes } = heard;
    const [room] = await this.#store.run([
      {
        sql: `select count(*)::int as others from watched where workspace = $1 and source = $2 and key <> $3`,
        values: [this.#workspace, source, key],
      },
    ]);
    if (Number(room?.rows[0]?.['others'] ?? 0) >= mostKeys) return false;
    await this.#store.run([
      {
        sql: `insert into watched (workspace, source, key, probe, status, title, ends_at)
              values ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 minute')
              on conflict (workspace, source, key) do update set probe = excluded.probe, status = excluded.status,
                title = excluded.title, heard_at = excluded.heard_at, ends_at = excluded.ends_at`,
        values: [this.#workspace, source, key, probe, status, title, endsAfterMinutes],
      },
      done,
    ]);
    return true;
  }

  async list(): Promise<Watched[]> {
    const [answer] = await this.#store.run([
      {
        sql: `select ${columns} from watched where workspace = $1 order by source, key`,
        values: [this.#workspace],
      },
    ]);
    return (answer?.rows ?? []) as unknown as Watched[];
  }

  async find(probe: string): Promise<Watched | undefined> {
    const [answer] = await this.#store.run([
      {
        sql: `select ${columns} from watched where workspace = $1 and probe = $2`,
        values: [this.#workspace, probe],
      },
    ]);
    return answer?.rows[0] as unknown as Watched | undefined;
  }

  async expire(): Promise<void> {
    await this.#store.run([
      {
        sql: `delete from watched where workspace = $1
                and ((status = 'healthy' and heard_at < clock_timestamp() - ${forgetHours} * interval '1 hour')
                  or ends_at < clock_timestamp() - ${forgetHours} * interval '1 hour')`,
        values: [this.#workspace],
      },
    ]);
  }
}
