import assert from 'node:assert/strict';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileDatabase } from '../store/testing/database.ts';
import type { EngineAnswer, EngineRequest } from './contract.ts';
import {
  listConversations,
  listRuns,
  readBefore,
  readConversation,
  readRecord,
  replay,
  retainReason,
} from './index.ts';
import type { Replay } from './index.ts';
import { answered, reasonBench, usage } from './testing/bench.ts';
import type { ReasonBench } from './testing/bench.ts';

let made: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  made = await fileDatabase();
});
afterAll(() => made.drop());

const conversation = { channel: 'cli', thread: 'default' };

/** Answers each question with what it was shown. */
function echoing(bench: ReasonBench): EngineRequest[] {
  const seen: EngineRequest[] = [];
  bench.engine(async (request) => {
    seen.push(request);
    return answered(`answer to ${request.text}`);
  });
  return seen;
}

test('the second message of a thread sees the first, and the question that began it stays in sight (daemon defect W56)', async () => {
  const bench = await reasonBench(made.database);
  const seen = echoing(bench);
  for (let n = 1; n <= 25; n += 1) await bench.ask({ text: `question ${n}`, conversation });
  await bench.ask({ text: 'elsewhere', conversation: { ...conversation, thread: 'other' } });
  expect(seen[0]?.turns).toEqual([]);
  expect(seen[1]?.turns.map(({ direction, text }) => [direction, text])).toEqual([
    ['inbound', 'question 1'],
    ['outbound', 'answer to question 1'],
  ]);
  const late = seen[24]?.turns ?? [];
  expect(late[0]?.text.split('\n\n')[0]).toBe('question 1');
  expect(late.at(-1)?.text).toBe('answer to question 24');
  expect(late.length).toBeLessThan(48);
  expect(late.every(({ direction }, at) => direction === (at % 2 === 0 ? 'inbound' : 'outbound'))).toBe(true);
  expect(seen[25]?.turns).toEqual([]);
  const [newest, older] = await listConversations(bench.database, bench.workspaceId, { limit: 10 });
  expect([newest?.thread, older?.thread, older?.turns]).toEqual(['other', 'default', 50]);
  const read = await readConversation(bench.database, bench.workspaceId, {
    conversationId: older?.conversationId ?? 0,
    limit: 2,
  });
  expect(read?.said.map(({ text }) => text)).toEqual(['question 25', 'answer to question 25']);
});

test('a question that was refused stands in its conversation, and the next one is told of it', async () => {
  const bench = await reasonBench(made.database);
  const seen = echoing(bench);
  bench.move({ stopLevel: 1 });
  await bench.ask({ text: 'first', conversation });
  bench.move({ stopLevel: 0 });
  await bench.ask({ text: 'second', conversation });
  await bench.ask({ text: 'third', conversation });
  expect(seen[0]?.turns.map(({ text }) => text)).toEqual(['first']);
  expect(seen[1]?.turns.map(({ text }) => text)).toEqual(['first\n\nsecond', 'answer to second']);
});

const looks = (of: readonly string[], answer: Partial<EngineAnswer>) =>
  (async ({ runId }, hands) => {
    for (const each of of) await hands.callTool({ runId, callId: each, tool: 'look', input: { of: each } });
    return answered('All is well.', answer);
  }) satisfies Parameters<ReasonBench['engine']>[0];

test('a verdict rests on what was read: in the run, quoted to it, and in its conversation before', async () => {
  const bench = await reasonBench(made.database);
  const claims = [
    { text: 'the shop is well', evidence: ['probe:shop'] },
    { text: 'the mail said so', evidence: ['mail:1'] },
    { text: 'the disk is well', evidence: ['probe:disk'] },
    { text: 'the moon is well', evidence: ['probe:moon', 'probe:shop'] },
    { text: 'nothing burns', evidence: [] },
  ];
  const undo = bench.engine(looks(['disk'], {}));
  await bench.ask({ conversation });
  undo();
  bench.engine(looks(['shop'], { claims, confidence: 0.95 }));
  const quoted = [{ source: 'mail', text: 'all fine', evidenceId: 'mail:1' }];
  const told = await bench.ask({ conversation, quoted, verdict: true });
  expect(told.verdict?.claims.map(({ proven, unread }) => [proven, unread])).toEqual([
    [true, []],
    [true, []],
    [true, []],
    [false, ['probe:moon']],
    [false, []],
  ]);
  expect(told.verdict?.confidence).toBe(0.6);
  const elsewhere = await bench.ask({ verdict: true });
  expect(elsewhere.verdict?.claims.map(({ proven }) => proven)).toEqual([true, false, false, false, false]);
  expect((await bench.ask({})).verdict).toBeNull();
});

