import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../e2e/harness/wait.ts';
import { throughFaults } from './run.ts';
import type { Report, ServerOptions } from './run.ts';
import type { Town } from './town.ts';

/** Kills the database server while a claim is under way in it, again and again. */
export function killServer(options: ServerOptions): Promise<Report> {
  const { server, count } = options;
  return throughFaults(options, async ({ town, meet }) => {
    for (let n = 0; n < count; n += 1) {
      await sleep(town.random() * 500);
      const known = await ended(town);
      const { pid } = server;
      await amidClaim(town, () => process.kill(pid, 'SIGKILL'));
      meet('server killed in the middle of a claim');
      await until('another PostgreSQL', () => server.pid > 0 && server.pid !== pid);
      await until('claims to end again', async () => (await ended(town)) > known);
      options.onFault?.(`${n + 1}/${count}  server killed in the middle of a claim`);
    }
  });
}

/** Holds what a claim writes last until one waits there, strikes, and lets go of everything with that. */
async function amidClaim(town: Town, strike: () => void): Promise<void> {
  const holding = town.database.session(async (session) => {
    await session.query('begin');
    await session.query('lock table kora.ticket_lease in share mode');
    await until('a claim to be in the middle', async () => {
      const [row] = await town.database.query<{ claims: number }>(
        `select count(*) as claims from pg_stat_activity
         where wait_event_type = 'Lock' and state = 'active' and query like '%kora.pick_ready(%'
           and pid <> pg_backend_pid()`,
      );
      return (row?.claims ?? 0) > 0;
    });
    strike();
  });
  await holding.catch(() => undefined); // it went with its server
}

async function ended(town: Town): Promise<number> {
  const [row] = await town.database.query<{ n: number }>('select count(*) as n from kora.ticket_outcome');
  return row?.n ?? 0;
}
