import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chainOn, noted, said } from '../../chain/testing/chain.ts';
import { draft } from '../../chain/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import type { HistoryPage } from '../contract.ts';
import type { HistoryReads, HistoryWindow, PageQuery } from '../ports.ts';
import { isHeldOut } from './held-out.ts';
import { historyReads } from './reads.ts';

let made: Awaited<ReturnType<typeof fileDatabase>>;
let reads: HistoryReads;

const workspaceId = 71;
const rows = 400;
const since = '2026-11-01T00:00:00.000Z';
/** Row n happened n / 2 minutes into the window: each moment is that of two rows. */
const at = (n: string): string => `'${since}'::timestamptz + floor(${n} / 2.0) * interval '1 minute'`;
const until = new Date(Date.parse(since) + (rows / 2) * 60_000).toISOString();
const window: HistoryWindow = { since, until, part: 'all' };

beforeAll(async () => {
  made = await fileDatabase();
  reads = historyReads({ database: made.database, workspaceId, chain: { readPast: async () => [] } });
  const { database } = made;
  // Rows of before, of the window, and of after; every tenth is none that a loop may see.
  await database.query(
    `insert into kora.reason_run (workspace_id, run_id, runtime_id, route, asker, wake, question, words, status, deadline_ms,
       answered_by, text, tools, advertised, untrusted, learned, inputs, started_at, ended_at, forgotten_at)
     select $1, 'run-' || md5(n::text), 'r', 'cli', case n % 40 when 10 then 'promote-loops' else 'operator' end,
       case n % 40 when 20 then 'promotion of x' else 'kora ask' end, 'subject and ' || n, 'words ' || n,
       case n % 40 when 30 then 'open' else 'answered' end, 1000, 'engine', 'said ' || n, '{look}', '{look,act}',
       n % 3 = 0, case when n % 5 = 0 then jsonb_build_array(jsonb_build_object('kind', 'k', 'key', n, 'revision', 1,
         'as', 'used', 'wouldHave', null)) end,
       jsonb_build_object('snapshot', jsonb_build_object('n', n)), ${at('n')},
       case n % 40 when 30 then null else ${at('n')} end, case n % 40 when 0 then ${at('n')} end
     from generate_series(-50, ${rows + 49}) n`,
    [workspaceId],
  );
  await database.query(
    `insert into kora.reason_tool_call (workspace_id, run_id, ordinal, call_id, tool, input, status, outcome, duration_ms, at)
     select $1, 'run-' || md5(n::text), of, 'c' || of, 'look', case of when 1 then jsonb_build_object('of', n)
       else to_jsonb(repeat('x', 9000)) end, case of when 1 then 'ok' else 'failed' end,
       jsonb_build_object('text', repeat('t', 3000)), 7, ${at('n')}
     from generate_series(-50, ${rows + 49}) n, generate_series(1, 2) of`,
    [workspaceId],
  );
  await database.query(
    `insert into kora.incident (workspace_id, incident_id, runtime_id, probe, target, category, severity, title, detail, wake_id,
       opened_at, failing_since, failures) overriding system value
     select $1, n + 100, gen_random_uuid(), 'shop', 'unit:shop', 'up', 'warning', 't', 'd', gen_random_uuid(), ${at('n')},
       ${at('n')}, 1 from generate_series(-50, ${rows + 49}) n`,
    [workspaceId],
  );
  await database.query(
    `insert into kora.fix_attempt (workspace_id, key, runtime_id, probe, fix, plugin, capability, mode, target, incident_id,
       asked_by, reason, status, outcome, asked_at, began_at, ended_at)
     select $1, n::text, gen_random_uuid(), 'shop', 'restart', 'p', 'c', 'off', 'unit:' || n,
       case when n % 2 = 0 then n + 100 end, 'operator', 'r', 'ended', 'mended', ${at('n')}, ${at('n')}, ${at('n')}
     from generate_series(-50, ${rows + 49}) n`,
    [workspaceId],
  );
});
afterAll(() => made.drop());

type Read = (of: HistoryWindow, page: PageQuery) => Promise<HistoryPage<object>>;
const readers: Readonly<Record<string, { read: Read; count: number; held: (row: object) => string }>> = {
  // One in ten is not for loops.
  questions: {
    read: (...given) => reads.questions(...given),
    count: rows - rows / 10,
    held: (row) => String(Reflect.get(row, 'runId')),
  },
  toolCalls: {
    read: (...given) => reads.toolCalls(...given),
    // What was forgotten has lost its calls with it; here they were left.
    count: 2 * (rows - (rows * 3) / 40),
    held: (row) => String(Reflect.get(row, 'runId')),
  },
  incidents: {
    read: (...given) => reads.incidents(...given),
    count: rows,
    held: (row) => `incident ${String(Reflect.get(row, 'incidentId'))}`,
  },
  attempts: {
    read: (...given) => reads.attempts(...given),
    count: rows,
    held: (row) =>
      Reflect.get(row, 'incidentId') === null
        ? `attempt ${String(Reflect.get(row, 'attemptId'))}`
        : `incident ${String(Reflect.get(row, 'incidentId'))}`,
  },
};

async function all(read: Read, of: HistoryWindow, limit?: number): Promise<object[]> {
  const seen: object[] = [];
  for (let after: string | undefined; ; ) {
    const page = await read(of, { after, limit });
    expect(page.rows.length).toBeLessThanOrEqual(limit ?? 1_000);
    seen.push(...page.rows);
    if (page.next === null) return seen;
    after = page.next;
  }
}