test('a verdict that cites nothing is one claim that nothing proves; what was left unfinished is no pass', async () => {
  const bench = await reasonBench(made.database);
  const undo = bench.engine(async () => answered('All is well.', { confidence: 1 }));
  expect((await bench.ask({ verdict: true })).verdict).toEqual({
    claims: [{ text: 'All is well.', evidence: [], unread: [], proven: false }],
    confidence: 0,
  });
  undo();
  const claims = [{ text: 'the shop is well', evidence: ['probe:shop'] }];
  bench.engine(async ({ runId }, hands) => {
    await hands.callTool({ runId, callId: 't', tool: 'look', input: { of: 'shop' } });
    return { status: 'incomplete', text: 'so far well', claims, confidence: 1 };
  });
  const unfinished = await bench.ask({ verdict: true });
  expect(unfinished).toMatchObject({ status: 'incomplete', error: 'tool_iterations_exceeded' });
  expect(unfinished.verdict?.claims[0]).toMatchObject({ proven: true });
});

async function replayed(bench: ReasonBench, runId: string): Promise<Replay> {
  const record = await readRecord(bench.database, bench.workspaceId, runId);
  assert(record !== undefined);
  const { engine } = bench.reason.engines.choice();
  const { run } = record;
  const ids = (run.verdict?.claims ?? []).flatMap(({ evidence }) => evidence);
  return replay(record, {
    engine: engine?.spec ?? null,
    readBefore: await readBefore(bench.database, bench.workspaceId, { ...run, ids }),
  });
}

test('a run is decided again from its record, to the same end, and nobody is asked', async () => {
  const bench = await reasonBench(made.database);
  let asked = 0;
  const claims = [{ text: 'the shop is well', evidence: ['probe:shop', 'probe:moon'] }];
  bench.engine(
    async ({ runId }, hands) => {
      asked += 1;
      await hands.think('1', usage(100, 10));
      await hands.callTool({ runId, callId: 't', tool: 'look', input: { of: 'shop' } });
      await hands.think('2', null);
      return answered('The shop is well.', { claims, confidence: 0.9, model: 'little', routing: 'default' });
    },
    {
      decide: async ({ text }) => ({
        model: 'little',
        tier: 'small',
        routing: text === '' ? 'x' : 'default',
      }),
    },
  );
  const { runId, verdict, receipt } = await bench.ask({ verdict: true, conversation });
  const spent = await bench.spent();
  const again = await replayed(bench, runId);
  expect(again).toMatchObject({
    runId,
    verdict,
    choice: {
      recorded: { model: 'little', routing: 'default' },
      now: { model: 'little', tier: 'small', routing: 'default' },
    },
    receipt,
    differences: [],
  });
  expect(again.steps.map(({ what }) => what)).toEqual([
    'asked',
    'handed',
    'model_call',
    'tool_call',
    'model_call',
    'ended',
  ]);
  expect(again.steps[3]?.words).toContain('look: ok');
  expect(again.steps[4]?.words).toContain('estimated');
  expect(again.steps.at(-1)?.words).toContain('answered by little (default): 2 calls');
  expect(asked).toBe(1);
  expect(await bench.spent()).toBe(spent);
});

test('an engine that cannot say how it would choose now keeps nobody from reading the record', async () => {
  const bench = await reasonBench(made.database);
  bench.engine(async () => answered('Well.', { routing: 'default' }), {
    decide: () => Promise.reject(new Error('its process died')),
  });
  const { runId } = await bench.ask();
  expect((await replayed(bench, runId)).choice).toMatchObject({
    recorded: { routing: 'default' },
    now: null,
  });
});

