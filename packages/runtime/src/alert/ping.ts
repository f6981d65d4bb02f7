import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import type { Database, Queryable, Transaction } from '../store/index.ts';
import type { PingView } from './contract.ts';
import { pingChanged } from './events.ts';

export interface PingOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly timeoutMs: number;
  /** Why no sign may be given now: nothing can be claimed, or the runtime is not well. Null: it may. */
  readonly withheld: () => Promise<string | null>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

interface Outcome {
  readonly error: string | null;
  readonly withheld: string | null;
}

/**
 * The sign of life to somebody outside, who raises the alarm when it stays away. It is given only while the runtime is well
 * and work could be claimed: a runtime that lives and does nothing keeps silent as a dead one does.
 */
export class DeadMan {
  readonly #options: PingOptions;

  constructor(options: PingOptions) {
    this.#options = options;
  }

  /** Gives the sign, or withholds it; `noop` when it was withheld. Throws what the store throws. */
  async give(signal: AbortSignal): Promise<'ok' | 'noop'> {
    const { withheld, timeoutMs } = this.#options;
    const why = await withheld();
    if (why !== null) {
      await this.#keep({ error: null, withheld: why });
      return 'noop';
    }
    const error = await ping(this.#options, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    // A runtime that ends has not been refused.
    if (signal.aborted) return 'noop';
    await this.#keep({ error, withheld: null });
    return 'ok';
  }

  async #keep({ error, withheld }: Outcome): Promise<void> {
    const { database, workspaceId, runtimeId, clock, url, stage } = this.#options;
    const place = placeOf(url);
    await database.transaction(async (tx) => {
      const was = await readPing(tx, workspaceId, runtimeId);
      const now = new Date(clock.now());
      const tried = withheld === null;
      await tx.query(
        `insert into kora.alert_ping (workspace_id, runtime_id, place, tried_at, answered_at, failures, error, withheld)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (workspace_id, runtime_id) do update set place = $3,
           tried_at = coalesce($4, kora.alert_ping.tried_at), answered_at = coalesce($5, kora.alert_ping.answered_at),
           failures = case when $9 then (case when $7::text is null then 0 else kora.alert_ping.failures + 1 end)
             else kora.alert_ping.failures end,
           error = case when $9 then $7 else kora.alert_ping.error end, withheld = $8`,
        [
          workspaceId,
          runtimeId,
          place,
          tried ? now : null,
          tried && error === null ? now : null,
          error === null ? 0 : 1,
          error,
          withheld,
          tried,
        ],
      );
      const state = stateOf({ error, withheld });
      if (was !== null && stateOf(was) === state) return;
      if (was === null && state === 'answered') return;
      await stage(tx, [draft(pingChanged, { state, place, detail: error ?? withheld })]);
    });
  }
}

function stateOf({ error, withheld }: Outcome): 'answered' | 'failing' | 'withheld' {
  if (withheld !== null) return 'withheld';
  return error === null ? 'answered' : 'failing';
}

/** Null when it was answered well; else why not, without what may be secret of the address. */
async function ping(
  { url, method }: Pick<PingOptions, 'url' | 'method'>,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const answer = await fetch(url, { method, redirect: 'error', signal });
    // What it says is not read: left open, its connection would be held.
    await answer.body?.cancel();
    return answer.ok ? null : `status ${answer.status}`;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time';
    const cause =
      error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    return cause.replaceAll(url, placeOf(url));
  }
}

/** Where it goes: paths of such services are secrets, and their hosts are not. */
export function placeOf(url: string): string {
  return new URL(url).origin;
}

/** How the sign of a runtime went last; null when it has given none. */
export async function readPing(
  db: Queryable,
  workspaceId: number,
  runtimeId: string,
): Promise<PingView | null> {
  const [row] = await db.query<
    Omit<PingView, 'triedAt' | 'answeredAt'> & { triedAt: Date | null; answeredAt: Date | null }
  >(
    `select runtime_id as "runtimeId", place, tried_at as "triedAt", answered_at as "answeredAt", failures, error, withheld
     from kora.alert_ping where workspace_id = $1 and runtime_id = $2`,
    [workspaceId, runtimeId],
  );
  if (row === undefined) return null;
  const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
  return { ...row, triedAt: iso(row.triedAt), answeredAt: iso(row.answeredAt) };
}

/** A runtime that gives none any more keeps none: what is not configured cannot fail. */
export async function forgetPing(db: Queryable, workspaceId: number, runtimeId: string): Promise<void> {
  await db.query('delete from kora.alert_ping where workspace_id = $1 and runtime_id = $2', [
    workspaceId,
    runtimeId,
  ]);
}