test.each(Object.entries(readers))(
  '%s: a window is read whole, oldest first, and parted in two',
  async (_, by) => {
    const whole = await all(by.read, window);
    expect(whole).toHaveLength(by.count);
    const [shown, held] = [
      await all(by.read, { ...window, part: 'shown' }),
      await all(by.read, { ...window, part: 'held_out' }),
    ];
    expect(shown).toEqual(whole.filter((row) => !isHeldOut(by.held(row))));
    expect(held).toEqual(whole.filter((row) => isHeldOut(by.held(row))));
    expect(held.length / whole.length).toBeGreaterThan(0.1);
    expect(held.length / whole.length).toBeLessThan(0.3);
    const times = whole.map((row) => String(Reflect.get(row, 'at') ?? Reflect.get(row, 'openedAt')));
    expect(times).toEqual(times.toSorted());
    expect([times[0], (times.at(-1) ?? '') < until]).toEqual([`${since.slice(0, -1)}000Z`, true]);
  },
);

test('whatever the length of a page, the past is the same', async () => {
  const minutes = (n: number): string => new Date(Date.parse(since) + n * 60_000).toISOString();
  const part = fc.constantFrom('shown' as const, 'all' as const);
  const length = fc.integer({ min: 1, max: 90 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.values(readers)), part, length, async (by, of, limit) => {
      const some = { since: minutes(limit % 7), until: minutes(40 + limit), part: of };
      expect(await all(by.read, some, limit)).toEqual(await all(by.read, some));
    }),
    { numRuns: 12 },
  );
});

test('a page begins where one ended: another place is refused, and one before the window is its beginning', async () => {
  const { next } = await reads.questions(window, { limit: 3 });
  const later = { ...window, since: new Date(Date.parse(since) + 3_600_000).toISOString() };
  expect(await reads.questions(later, { after: next ?? '', limit: 5 })).toEqual(
    await reads.questions(later, { limit: 5 }),
  );
  const shown = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const after of ['', 'x', shown(['now', 'run']), shown(['2026-11-01T00:00:00.000000Z', 7]), shown({})])
    await expect(reads.questions(window, { after })).rejects.toMatchObject({ code: 'KORA_REQUEST_INVALID' });
  for (const limit of [0, 5_001, 1.5])
    await expect(reads.incidents(window, { limit })).rejects.toMatchObject({ code: 'KORA_REQUEST_INVALID' });
});

test('a question is told with what is known alone of it; its snapshot on demand; what nobody vouches for is untrusted', async () => {
  const { rows: past } = await reads.questions(window, { limit: 10 });
  expect(past.map(({ text }) => text)).toContain('words 1');
  const found = past.find(({ text }) => text === 'words 5');
  expect(found).toMatchObject({
    answer: 'said 5',
    advertised: ['look', 'act'],
    untrusted: false,
    snapshot: null,
  });
  expect(found?.learned).toMatchObject([{ kind: 'k', key: 5, as: 'used' }]);
  const runs = [found?.runId ?? '', 'run-unknown'];
  const told = await reads.questions(window, { runs, with: 'snapshot' });
  expect(told.rows.map(({ runId, snapshot }) => [runId, snapshot])).toEqual([[runs[0], { n: 5 }]]);
  await made.database.query('update kora.reason_run set untrusted = null where run_id = $1', [runs[0]]);
  expect((await reads.questions(window, { runs })).rows[0]).toMatchObject({ untrusted: true });
});

test('of a tool call the text is bounded, and a long input is left out', async () => {
  const { rows: calls } = await reads.toolCalls(window, { limit: 50 });
  const [short, long] = [1, 2].map((n) => calls.find(({ ordinal }) => ordinal === n));
  expect(short).toMatchObject({ route: 'cli', ok: true, status: 'ok', input: { of: expect.any(Number) } });
  expect(long).toMatchObject({ ok: false, status: 'failed', input: null });
  expect(short?.text).toHaveLength(2_000);
});

test('events of a window, by types, parted by a field of theirs; redacted ones are left out', async () => {
  const { chain, workspaceId: own } = await chainOn(made.database, { workspace: 'past' });
  for (let n = 0; n < 60; n += 1)
    await chain.append([n % 3 === 0 ? draft(said, { text: `t${n % 7}` }) : draft(noted, { n: n % 7 })]);
  const whole = await chain.read({ limit: 1_000 });
  const mine = whole.filter(({ type }) => type.startsWith('test.'));
  const [first, last] = [mine[9], mine[50]];
  const of = { since: first?.occurredAt ?? '', until: last?.occurredAt ?? '', part: 'all' } as const;
  const past = historyReads({ database: made.database, workspaceId: own, chain });
  const types = ['test.noted', 'test.said', 'test.noted'];
  const read: Read = (at, page) => past.events(at, { ...page, types, splitBy: 'n' });
  const seen = await all(read, of, 4);
  const within = mine.filter(({ occurredAt }) => occurredAt >= of.since && occurredAt < of.until);
  expect(seen.map((row) => Reflect.get(row, 'seq'))).toEqual(within.map(({ seq }) => seq));
  const [shown, held] = [
    await all(read, { ...of, part: 'shown' }, 4),
    await all(read, { ...of, part: 'held_out' }, 4),
  ];
  const idOf = ({ seq, payload }: (typeof within)[number]): string =>
    typeof payload['n'] === 'number' ? String(payload['n']) : `event ${seq}`;
  expect(held.map((row) => Reflect.get(row, 'seq'))).toEqual(
    within.filter((event) => isHeldOut(idOf(event))).map(({ seq }) => seq),
  );
  expect(shown.length + held.length).toBe(within.length);
  expect((await past.events(of, { types: ['test.absent'] })).rows).toEqual([]);
  const redacted = within.map((event) => ({ ...event, payload: {}, redacted: true as const }));
  const forgotten = historyReads({ ...made, workspaceId: own, chain: { readPast: async () => redacted } });
  expect(await forgotten.events(of, { types })).toEqual({ rows: [], next: null });
});
