import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileDatabase } from '../store/testing/database.ts';
import type { EngineAnswer, ReasonAnswer } from './contract.ts';
import { readRecord } from './index.ts';
import { answered, hold, reasonBench, usage } from './testing/bench.ts';
import type { Hands, ReasonBench } from './testing/bench.ts';

let made: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  made = await fileDatabase();
});
afterAll(() => made.drop());

test('a question is thought through, and the receipt, the record, the journal and the event agree', async () => {
  const bench = await reasonBench(made.database);
  bench.engine(async (request, hands) => {
    expect(request).toMatchObject({
      text: 'How is the shop?',
      rung: 'normal',
      highestTier: 'large',
      turns: [],
    });
    await hands.think('1', usage(100, 10));
    await hands.callTool({ runId: request.runId, callId: 't1', tool: 'look', input: { of: 'shop' } });
    await hands.think('2', { ...usage(200, 20), cacheReadTokens: 1_000 });
    return answered('The shop is well.', { model: 'little', routing: 'default', promptVersion: 'p1' });
  });
  const answer = await bench.ask({ wake: 'kora ask' });
  // 100 + 10·10 and 200 + 20·10 + 1000·0.1 micro-dollars.
  expect(answer).toMatchObject({
    status: 'answered',
    by: 'engine',
    text: 'The shop is well.',
    error: null,
    verdict: null,
    receipt: {
      calls: 2,
      inputTokens: 300,
      outputTokens: 30,
      cacheReadTokens: 1_000,
      costMicroUsd: 700,
      estimated: false,
      rung: 'normal',
      wake: 'kora ask',
      model: 'little',
      tier: 'small',
      routing: 'default',
      tools: ['look'],
      identityHash: 'a'.repeat(64),
      promptVersion: 'p1',
    },
  });
  expect(await bench.spent()).toBe(700);
  const record = await readRecord(bench.database, bench.workspaceId, answer.runId);
  expect(record?.run).toMatchObject({ status: 'answered', receipt: answer.receipt, engine: 'scripted' });
  expect(record?.calls.map(({ model, outcome, costMicroUsd }) => [model, outcome, costMicroUsd])).toEqual([
    ['little', 'ok', 200],
    ['little', 'ok', 500],
  ]);
  expect(record?.toolCalls).toMatchObject([{ tool: 'look', input: { of: 'shop' }, status: 'ok' }]);
  expect(record?.evidence).toEqual([{ id: 'probe:shop', what: 'shop is well' }]);
  expect(record?.inputs).toMatchObject({ identity: { systemPrompt: 'You are Kora.' } });
  expect(bench.staged.filter(({ type }) => type === 'reasoning.run_completed')).toMatchObject([
    {
      actorId: 'operator',
      payload: { run_id: answer.runId, status: 'answered', calls: 2, tokens: 1_330, cost_usd: 0.0007 },
    },
  ]);
  expect(bench.errors).toEqual([]);
});

test('without an engine, and with two and no choice between them, the answer says so and costs nothing', async () => {
  const bench = await reasonBench(made.database);
  expect(await bench.ask()).toMatchObject({ status: 'refused', by: 'nobody', error: 'unconfigured' });
  const undo = bench.engine(async () => answered());
  bench.engine(async () => answered(), { name: 'other' });
  const several = await bench.ask();
  expect(several).toMatchObject({ status: 'refused', error: 'engine_unavailable' });
  expect(several.why).toContain('scripted and other');
  undo();
  expect(await bench.ask()).toMatchObject({ status: 'answered', receipt: { calls: 0, costMicroUsd: 0 } });
});

const exits: Record<string, (hands: Hands, signal: AbortSignal) => Promise<EngineAnswer>> = {
  answers: async () => answered(),
  'leaves it incomplete': async () => ({ status: 'incomplete', text: 'So far' }),
  fails: async () => ({ status: 'failed', text: '', error: 'rate_limited' }),
  throws: () => Promise.reject(new Error('the engine broke')),
  'answers something else': async () => ({ status: 'perhaps' }) as unknown as EngineAnswer,
  'answers nothing': async () => answered('  '),
};

test.each(Object.entries(exits))(
  'an engine that %s has what it spent on its receipt, in the journal and in the event (daemon defect W49)',
  async (_, exit) => {
    const bench = await reasonBench(made.database);
    bench.engine(async (_request, hands, signal) => {
      await hands.think('1', usage(500, 50));
      await hands.think('2', usage(1, 1));
      return exit(hands, signal);
    });
    const { receipt } = await bench.ask();
    expect(receipt).toMatchObject({ calls: 2, inputTokens: 501, outputTokens: 51, costMicroUsd: 1_011 });
    expect(await bench.spent()).toBe(1_011);
    const [event] = bench.staged.filter(({ type }) => type === 'reasoning.run_completed');
    expect(event?.payload).toMatchObject({ calls: 2, cost_usd: 0.001_011 });
  },
);

