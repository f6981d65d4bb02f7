import { backoffMs, withDeadline } from '../../../clock/index.ts';
import type { Clock } from '../../../clock/index.ts';
import { messageOf } from '../../../fault/index.ts';
import type { Database } from '../../../store/index.ts';
import type { StoredCheckpoint } from '../table.ts';
import type { Anchor } from './contract.ts';

/** How an anchor stands. */
export interface AnchorStatus extends Pick<Anchor, 'name' | 'kind'> {
  /** Size of the newest checkpoint it kept; 0 when it never kept one. */
  readonly size: number;
  /** ISO 8601; null when it never kept one. */
  readonly keptAt: string | null;
  readonly ageMs: number | null;
  /** Failures in a row. */
  readonly attempts: number;
  readonly lastError: string | null;
  readonly nextTryAt: string | null;
}

export interface AnchorKeeperOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  /** The newest checkpoint that is good enough to be told. */
  readonly newest: () => Promise<StoredCheckpoint | undefined>;
  readonly onError: (where: string, error: unknown) => void;
}

const backoff = { firstMs: 2_000, longestMs: 300_000 };
/** Looks without a kick: for what another runtime tried, and for an attempt that is due. */
const lookMs = 5_000;

/**
 * Brings the newest checkpoint to one anchor, for as long as the signal lasts. The cursor is durable: an anchor that was
 * away is caught up with the newest checkpoint, not with all it missed, and nothing waits for it.
 */
export class AnchorKeeper {
  readonly anchor: Anchor;
  readonly #options: AnchorKeeperOptions;
  #kick: (() => void) | undefined;

  constructor(anchor: Anchor, options: AnchorKeeperOptions) {
    this.anchor = anchor;
    this.#options = options;
  }

  /** Says that there is a newer checkpoint. */
  kick(): void {
    this.#kick?.();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#options;
    do {
      await this.bring(signal).catch((error: unknown) => onError(`anchor ${this.anchor.name}`, error));
      const kicked = new AbortController();
      this.#kick = () => kicked.abort();
      await clock.sleep(lookMs, AbortSignal.any([signal, kicked.signal]));
    } while (!signal.aborted);
  }

  /** One attempt, if there is something to bring and it is time; false when there was not, or it failed. */
  async bring(signal: AbortSignal): Promise<boolean> {
    const newest = await this.#options.newest();
    if (newest === undefined || signal.aborted || !(await this.#claim(newest.number))) return false;
    const { clock } = this.#options;
    const { name, timeoutMs: ms } = this.anchor;
    try {
      await withDeadline(clock, { ms, what: `anchor ${name}`, signal, graceMs: 0 }, (until) =>
        this.anchor.keep(newest, until),
      );
    } catch (error) {
      await this.#failed(signal.aborted ? undefined : error);
      return false;
    }
    await this.#kept(newest);
    return true;
  }

  async #claim(number: number): Promise<boolean> {
    const { database, workspaceId } = this.#options;
    const claimed = await database.query(
      `insert into kora.anchor_state as state (workspace_id, anchor, next_try_at)
       values ($1, $2, clock_timestamp() + make_interval(secs => $3))
       on conflict (workspace_id, anchor) do update set next_try_at = excluded.next_try_at
       where state.number < $4 and coalesce(state.next_try_at <= clock_timestamp(), true)
       returning anchor`,
      [workspaceId, this.anchor.name, this.anchor.timeoutMs / 1_000, number],
    );
    return claimed.length > 0;
  }

  async #kept({ number, size }: StoredCheckpoint): Promise<void> {
    const { database, workspaceId } = this.#options;
    await database.query(
      `update kora.anchor_state set number = $3, size = $4, kept_at = clock_timestamp(), attempts = 0,
         last_error = null, next_try_at = null
       where workspace_id = $1 and anchor = $2 and number < $3`,
      [workspaceId, this.anchor.name, number, size],
    );
  }

  /** An attempt that this runtime's own end cut short is no failure of the anchor. */
  async #failed(error: unknown): Promise<void> {
    const { database, workspaceId, clock, onError } = this.#options;
    if (error === undefined) {
      await database.query(
        'update kora.anchor_state set next_try_at = null where workspace_id = $1 and anchor = $2',
        [workspaceId, this.anchor.name],
      );
      return;
    }
    const [state] = await database.query<{ readonly attempts: number }>(
      `update kora.anchor_state set attempts = attempts + 1, last_error = $3
       where workspace_id = $1 and anchor = $2 returning attempts`,
      [workspaceId, this.anchor.name, messageOf(error)],
    );
    await database.query(
      `update kora.anchor_state set next_try_at = clock_timestamp() + make_interval(secs => $3)
       where workspace_id = $1 and anchor = $2`,
      [workspaceId, this.anchor.name, backoffMs(clock, (state?.attempts ?? 1) - 1, backoff) / 1_000],
    );
    onError(`anchor ${this.anchor.name}`, error);
  }
}

/** How these anchors stand, in their order. */
export async function anchorStatuses(
  database: Database,
  workspaceId: number,
  anchors: readonly Pick<Anchor, 'name' | 'kind'>[],
): Promise<AnchorStatus[]> {
  const rows = await database.query<{
    readonly name: string;
    readonly size: number;
    readonly keptAt: Date | null;
    readonly ageMs: number | null;
    readonly attempts: number;
    readonly lastError: string | null;
    readonly nextTryAt: Date | null;
  }>(
    `select anchor as name, size, kept_at as "keptAt", attempts, last_error as "lastError",
       (extract(epoch from clock_timestamp() - kept_at) * 1000)::float8 as "ageMs", next_try_at as "nextTryAt"
     from kora.anchor_state where workspace_id = $1`,
    [workspaceId],
  );
  return anchors.map(({ name, kind }) => {
    const row = rows.find((known) => known.name === name);
    return {
      name,
      kind,
      size: row?.size ?? 0,
      keptAt: row?.keptAt?.toISOString() ?? null,
      ageMs: row?.ageMs ?? null,
      attempts: row?.attempts ?? 0,
      lastError: row?.lastError ?? null,
      nextTryAt: row?.nextTryAt?.toISOString() ?? null,
    };
  });
}
