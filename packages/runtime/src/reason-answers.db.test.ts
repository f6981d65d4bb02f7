import { afterAll, beforeAll, expect, test } from 'vitest';
import type { House } from './http/index.ts';
import {
  conversationDetailSchema,
  conversationSchema,
  enginesSchema,
  liveSignSchema,
  reasonAnswerSchema,
  reasonReplaySchema,
  reasonRunDetailSchema,
  reasonRunSchema,
} from './http/reason/contract.ts';
import { reasonAnswers } from './reason-answers.ts';
import { answered, hold, reasonBench, usage } from './reason/testing/bench.ts';
import type { ReasonBench } from './reason/testing/bench.ts';
import type { Rooms } from './rooms.ts';
import { fileDatabase } from './store/testing/database.ts';

let made: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  made = await fileDatabase();
});
afterAll(() => made.drop());

async function answering(): Promise<{
  readonly bench: ReasonBench;
  readonly house: ReturnType<typeof reasonAnswers>;
}> {
  const bench = await reasonBench(made.database);
  const { reason, database, workspaceId } = bench;
  const workspace = { workspaceId, name: 'w' };
  return { bench, house: reasonAnswers({ reason, database, workspace } as unknown as Rooms) };
}

const question: Parameters<House['ask']>[0] = {
  text: 'How is the shop?',
  route: 'cli',
  verdict: true,
  conversation: { channel: 'cli', thread: 'default' },
};
const { signal } = new AbortController();

test('what was asked over the API is answered, listed, shown and explained in the shapes that clients know', async () => {
  const { bench, house } = await answering();
  const claims = [{ text: 'the shop is well', evidence: ['probe:shop'] }];
  bench.engine(async ({ runId }, hands) => {
    await hands.think('1', usage(100, 10));
    await hands.callTool({ runId, callId: 't', tool: 'look', input: { of: 'shop' } });
    return answered('Well.', { claims, confidence: 0.8 });
  });
  const heard: string[] = [];
  house.onRunSign((sign) => heard.push(liveSignSchema.parse(sign).kind));
  const answer = reasonAnswerSchema.parse(await house.ask(question, signal));
  expect(answer).toMatchObject({
    status: 'answered',
    why: null,
    verdict: { confidence: 0.8, claims: [{ proven: true }] },
    receipt: { costMicroUsd: 200, wake: 'kora ask (cli)', tools: ['look'] },
  });
  expect(heard).toEqual(['began', 'model_call', 'tool_call', 'ended']);
  const [row] = (await house.runs({ limit: 5 })).map((run) => reasonRunSchema.parse(run));
  expect(row).toMatchObject({ runId: answer.runId, asker: 'operator', question: 'How is the shop?' });
  const detail = reasonRunDetailSchema.parse(await house.run(answer.runId));
  expect(detail).toMatchObject({
    modelCalls: [{ model: 'little', costMicroUsd: 200, request: { messages: ['1'] } }],
    toolCalls: [{ tool: 'look', status: 'ok' }],
    evidence: [{ id: 'probe:shop' }],
  });
  const again = reasonReplaySchema.parse(await house.replayRun(answer.runId));
  expect(again).toMatchObject({ differences: [], receipt: answer.receipt, verdict: answer.verdict });
  const [thread] = (await house.conversations(5)).map((each) => conversationSchema.parse(each));
  expect(thread).toMatchObject({ channel: 'cli', thread: 'default', turns: 2 });
  const said = conversationDetailSchema.parse(await house.conversation(thread?.conversationId ?? 0, 5));
  expect(said.said.map(({ text }) => text)).toEqual(['How is the shop?', 'Well.']);
  expect(enginesSchema.parse(house.engines())).toMatchObject({
    engines: [{ name: 'scripted', plugin: 'thinker', serves: true }],
    why: null,
  });
});

test('a refusal says why, on the answer and in the list', async () => {
  const { bench, house } = await answering();
  expect(house.engines().why).toContain('no engine is configured');
  const nobody = reasonAnswerSchema.parse(await house.ask(question, signal));
  expect(nobody).toMatchObject({ status: 'refused', error: 'unconfigured' });
  expect(nobody.why).toContain('no engine is configured');
  bench.move({ holds: [hold('operator')] });
  const held = reasonAnswerSchema.parse(await house.ask(question, signal));
  expect(held).toMatchObject({ error: 'operational_state_paused', refusal: { cause: 'operator_hold' } });
  const [newest] = await house.runs({ limit: 1, status: 'refused' });
  expect(reasonRunSchema.parse(newest)).toMatchObject({ refusal: { cause: 'operator_hold' } });
});

test('the operator ends a run, and what nobody knows is said to be unknown', async () => {
  const { bench, house } = await answering();
  bench.engine(async (_request, hands, ends) => {
    await hands.think('1', usage(10));
    await new Promise((resolve) => ends.addEventListener('abort', resolve));
    return { status: 'failed', text: '' };
  });
  const asked = house.ask(question, signal);
  await expect.poll(() => bench.spent()).toBe(10);
  const [open] = await house.runs({ limit: 1, status: 'open' });
  expect(open).toMatchObject({ status: 'open', endedAt: null });
  const runId = open?.runId ?? '';
  expect(await house.cancelRun(runId, 'enough')).toEqual({ runId, cancelled: true });
  expect(await asked).toMatchObject({ error: 'cancelled', why: 'the operator: enough' });
  expect(await house.cancelRun(runId, 'enough')).toEqual({ runId, cancelled: false });
  await expect(house.run('none')).rejects.toMatchObject({ code: 'KORA_NOT_FOUND' });
  await expect(house.replayRun('none')).rejects.toMatchObject({ code: 'KORA_NOT_FOUND' });
  await expect(house.conversation(999_999, 5)).rejects.toMatchObject({ code: 'KORA_NOT_FOUND' });
});