test('what is billed is what was used, over every way a run may end (daemon defect W48)', async () => {
  const bench = await reasonBench(made.database);
  let nth = 0;
  bench.engine(async (_request, hands, signal) => {
    nth += 1;
    await hands.think('1', usage(nth * 100, nth));
    const [exit] = Object.values(exits).slice(nth - 1);
    return exit === undefined ? answered() : exit(hands, signal);
  });
  let billed = 0;
  for (const _ of Object.keys(exits)) billed += (await bench.ask()).receipt.costMicroUsd;
  expect(billed).toBe([1, 2, 3, 4, 5, 6].reduce((sum, n) => sum + n * 110, 0));
  expect(await bench.spent()).toBe(billed);
});

test('a run past its deadline ends with what was said, and is no answer', async () => {
  const bench = await reasonBench(made.database);
  bench.engine(async (_request, hands, signal, sign) => {
    await hands.think('1');
    sign({ kind: 'text', delta: 'It seems ' });
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return Promise.reject(new Error('aborted'));
  });
  const asked = bench.ask({ limits: { deadlineMs: 5_000 } });
  await expect.poll(() => bench.spent()).toBe(200);
  await bench.clock.advance(5_000);
  expect(await asked).toMatchObject({
    status: 'incomplete',
    text: 'It seems ',
    error: 'timeout',
    receipt: { calls: 1, costMicroUsd: 200, durationMs: 5_000 },
  });
});

test('an engine that heeds nothing is not waited for, and its call stays reserved until it says what it cost', async () => {
  const bench = await reasonBench(made.database);
  let late: (() => Promise<unknown>) | undefined;
  bench.engine(async ({ runId }, hands) => {
    const start = {
      runId,
      callId: '1',
      model: 'little',
      inputTokens: 1_000,
      maxOutputTokens: 100,
      request: {},
    };
    await hands.beginCall(start);
    late = () => hands.endCall({ runId, callId: '1', outcome: 'ok', usage: usage(300), response: {} });
    return new Promise(() => undefined);
  });
  const asked = bench.ask({ limits: { deadlineMs: 1_000 } });
  await expect.poll(() => late).toBeDefined();
  await bench.clock.advance(4_000);
  const answer = await asked;
  // The dearest kind of input, and all the output: 1000·1.25 + 100·10.
  expect(answer).toMatchObject({
    status: 'failed',
    error: 'timeout',
    receipt: { calls: 1, costMicroUsd: 2_250, estimated: true },
  });
  expect(await late?.()).toEqual({ costMicroUsd: 300, estimated: false });
  const record = await readRecord(bench.database, bench.workspaceId, answer.runId);
  expect(record?.run.receipt).toMatchObject({
    calls: 1,
    costMicroUsd: 300,
    estimated: false,
    inputTokens: 300,
  });
  expect(await bench.spent()).toBe(300);
});

test('paused and stopped have codes of their own, before and in the middle of a run (daemon defect W59)', async () => {
  const bench = await reasonBench(made.database);
  let course: (() => void) | undefined;
  bench.engine(async (_request, hands, signal) => {
    await hands.think('1', usage(10));
    course?.();
    await bench.clock.advance(200);
    expect(signal.aborted).toBe(true);
    expect(await hands.think('2', usage(10))).toBe(false);
    return { status: 'failed', text: '' };
  });
  const states = [
    [{ holds: [hold('operator')] }, 'operational_state_paused'],
    [{ stopLevel: 1 }, 'operational_state_paused'],
    [{ stopLevel: 2 }, 'operational_state_stopped'],
    [{ stopLevel: 3 }, 'operational_state_stopped'],
  ] as const;
  for (const [state, error] of states) {
    course = () => bench.move(state);
    expect(await bench.ask()).toMatchObject({
      status: 'failed',
      error,
      receipt: { calls: 1, costMicroUsd: 10 },
    });
    const refused: ReasonAnswer = await bench.ask();
    expect(refused).toMatchObject({ status: 'refused', by: 'nobody', error, receipt: { calls: 0 } });
    bench.move({ holds: [], stopLevel: 0 });
  }
});

