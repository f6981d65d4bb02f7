import { expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { ticketStatuses } from '../contract.ts';
import { countBuckets, countEnded, findTicket, listTickets, readBoard, readHistory } from '../index.ts';
import { ticketBench } from '../testing/bench.ts';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

/** Answers nothing, and keeps how each statement was run. */
function explaining(database: Database): { readonly db: Database; readonly plans: Plan[] } {
  const plans: Plan[] = [];
  const query = async <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
    const rows = await database.query<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>(
      `explain (analyze, buffers, format json) ${text}`,
      values,
    );
    for (const { 'QUERY PLAN': told } of rows) for (const { Plan: plan } of told) plans.push(plan);
    return [];
  };
  return { db: { ...database, query }, plans };
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

const large = /^(ticket|ticket_outcome|ticket_note|operation)_\d+$/;

test('no look reads what has ended: it costs the same with ten times as many tickets done', async () => {
  const { database, owner, add } = await ticketBench();
  const { workspaceId, runtimeId } = owner;
  const done = async (count: number, bad: number): Promise<void> => {
    await database.query(
      `with added as (
         insert into kora.ticket (workspace_id, ticket_id, kind, title, objective, payload, priority, critical, origin,
           trusted)
         select $1, nextval('kora.ticket_number'), 'test', 'done', '', '{}', 2, false, 'operator', true
         from generate_series(1, $3) returning ticket_id)
       insert into kora.ticket_outcome (workspace_id, ticket_id, fence, runtime_id, resolution, summary, attempts, failures)
       select $1, ticket_id, 1, $2, case when nth <= $4 then 'cancelled' when nth <= 2 * $4 then 'failed_terminal'
         else 'completed' end, 'done', 1, 0 from (select ticket_id, row_number() over () as nth from added) numbered`,
      [workspaceId, runtimeId, count, bad],
    );
    await database.query('vacuum analyze kora.ticket, kora.ticket_outcome');
  };
  const { ticketId } = await add();
  const halfHours = Array.from({ length: 49 }, (_, nth) =>
    new Date(Date.now() + (1 - nth) * 1_800_000).toISOString(),
  );
  const looks: Readonly<Record<string, (db: Database) => Promise<unknown>>> = {
    board: (db) => readBoard(db, workspaceId),
    counts: (db) => countBuckets(db, workspaceId),
    ticket: (db) => findTicket(db, workspaceId, ticketId),
    history: (db) => readHistory(db, workspaceId, ticketId),
    ended: (db) => countEnded(db, workspaceId, { ends: halfHours, most: 200 }),
    newest: (db) => listTickets(db, workspaceId, {}),
    ...Object.fromEntries(
      ticketStatuses.map((status) => [status, (db: Database) => listTickets(db, workspaceId, { status })]),
    ),
  };
  const read = async (): Promise<Record<string, number>> => {
    const blocks: Record<string, number> = {};
    for (const [name, look] of Object.entries(looks)) {
      const { db, plans } = explaining(database);
      await look(db);
      expect(plans.length, name).toBeGreaterThan(0);
      const scanned = plans
        .flatMap(nodesOf)
        .filter((node) => node['Node Type'] === 'Seq Scan' && large.test(node['Relation Name'] ?? ''));
      // An empty partition is read whole at no cost.
      const pages = scanned.map((node) => node['Shared Hit Blocks'] + node['Shared Read Blocks']);
      expect([name, Math.max(0, ...pages)]).toEqual([name, 0]);
      blocks[name] = plans.reduce(
        (sum, plan) => sum + plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
        0,
      );
    }
    return blocks;
  };
  await done(20_000, 10);
  const before = await read();
  await done(180_000, 0);
  const after = await read();
  // One more level of an index, here and there.
  for (const [name, blocks] of Object.entries(after))
    expect([name, blocks <= 20 + 1.5 * (before[name] ?? 0)]).toEqual([name, true]);
});