test('a run that was routed by other parameters than those in force is not decided again', async () => {
  const bench = await reasonBench(made.database);
  const place = { kind: 'router.parameters', key: 'cli', as: 'used', wouldHave: null } as const;
  let revision = 2;
  bench.engine(async () => answered('Well.', { routing: 'default', learned: [{ ...place, revision: 2 }] }), {
    decide: async () => ({
      model: 'large',
      tier: 'large',
      routing: revision === 2 ? 'default' : 'decision_words',
      learned: [{ ...place, revision }],
    }),
  });
  const { runId, receipt } = await bench.ask();
  expect(receipt.learned).toEqual([{ ...place, revision: 2 }]);
  expect((await replayed(bench, runId)).differences).toEqual([]);
  revision = 3;
  expect((await replayed(bench, runId)).differences).toEqual([
    'the router cannot be asked again: it chose by router.parameters cli revision 2, and router.parameters cli revision 3 is in force now',
  ]);
});

test('what differs from the record is said', async () => {
  const bench = await reasonBench(made.database);
  bench.engine(
    async (_request, hands) => {
      await hands.think('1', usage(100, 10));
      return answered('Well.', { routing: 'default' });
    },
    { decide: async () => ({ model: 'large', tier: 'large', routing: 'decision_words' }) },
  );
  const { runId } = await bench.ask();
  await bench.database.query(
    `update kora.reason_run set cost_micro_usd = 1 where workspace_id = $1 and run_id = $2`,
    [bench.workspaceId, runId],
  );
  const { differences } = await replayed(bench, runId);
  expect(differences).toEqual([
    'the router chose by default, and would by decision_words now',
    'costMicroUsd: recorded 1, by its calls 200',
  ]);
});

test('which tools were offered, and whether strangers spoke, is on record of each run (daemon defect W65)', async () => {
  const bench = await reasonBench(made.database);
  echoing(bench);
  const quoted = [{ source: 'mail', text: 'all fine' }];
  const asked = [await bench.ask({ words: 'How is it?' }), await bench.ask({ quoted })];
  bench.reason.ports.phrasebook = () => Promise.resolve({ text: 'ready', version: 4 });
  asked.push(await bench.ask());
  const rows = await bench.database.query(
    `select words, untrusted, learned, r.advertised from kora.reason_run r where workspace_id = $1 order by run_id`,
    [bench.workspaceId],
  );
  const look = { learned: null, advertised: ['look'] };
  expect(rows).toEqual([
    { ...look, words: 'How is it?', untrusted: false },
    { ...look, words: null, untrusted: true },
    { words: null, untrusted: false, learned: null, advertised: null },
  ]);
  const records = await listRuns(bench.database, bench.workspaceId, { limit: 10 });
  expect(records.map(({ advertised }) => advertised)).toEqual([null, ['look'], ['look']]);
  expect(records.map(({ receipt }) => receipt)).toEqual(asked.map(({ receipt }) => receipt).toReversed());
});

test('a refused run and one of the phrasebook are explained too', async () => {
  const bench = await reasonBench(made.database);
  const refused = await bench.ask();
  expect((await replayed(bench, refused.runId)).steps.at(-1)?.words).toContain('refused (unconfigured:');
  bench.reason.ports.phrasebook = () => Promise.resolve({ text: 'ready', version: 4 });
  const known = await bench.ask();
  const { steps, differences, choice } = await replayed(bench, known.runId);
  expect(steps.at(-1)?.words).toBe('answered by version 4 of the phrasebook, at no cost');
  expect([differences, choice]).toEqual([[], null]);
});

test('after its days all but the receipt is forgotten, and a conversation that fell silent is gone', async () => {
  const bench = await reasonBench(made.database);
  const seen = echoing(bench);
  const old = await bench.ask({ text: 'long ago', conversation, key: 'k' });
  const fresh = await bench.ask({ text: 'now', conversation: { ...conversation, thread: 'new' } });
  const { database, workspaceId } = bench;
  await database.query(
    `update kora.reason_run set ended_at = ended_at - interval '31 days' where workspace_id = $1 and run_id = $2`,
    [workspaceId, old.runId],
  );
  await database.query(
    `update kora.conversation set last_at = last_at - interval '31 days' where workspace_id = $1 and thread = 'default'`,
    [workspaceId],
  );
  const signal = AbortSignal.timeout(60_000);
  expect(await retainReason(database, { workspaceId, keepDays: 30, signal })).toEqual({ forgotten: 1 });
  expect(await retainReason(database, { workspaceId, keepDays: 30, signal })).toEqual({ forgotten: 0 });
  const gone = await readRecord(database, workspaceId, old.runId);
  expect(gone).toMatchObject({
    run: { text: '', question: '', receipt: old.receipt },
    inputs: null,
    calls: [],
  });
  expect((await replayed(bench, old.runId)).differences).toEqual([]);
  const kept = await readRecord(database, workspaceId, fresh.runId);
  expect(kept?.run).toMatchObject({ text: 'answer to now', question: 'now' });
  expect((await listConversations(database, workspaceId, { limit: 10 })).map(({ thread }) => thread)).toEqual(
    ['new'],
  );
  await bench.ask({ text: 'again', conversation, key: 'k' });
  expect(seen.at(-1)?.turns).toEqual([]);
});