test('what is thought in the name of held work goes on under a pause, and ends with the claim', async () => {
  const bench = await reasonBench(made.database);
  bench.claims.add('7/3');
  bench.move({ holds: [hold('operator')] });
  let lost = false;
  bench.engine(async (request, hands, signal) => {
    expect(request.ticket).toEqual({ ticketId: 7, fence: 3, downshift: 'frontier_only' });
    await hands.think('1', usage(10));
    if (!lost) return answered();
    bench.claims.clear();
    await bench.clock.advance(200);
    expect(signal.aborted).toBe(true);
    return answered('too late');
  });
  const ticket = { ticketId: 7, fence: 3 };
  expect(await bench.ask({ route: 'ticket', ticket })).toMatchObject({ status: 'answered' });
  expect(bench.staged.at(-1)).toMatchObject({ ticketId: 7, fence: 3, correlationId: 'story 1' });
  lost = true;
  expect(await bench.ask({ route: 'ticket', ticket })).toMatchObject({
    status: 'incomplete',
    error: 'cancelled',
    why: 'ticket 7 is not held here any more',
    receipt: { calls: 1 },
  });
  expect(await bench.ask({ route: 'ticket', ticket })).toMatchObject({
    status: 'refused',
    error: 'cancelled',
  });
});

test('an engine that goes away, and whoever asked leaving, end a run', async () => {
  const bench = await reasonBench(made.database);
  const waits = async (_request: unknown, hands: Hands, signal: AbortSignal): Promise<EngineAnswer> => {
    // Heard from the beginning: what it spent is seen elsewhere before it goes on here.
    const over = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await hands.think('1', usage(10));
    await over;
    return { status: 'failed', text: '' };
  };
  const undo = bench.engine(waits);
  const asked = bench.ask();
  await expect.poll(() => bench.spent()).toBe(10);
  undo();
  expect(await asked).toMatchObject({ status: 'failed', error: 'engine_unavailable', receipt: { calls: 1 } });
  bench.engine(waits);
  const leaves = new AbortController();
  const again = bench.ask({}, leaves.signal);
  await expect.poll(() => bench.spent()).toBe(20);
  leaves.abort();
  expect(await again).toMatchObject({ status: 'failed', error: 'cancelled', receipt: { calls: 1 } });
});

test('a key is thought about once, however often and at once it is asked', async () => {
  const bench = await reasonBench(made.database);
  let runs = 0;
  bench.engine(async (_request, hands) => {
    runs += 1;
    await hands.think('1', usage(10));
    return answered(`run ${runs}`);
  });
  const answers = await Promise.all([1, 2, 3, 4].map(() => bench.ask({ key: 'incident 12' })));
  expect(new Set(answers.map(({ runId }) => runId)).size).toBe(1);
  expect(answers.map(({ text }) => text)).toEqual(['run 1', 'run 1', 'run 1', 'run 1']);
  bench.move({ stopLevel: 2 });
  // From the record, also while nobody may think.
  expect(await bench.ask({ key: 'incident 12' })).toEqual(answers[0]);
  expect(runs).toBe(1);
  expect(await bench.spent()).toBe(10);
});

test('what was refused gives its key back, and so does what failed', async () => {
  const bench = await reasonBench(made.database);
  bench.move({ stopLevel: 1 });
  expect(await bench.ask({ key: 'k' })).toMatchObject({ status: 'refused' });
  bench.move({ stopLevel: 0 });
  let fails = true;
  bench.engine(async () => (fails ? { status: 'failed', text: '', error: 'transport' } : answered()));
  expect(await bench.ask({ key: 'k' })).toMatchObject({ status: 'failed', error: 'transport' });
  fails = false;
  expect(await bench.ask({ key: 'k' })).toMatchObject({ status: 'answered' });
});

