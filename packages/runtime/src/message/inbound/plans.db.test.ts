import { expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { claimInbound, passTurnOn, ticketsOf } from './claim.ts';
import { nothingOpen } from './conversation.ts';
import { forgetInbound, listInbound } from './rows.ts';
import { markWaiting } from './waiting.ts';

/** Blocks that a look reads. */
async function blocksOf(database: Database, look: (db: Database) => Promise<unknown>): Promise<number> {
  let blocks = 0;
  const query = async <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
    const [row] = await database.query<{ 'QUERY PLAN': readonly [{ Plan: Record<string, number> }] }>(
      `explain (analyze, buffers, format json) ${text}`,
      values,
    );
    const plan = row?.['QUERY PLAN'][0].Plan ?? {};
    blocks += (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
    return [];
  };
  await look({ ...database, query });
  return blocks;
}

test('no look at what came in reads what was handled before, and a claim reads little of what waits', async () => {
  const { database } = await testDatabase();
  await database.query(
    `insert into kora.inbound (workspace_id, channel, provider_id, conversation, state, outcome, trusted, text, ended_at)
     select 1, 'slack', 'old ' || n, 'c' || n / 20, 'answered', 'engine', true, repeat('x', 200), clock_timestamp()
     from generate_series(1, 20000) n`,
  );
  await database.query(
    `insert into kora.inbound (workspace_id, channel, provider_id, conversation, trusted, text, first, state)
     select 1, 'slack', 'new ' || n, 'c' || n % 200, true, repeat('x', 200), n <= 200, 'waiting' from generate_series(1, 2000) n`,
  );
  // Before all of them, a conversation in which very much waits for its first message, which somebody has.
  await database.query(
    `insert into kora.inbound (workspace_id, channel, provider_id, conversation, trusted, text, first, state, lease_until, place)
     select 1, 'slack', 'long ' || n, 'long', true, repeat('x', 200), n = 1, case n when 1 then 'working' else 'received' end,
       case n when 1 then clock_timestamp() + interval '1 hour' end, n - 20000
     from generate_series(1, 10000) n`,
  );
  await database.query('vacuum analyze kora.inbound');
  const wish = { workspaceId: 1, runtimeId: 'r', leaseMs: 1_000, limit: 8, decisionsOnly: false };
  const signal = new AbortController().signal;
  const looks: Readonly<Record<string, (db: Database) => Promise<unknown>>> = {
    'a claim': (db) => claimInbound(db, wish),
    'a claim of decisions': (db) => claimInbound(db, { ...wish, decisionsOnly: true }),
    'a message of a long conversation': (db) => db.query(`select ${nothingOpen('1', "'slack'", "'long'")}`),
    'whose turn is next': (db) => passTurnOn(db, { workspaceId: 1, channel: 'slack', conversation: 'long' }),
    quarantine: (db) => listInbound(db, 1, { state: 'quarantined' }),
    'the newest': (db) => listInbound(db, 1, { limit: 20 }),
    'tickets of a conversation': (db) => ticketsOf(db, 1, { channel: 'slack', conversation: 'c7' }),
    forgetting: (db) => forgetInbound(db, { workspaceId: 1, keepDays: 30, signal }),
    'a message that came again': (db) =>
      db.query(
        `insert into kora.inbound (workspace_id, channel, provider_id, conversation) values (1, 'slack', 'old 7', 'c')
         on conflict (workspace_id, channel, provider_id) do nothing`,
      ),
  };
  for (const [what, look] of Object.entries(looks)) {
    // The first one reads what the server keeps of statements.
    await blocksOf(database, look);
    const blocks = await blocksOf(database, look);
    expect(blocks, what).toBeGreaterThan(0);
    expect(blocks, what).toBeLessThan(300);
  }
  // It writes two hundred rows at once, each into every index: what counts is that it looks at no others.
  expect(await blocksOf(database, (db) => markWaiting(db, 1))).toBeLessThan(200 * 30);
});
