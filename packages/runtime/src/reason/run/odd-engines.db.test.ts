import { afterAll, assert, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { readRecord } from '../index.ts';
import type { FullRecord } from '../index.ts';
import { answered, reasonBench, usage } from '../testing/bench.ts';
import type { ReasonBench } from '../testing/bench.ts';

let made: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  made = await fileDatabase();
});
afterAll(() => made.drop());

async function recordOf({ database, workspaceId }: ReasonBench, runId: string): Promise<FullRecord> {
  const record = await readRecord(database, workspaceId, runId);
  assert(record !== undefined);
  return record;
}

/** The same store, where a test may step in before a transaction. */
function watched(database: Database, before: () => Promise<void>): Database {
  return new Proxy(database, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      if (name !== 'transaction') return member.bind(target);
      return async (...work: Parameters<Database['transaction']>) => {
        await before();
        return target.transaction(...work);
      };
    },
  });
}

test('what no row can hold, and a secret, come into no claim, no name and no record, and the run is closed', async () => {
  const bench = await reasonBench(made.database);
  bench.engine(async ({ runId }, hands) => {
    await hands.callTool({ runId, callId: 'one', tool: 'lo\u0000ok', input: {} });
    const start = {
      runId,
      callId: 'one',
      model: 'little',
      inputTokens: 10,
      maxOutputTokens: 10,
      request: {},
    };
    await hands.beginCall(start);
    const end = { runId, callId: 'one', outcome: 'ok', usage: usage(10, 1), response: {} } as const;
    await hands.endCall({ ...end, stopReason: 'st\u0000op' });
    const claims = [{ text: 'the key is hunter2-hunter2 \u0000\ud800', evidence: ['probe:\u0000'] }];
    return answered('All is well.', { claims, confidence: 1, routing: 'odd\u0000', promptVersion: '\u0000' });
  });
  const answer = await bench.ask({ verdict: true });
  expect(answer.status).toBe('answered');
  expect(answer.verdict?.claims[0]?.text).toBe('the key is [secret] \uFFFD\uFFFD');
  const { run, calls } = await recordOf(bench, answer.runId);
  expect(run).toMatchObject({ status: 'answered', receipt: { routing: 'odd\uFFFD', calls: 1 } });
  expect(calls[0]).toMatchObject({ outcome: 'ok', stopReason: 'st\uFFFDop' });
  expect(JSON.stringify(run)).not.toContain('hunter2');
});

test('a call that ends while its run is put on record is on the receipt at what it cost', async () => {
  let meanwhile = (): Promise<void> => Promise.resolve();
  const bench = await reasonBench(watched(made.database, () => meanwhile()));
  bench.engine(async ({ runId }, hands) => {
    const start = { runId, callId: '1', model: 'little', inputTokens: 1_000, maxOutputTokens: 100 };
    await hands.beginCall({ ...start, request: {} });
    meanwhile = async () => {
      meanwhile = () => Promise.resolve();
      await hands.endCall({ runId, callId: '1', outcome: 'ok', usage: usage(100, 10), response: {} });
    };
    return answered();
  });
  const { runId } = await bench.ask();
  const { run } = await recordOf(bench, runId);
  expect(run.receipt).toMatchObject({ costMicroUsd: 200, estimated: false });
  expect(await bench.spent()).toBe(200);
});

test('whoever watches a run hears that it is over, also where that could not be kept', async () => {
  let broken = false;
  const bench = await reasonBench(
    watched(made.database, () => (broken ? Promise.reject(new Error('no disk')) : Promise.resolve())),
  );
  const heard: string[] = [];
  bench.reason.live.listen(({ kind }) => heard.push(kind));
  bench.engine(async (_request, _hands, _signal, sign) => {
    sign({ kind: 'text', delta: 'All is' });
    broken = true;
    return answered();
  });
  await expect(bench.ask()).rejects.toThrow('no disk');
  expect(heard).toEqual(['began', 'text', 'ended']);
});

test('where nobody has said what any model costs, none is asked, and that is what is said', async () => {
  const bench = await reasonBench(made.database);
  const model = {
    name: 'own',
    provider: 'box',
    tier: 'small',
    contextTokens: 8_192,
    maxOutputTokens: 1_000,
  } as const;
  bench.engine(
    async (_request, hands) => {
      expect(await hands.think('1', usage(10), { model: 'own' })).toBe(false);
      return { status: 'failed', text: '' };
    },
    { models: [{ ...model, price: null }] },
  );
  expect(await bench.ask()).toMatchObject({
    status: 'refused',
    refusal: { cause: 'budget_unknown', scope: 'price' },
  });
});