test('the run of a runtime that died is closed as cancelled, keeps what it reserved and gives its key back', async () => {
  const died = await reasonBench(made.database, { runtimeId: 'r-dead' });
  let begun = false;
  died.engine(async ({ runId }, hands) => {
    const start = {
      runId,
      callId: '1',
      model: 'little',
      inputTokens: 1_000,
      maxOutputTokens: 100,
      request: {},
    };
    begun = (await hands.beginCall(start)).allow;
    return new Promise(() => undefined);
  });
  const { workspaceId } = died;
  void died.ask({ key: 'k' }).catch(() => undefined);
  await expect.poll(() => begun).toBe(true);
  const next = await reasonBench(made.database, { runtimeId: 'r-dead', workspaceId });
  expect(await next.reason.recover()).toBe(1);
  const rows = await next.database.query<{ status: string; error: string; cost: number; estimated: boolean }>(
    `select status, error, cost_micro_usd as cost, estimated from kora.reason_run where workspace_id = $1`,
    [workspaceId],
  );
  expect(rows).toEqual([{ status: 'failed', error: 'cancelled', cost: 2_250, estimated: true }]);
  expect((await next.spend.read())?.reservedMicroUsd).toBe(2_250);
  // Whoever adds up what was thought about a ticket finds this too.
  expect(next.staged).toMatchObject([
    { type: 'reasoning.run_completed', payload: { status: 'failed', error: 'cancelled', cost_usd: 0.00225 } },
  ]);
  next.engine(async () => answered('anew'));
  expect(await next.ask({ key: 'k' })).toMatchObject({ text: 'anew' });
});

test('known questions are answered for nothing, in every state, and the version is on record', async () => {
  const bench = await reasonBench(made.database);
  bench.reason.ports.phrasebook = (text) =>
    Promise.resolve(text === 'status?' ? { text: 'ready', version: 4 } : undefined);
  bench.move({ stopLevel: 3 });
  expect(await bench.ask({ text: 'status?', conversation: { channel: 'cli', thread: 'a' } })).toMatchObject({
    status: 'answered',
    by: 'phrasebook',
    text: 'ready',
    receipt: { calls: 0, costMicroUsd: 0, rung: 'normal', phrasebookVersion: 4 },
  });
  expect(await bench.ask({ text: 'Hello\n\nstatus?', words: 'status?' })).toMatchObject({ text: 'ready' });
  expect(await bench.ask({ text: 'status?', phrasebook: false })).toMatchObject({ status: 'refused' });
  bench.reason.ports.phrasebook = () => Promise.reject(new Error('torn'));
  expect(await bench.ask({ text: 'status?' })).toMatchObject({ status: 'refused' });
});

test('secrets that this process knows reach no engine and no row', async () => {
  const bench = await reasonBench(made.database);
  const secret = 'hunter2-hunter2';
  bench.engine(async (request, hands) => {
    expect(JSON.stringify(request)).not.toContain(secret);
    const { runId } = request;
    const start = { runId, callId: '1', model: 'little', inputTokens: 10, maxOutputTokens: 10 };
    await hands.beginCall({ ...start, request: { headers: secret } });
    await hands.endCall({ runId, callId: '1', outcome: 'ok', usage: null, response: [secret, '\u0000'] });
    const burnt = await hands.callTool({ runId, callId: 't', tool: 'look', input: { of: 'fire' } });
    expect(burnt).toMatchObject({ status: 'failed', text: '[secret] burnt' });
    return answered(`the password is ${secret}`);
  });
  const answer = await bench.ask({ text: `is ${secret} good?`, quoted: [{ source: 'log', text: secret }] });
  expect(answer.text).toBe('the password is [secret]');
  const record = await readRecord(bench.database, bench.workspaceId, answer.runId);
  expect(JSON.stringify(record)).not.toContain(secret);
});

test('a question that cannot be is refused before anything is written', async () => {
  const bench = await reasonBench(made.database);
  const odd: readonly object[] = [
    { text: ' ' },
    { route: 'moon' },
    { ticket: { ticketId: 0, fence: 1 } },
    { key: '' },
  ];
  for (const each of odd)
    await expect(bench.ask(each as never)).rejects.toMatchObject({ code: 'KORA_REQUEST_INVALID' });
  const rows = await bench.database.query('select from kora.reason_run where workspace_id = $1', [
    bench.workspaceId,
  ]);
  expect(rows).toEqual([]);
});

test('whoever watches runs hears of them, and a broken listener is nobody else’s trouble', async () => {
  const bench: ReasonBench = await reasonBench(made.database);
  const heard: string[] = [];
  bench.reason.live.listen(() => {
    throw new Error('deaf');
  });
  bench.reason.live.listen((sign) => heard.push(`${sign.kind} ${'what' in sign ? sign.what : sign.delta}`));
  bench.engine(async ({ runId }, hands, _signal, sign) => {
    await hands.think('1', usage(10));
    sign({ kind: 'text', delta: 'All' });
    await hands.callTool({ runId, callId: 't', tool: 'look', input: { of: 'shop' } });
    return answered();
  });
  await bench.ask({ key: 'watched', wake: 'kora ask' });
  expect(heard).toEqual([
    'began kora ask',
    'model_call little',
    'text All',
    'tool_call look',
    'ended answered',
  ]);
});
