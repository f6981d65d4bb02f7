import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseFolder } from '../e2e/harness/store.ts';
import { until } from '../e2e/harness/wait.ts';
import type { Scene } from './scene.ts';

/** The server of a home, by its own pid file; throws while there is none. */
export function postmasterOf(home: string): number {
  const folder = databaseFolder(home);
  if (folder === undefined) throw new Error(`${home} has no database yet`);
  const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) throw new Error('the pid file is half written');
  return pid;
}

/** Nothing is left to do: no ticket, no message, no event on its way, and every reader has read all. */
export async function settled(scene: Scene): Promise<void> {
  const sql = `select (select count(*) from kora.ticket_ready) + (select count(*) from kora.ticket_lease)
    + (select count(*) from kora.outbox) + (select count(*) from kora.stage) as left`;
  await until(
    'everything to be worked, told and sealed',
    async () => {
      await using store = await scene.store();
      const [row] = await store.rows<{ left: string }>(sql);
      const consumers = await scene.house.api().consumers();
      const lag = consumers.reduce((sum, consumer) => sum + consumer.lag, 0);
      if (row?.left === '0' && lag === 0) return true;
      throw new Error(`${row?.left} rows and ${lag} events are left`);
    },
    180_000,
  );
}
