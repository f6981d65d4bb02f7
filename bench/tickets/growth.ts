import type pg from 'pg';
import { runFull } from './life-part.ts';
import { koraTickets } from './kora.ts';
import { openGauges } from './gauges.ts';
import type { Gauges } from './gauges.ts';
import { runLatency } from './latency.ts';
import { say, table } from './run-options.ts';
import type { Part } from './run-options.ts';

/** Nine of ten rows are done tickets, the tenth is ready and of a kind that nobody works: it lies in the way of claims. */
const readyShare = 10;
const chunk = 500_000;
/** So many of them have a chance to be planned right. */
const supposedRate = 20_000;

/** P13 for P2 and P3: the same with that many tickets there already. */
export const growthPart: Part = async (server, options) => {
  const seconds = options.seconds ?? (options.quick ? 2 : 15);
  const connection = await server.database('growth');
  const loader = await koraTickets.store.open(connection, koraTickets.tuning);
  await loader.close();
  const rows = [];
  let there = 0;
  for (const rowsThere of options.grow) {
    const from = performance.now();
    const above = await fill(connection, rowsThere - there);
    there = rowsThere;
    const filledSeconds = Math.round((performance.now() - from) / 1_000);
    const rate = options.quick ? 3_000 : supposedRate;
    const life = await runFull(server, koraTickets, { processes: 1, seconds, rate, connection, above });
    // What the window left over would stand before the tickets whose way is timed.
    await clearReady(connection);
    const latency = await runLatency(koraTickets, { connection, rate: 500, seconds });
    const row = { rowsThere, filledSeconds, life, latency };
    rows.push(row);
    say(`growth ${JSON.stringify(row)}\n`);
  }
  const lines = rows.map(({ rowsThere, life, latency }) => [
    rowsThere,
    life.burst,
    life.sustained,
    life.walBytes,
    latency.p50,
    latency.p99,
  ]);
  say(
    table(
      [
        'tickets there',
        'done/s',
        'done and sealed/s',
        'WAL bytes a ticket',
        'start at 500/s, p50 ms',
        'p99 ms',
      ],
      lines,
    ),
  );
  return { seconds, rows };
};

/** Written straight into the tables: what is measured afterwards is not how they came there. Answers the last ticket's number. */
async function fill(connection: pg.ClientConfig, count: number): Promise<number> {
  const gauges = await openGauges(connection);
  try {
    for (let left = count; left > 0; left -= chunk) await fillChunk(gauges, Math.min(chunk, left));
    await gauges.query('vacuum analyze');
    return await gauges.count('select last_value as count from kora.ticket_number');
  } finally {
    await gauges.close();
  }
}

async function fillChunk(gauges: Gauges, count: number): Promise<void> {
  const ready = Math.ceil(count / readyShare);
  const last = await gauges.count('select last_value as count from kora.ticket_number');
  // A chunk lies in two partitions at most, and what follows it may begin the next.
  await gauges.query(
    `select kora.ensure_ticket_partition(${last}), kora.ensure_ticket_partition(${last + count + 10_000_000})`,
  );
  await gauges.query(
    `with numbered as materialized (
       select nextval('kora.ticket_number') as ticket_id, n <= ${ready} as is_ready, w.workspace_id
       from generate_series(1, ${count}) n, (select min(workspace_id) as workspace_id from kora.workspace) w),
     ticket as (
       insert into kora.ticket (workspace_id, ticket_id, kind, title, objective, payload, priority, critical, origin, trusted)
       select workspace_id, ticket_id, case when is_ready then 'idle' else 'bench' end, 'ticket ' || ticket_id, '',
         jsonb_build_object('n', ticket_id, 'padding', repeat('x', 180)), 2, false, 'operator', true from numbered),
     ready as (
       insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, kind, priority, eligible_at, critical)
       select workspace_id, ticket_id, 'kora', 'idle', 2, clock_timestamp(), false from numbered where is_ready)
     insert into kora.ticket_outcome (workspace_id, ticket_id, fence, session_id, runtime_id, resolution, summary, result,
       attempts, failures, claimed_at)
     select workspace_id, ticket_id, 1, '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002',
       'completed', 'worked', '{"by": "the past"}', 1, 0, clock_timestamp() from numbered where not is_ready`,
  );
}

async function clearReady(connection: pg.ClientConfig): Promise<void> {
  const gauges = await openGauges(connection);
  await gauges.query(`delete from kora.ticket_ready where kind = 'bench'`);
  await gauges.query('vacuum analyze kora.ticket_ready');
  await gauges.close();
}