test('a run is found by its ticket, its conversation and its time without reading the others', async () => {
  const { database, workspaceId } = await reasonBench(made.database);
  await database.query(
    `insert into kora.reason_run (workspace_id, run_id, runtime_id, route, asker, key, conversation_id, ticket_id, fence,
       wake, question, status, deadline_ms, ended_at)
     select $1, 'run-' || lpad(n::text, 8, '0'), 'r', 'ticket', 'operator', 'key ' || n, n % 500, n % 700, 1, 'w', 'q',
       'answered', 1000, clock_timestamp() from generate_series(1, 20000) n`,
    [workspaceId],
  );
  await database.query('vacuum analyze kora.reason_run');
  const pages = async (look: (db: ReasonBench['database']) => Promise<unknown>): Promise<number> => {
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
  };
  const limit = 20;
  const looks: readonly ((db: ReasonBench['database']) => Promise<unknown>)[] = [
    (db) => listRuns(db, workspaceId, { limit }),
    (db) => listRuns(db, workspaceId, { limit, before: 'run-00010000' }),
    (db) => listRuns(db, workspaceId, { limit, ticketId: 13 }),
    (db) => listRuns(db, workspaceId, { limit, conversationId: 13 }),
    (db) => listRuns(db, workspaceId, { limit, status: 'open' }),
    (db) => readRecord(db, workspaceId, 'run-00010000'),
  ];
  for (const look of looks) {
    const read = await pages(look);
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(200);
  }
});

test('a key that another runtime thinks about is waited for, and answered from its record', async () => {
  const there = await reasonBench(made.database);
  const here = await reasonBench(made.database, { workspaceId: there.workspaceId });
  let answer: ((said: EngineAnswer) => void) | undefined;
  there.engine(() => new Promise((resolve) => (answer = resolve)));
  here.engine(async () => expect.unreachable('it is thought about elsewhere'));
  const first = there.ask({ key: 'k' });
  await expect.poll(() => answer).toBeDefined();
  const second = here.ask({ key: 'k' });
  const leaves = new AbortController();
  const impatient = here.ask({ key: 'k' }, leaves.signal);
  await expect.poll(() => here.clock.sleeping).toBeGreaterThan(1);
  leaves.abort();
  expect(await impatient).toMatchObject({ status: 'failed', error: 'cancelled' });
  answer?.(answered('from there'));
  expect((await first).text).toBe('from there');
  await here.clock.advance(1_000);
  expect(await second).toEqual(await first);
});

test('a run that nobody works any more, long past its deadline, gives its key to whoever asks next', async () => {
  const bench = await reasonBench(made.database);
  const { database, workspaceId } = bench;
  await database.query(
    `insert into kora.reason_run (workspace_id, run_id, runtime_id, route, asker, key, wake, question, status, deadline_ms,
       started_at)
     values ($1, '0', 'gone', 'cli', 'operator', 'k', 'w', 'q', 'open', 1000, clock_timestamp() - interval '2 minutes')`,
    [workspaceId],
  );
  bench.engine(async () => answered('anew'));
  expect(await bench.ask({ key: 'k' })).toMatchObject({ text: 'anew' });
  const gone = await readRecord(database, workspaceId, '0');
  expect(gone?.run).toMatchObject({
    status: 'failed',
    error: 'cancelled',
    why: 'its runtime died',
    key: null,
  });
});

test('an engine that threw is told by the kind of its error, and by nothing that the error says', async () => {
  const bench = await reasonBench(made.database);
  bench.engine(() => Promise.reject(new RangeError('sk-secret')));
  expect(await bench.ask()).toMatchObject({
    status: 'failed',
    error: 'engine_unavailable',
    why: 'engine scripted threw RangeError',
  });
});
