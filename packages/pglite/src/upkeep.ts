import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from './errors.ts';
import type { Session } from './session.ts';

const lookMs = 10_000;
const mostLog = 16 * 1024 * 1024;
const looksPerVacuum = 6;

/** Tables that turned over: what autovacuum would take, with its own measure. */
const worn = `select format('%I.%I', schemaname, relname) from pg_stat_user_tables
  where n_dead_tup > 50 + 0.2 * n_live_tup order by n_dead_tup desc limit 8`;

/**
 * What a PostgreSQL has processes of its own for, and PGlite has none: a checkpoint when the log has grown, and VACUUM of
 * tables that turn over. Each in a turn of its own, and nothing while nothing happens. Resolves when the signal aborts.
 */
export async function keepUp(
  session: Session,
  signal: AbortSignal,
  onProgress: (line: string) => void,
): Promise<void> {
  let from = '0/0';
  let seen = -1;
  for (let look = 1; await slept(signal); look += 1) {
    if (session.runs === seen) continue;
    seen = session.runs;
    try {
      from = await checkpoint(session, from);
      if (look % looksPerVacuum === 0) await vacuum(session, signal);
    } catch (error) {
      if (!signal.aborted) onProgress(`upkeep of PGlite: ${messageOf(error)}`);
    }
  }
}

async function checkpoint(session: Session, from: string): Promise<string> {
  const sql = `select pg_current_wal_lsn() from pg_current_wal_lsn() as now where now - '${from}'::pg_lsn > ${mostLog}`;
  const [now] = await session.ask(sql);
  if (now === undefined) return from;
  await session.ask('checkpoint');
  return now;
}

async function vacuum(session: Session, signal: AbortSignal): Promise<void> {
  for (const table of await session.ask(worn)) {
    if (signal.aborted) return;
    await session.ask(`vacuum (analyze) ${table}`);
  }
}

/** False when it is time to go. */
async function slept(signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(lookMs, undefined, { signal, ref: false });
    return true;
  } catch {
    return false;
  }
}
