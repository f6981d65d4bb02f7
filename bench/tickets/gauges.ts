import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';

/** What a server has done so far, for the difference between two looks. */
export interface Look {
  readonly walBytes: number;
  readonly commits: number;
  /** Of the server's processes, living and ended; null where the system does not tell. */
  readonly cpuSeconds: number | null;
  readonly deadlocks: number;
}

export interface Gauges {
  count(statement: string): Promise<number>;
  look(): Promise<Look>;
  query(statement: string): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** One connection beside the run. */
export async function openGauges(connection: pg.ClientConfig): Promise<Gauges> {
  const client = new pg.Client(connection);
  await client.connect();
  const query = async (statement: string): Promise<readonly Record<string, unknown>[]> =>
    (await client.query<Record<string, unknown>>(statement)).rows;
  const [one] = await query('select pg_backend_pid() as pid');
  const postmaster = parentOf(Number(one?.['pid']));
  return {
    query,
    count: async (statement) => Number((await query(statement))[0]?.['count'] ?? 0),
    look: async () => {
      const [row] = await query(
        `select pg_current_wal_lsn() - '0/0' as wal, xact_commit as commits, deadlocks
         from pg_stat_database where datname = current_database()`,
      );
      return {
        walBytes: Number(row?.['wal']),
        commits: Number(row?.['commits']),
        cpuSeconds: cpuOf(postmaster),
        deadlocks: Number(row?.['deadlocks']),
      };
    },
    close: () => client.end(),
  };
}

/** Hundredths of a second everywhere on Linux, whatever the kernel's own tick. */
const ticksPerSecond = 100;

interface Process {
  readonly parent: number;
  readonly own: number;
  readonly ofEnded: number;
}

function processOf(pid: number | string): Process | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold blanks.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0] = fields.slice(1);
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11);
    return { parent, own: user + system, ofEnded: endedUser + endedSystem };
  } catch {
    return undefined;
  }
}

function parentOf(pid: number): number | undefined {
  return processOf(pid)?.parent;
}

function cpuOf(postmaster: number | undefined): number | null {
  const first = postmaster === undefined ? undefined : processOf(postmaster);
  if (first === undefined) return null;
  let ticks = first.own + first.ofEnded;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const one = processOf(pid);
    if (one?.parent === postmaster) ticks += one?.own ?? 0;
  }
  return ticks / ticksPerSecond;
}
