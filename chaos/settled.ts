import { until } from '../e2e/harness/wait.ts';
import type { Scene } from './scene.ts';

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
