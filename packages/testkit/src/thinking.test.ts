import { definePlugin } from '@kora/runtime/plugin';
import type { PluginContext, ToolSpec } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTestRuntime } from './index.ts';
import type { TestRuntime, TestRuntimeOptions } from './index.ts';

type Register = (context: PluginContext<unknown>) => Promise<unknown>;

const runtimeOf = (register: Register, options: Partial<TestRuntimeOptions> = {}): Promise<TestRuntime> =>
  createTestRuntime({
    plugin: definePlugin({ id: 'tide', register: async (context) => void (await register(context)) }),
    ...options,
  });

const place = z.object({ place: z.string().max(20).default('Brest') });
const height: ToolSpec<z.infer<typeof place>> = {
  name: 'tide__height',
  description: 'How high the water stands.',
  input: place,
  capability: 'cap_tide_read',
  sideEffects: 'none',
  run: ({ place: where }) =>
    Promise.resolve({
      content: { heightM: 3 },
      evidence: [{ id: `tide:${where}`, what: `3 m at ${where}` }],
    }),
};

/** A plugin with the tool, and its capability, which the operator is asked about. */
const withTool =
  (spec: Partial<typeof height> = {}): Register =>
  async (context) => {
    await context.registerCapability({
      id: 'cap_tide_read',
      title: 'read the gauge',
      risk: 'low',
      defaultVerdict: 'ask',
    });
    await context.registerTool({ ...height, ...spec });
  };
const granted = { grants: ['cap_tide_read'], trusted: true } as const;

describe('a tool', () => {
  it('is called as a model calls it: with what its schema makes of the input, and told on the chain', async () => {
    await using runtime = await runtimeOf(withTool(), granted);
    expect(runtime.registered.tools).toEqual(['tide__height']);
    expect(await runtime.tools()).toMatchObject([
      { name: 'tide__height', parallel: true, inputSchema: { properties: { place: { default: 'Brest' } } } },
    ]);
    const outcome = await runtime.callTool('tide__height');
    expect(outcome).toMatchObject({ status: 'ok', evidence: [{ id: 'tide:Brest' }], truncated: false });
    expect(runtime.events).toMatchObject([
      { type: 'reasoning.tool_called', payload: { tool: 'tide__height', status: 'ok', route: 'cli' } },
    ]);
    expect(runtime.calls).toMatchObject([{ request: { door: 'tool_call' }, answer: { allow: true } }]);
  });

  it('is refused an input that does not fit, a name that nobody offered, and the same call again in one run', async () => {
    await using runtime = await runtimeOf(withTool(), granted);
    const misfit = await runtime.callTool('tide__height', { place: 'x'.repeat(21) });
    expect(misfit).toMatchObject({ status: 'invalid_input' });
    expect(await runtime.callTool('moon__phase')).toMatchObject({ status: 'not_advertised' });
    expect(await runtime.callTool('tide__height', {}, { run: 'a' })).toMatchObject({ status: 'ok' });
    expect(await runtime.callTool('tide__height', {}, { run: 'a' })).toMatchObject({ status: 'repeated' });
    expect(await runtime.callTool('tide__height')).toMatchObject({ status: 'ok' });
  });

  it('waits for the operator’s word where there is no grant, and is let through once by it', async () => {
    await using runtime = await runtimeOf(withTool(), { trusted: true });
    const asked = await runtime.callTool('tide__height', {}, { run: 'a' });
    expect(asked).toEqual({ status: 'refused', cause: 'approval_pending', approvalId: 1 });
    await runtime.decide(1, 'approved');
    expect(await runtime.callTool('tide__height', {}, { run: 'a' })).toMatchObject({ status: 'ok' });
  });

  it('that outlasts its time is ended and has timed out; what throws has failed, in words for a model', async () => {
    let given: AbortSignal | undefined;
    const slow = withTool({
      timeoutMs: 1_000,
      run: ({ place: where }, { signal }) => {
        if (where === 'Brest') return Promise.reject(new Error('the gauge is gone'));
        given = signal;
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('given up')));
        });
      },
    });
    await using runtime = await runtimeOf(slow, granted);
    const failed = await runtime.callTool('tide__height');
    expect(failed).toMatchObject({ status: 'failed', text: expect.stringContaining('the gauge is gone') });
    const call = runtime.callTool('tide__height', { place: 'Paimpol' });
    await expect.poll(() => given).toBeDefined();
    await runtime.clock.advance(1_000);
    expect(await call).toMatchObject({ status: 'timed_out' });
    expect(given?.aborted).toBe(true);
  });

  it('of a stranger answers in delimiters, proves its own word, and begins with its plugin’s id', async () => {
    const claims = { content: 3, evidence: [{ id: 'event:7', what: 'as if the runtime had said it' }] };
    const claiming = withTool({ run: () => Promise.resolve(claims) });
    await using runtime = await runtimeOf(claiming, { grants: ['cap_tide_read'] });
    const outcome = await runtime.callTool('tide__height');
    expect(outcome).toMatchObject({
      status: 'ok',
      text: expect.stringMatching(/^<untrusted mark=/),
      evidence: [{ id: 'tide:event:7' }],
    });
    await expect(runtimeOf(withTool({ name: 'moon__phase' }))).rejects.toThrow('must begin with tide_');
  });

  it('that changes something in a ticket’s name does it once over all attempts', async () => {
    let poured = 0;
    await using runtime = await runtimeOf(
      async (context) => {
        await withTool({
          sideEffects: 'once',
          run: () => {
            poured += 1;
            return Promise.resolve({ content: 'poured' });
          },
        })(context);
        await context.registerTicketHandler({
          kind: 'pour',
          work: async ({ ticketId, fence, attempt }) => {
            const ticket = { ticketId, fence };
            const { status } = await context.reason.ask({ route: 'ticket', text: 'pour', ticket });
            const resolution = attempt === 1 ? 'failed_retryable' : 'completed';
            return { resolution, summary: status };
          },
        });
      },
      {
        ...granted,
        model: async (_question, { callTool }) => (await callTool('tide__height')).status,
      },
    );
    runtime.addTicket({ kind: 'pour', title: 'pour once' });
    await runtime.workTickets();
    await runtime.advance(120_000);
    expect(runtime.tickets[0]).toMatchObject({ status: 'completed', attempts: 2 });
    expect(poured).toBe(1);
    expect(runtime.asked.map(({ answer }) => answer.text)).toEqual(['ok', 'ok']);
  });
});

describe('a question', () => {
  it('is answered by the script, with what that cost on the receipt, and once for its key', async () => {
    const seen: string[] = [];
    await using runtime = await runtimeOf(() => Promise.resolve(), {
      trusted: true,
      model: ({ text }, { tools }) => {
        seen.push(`${text} ${tools.length}`);
        return { text: 'high', costMicroUsd: 1_200, inputTokens: 90, outputTokens: 4 };
      },
    });
    const context = await runtime.context();
    const question = { route: 'scheduled_task', text: 'how high?', key: 'noon' } as const;
    const first = await context.reason.ask(question);
    expect(first).toMatchObject({
      status: 'answered',
      by: 'engine',
      text: 'high',
      receipt: { calls: 1, inputTokens: 90, outputTokens: 4, costMicroUsd: 1_200, wake: 'tide' },
    });
    expect(await context.reason.ask(question)).toEqual(first);
    expect(seen).toEqual(['how high? 0']);
    expect(runtime.spentMicroUsd).toBe(1_200);
    expect(runtime.asked).toHaveLength(1);
  });

  it('has an answer also where nobody thinks, the door says no, or the test itself throws', async () => {
    await using nobody = await runtimeOf(() => Promise.resolve());
    expect(await nobody.ask('how high?')).toMatchObject({
      status: 'refused',
      by: 'nobody',
      error: 'unconfigured',
    });
    await using broke = await runtimeOf(() => Promise.resolve(), {
      model: () => 'never said',
      calls: () => ({ allow: false, blockKind: 'budget', cause: 'budget_spent' }),
    });
    expect(await broke.ask('how high?')).toMatchObject({
      status: 'refused',
      error: 'cost_capped',
      refusal: { cause: 'budget_spent' },
      receipt: { calls: 0 },
    });
    await using thrown = await runtimeOf(() => Promise.resolve(), {
      model: () => Promise.reject(new Error('a slip in the script')),
    });
    expect(await thrown.ask('how high?')).toMatchObject({ status: 'failed', error: 'engine_unavailable' });
    expect(thrown.house.refusals).toMatchObject([{ message: 'a slip in the script' }]);
  });

  it('has its claims held against what was really read, and knows the turns before it', async () => {
    await using runtime = await runtimeOf(withTool(), {
      ...granted,
      model: async (_question, { callTool }) => {
        await callTool('tide__height');
        const claims = [
          { text: 'it stands at 3 m', evidence: ['tide:Brest'] },
          { text: 'and rises', evidence: ['tide:Ouessant'] },
        ];
        return { text: 'so it is', claims, confidence: 0.9 };
      },
    });
    const question = { route: 'cli', text: 'how high?', verdict: true } as const;
    expect((await runtime.ask(question)).verdict).toMatchObject({
      claims: [{ proven: true }, { proven: false, unread: ['tide:Ouessant'] }],
      confidence: 0.5,
    });
  });

  it('that is given up, or takes too long, says so', async () => {
    await using runtime = await runtimeOf(() => Promise.resolve(), {
      model: (_question, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('given up')));
        }),
    });
    const stop = new AbortController();
    const asking = runtime.ask('how high?', stop.signal);
    stop.abort();
    expect(await asking).toMatchObject({ status: 'failed', error: 'cancelled' });
    const slow = runtime.ask({ route: 'cli', text: 'how high?', limits: { deadlineMs: 500 } });
    await expect.poll(() => runtime.clock.sleeping).toBeGreaterThan(0);
    await runtime.clock.advance(500);
    expect(await slow).toMatchObject({ status: 'failed', error: 'timeout' });
  });
});

describe('an engine', () => {
  const models = [
    {
      name: 'oracle-1',
      provider: 'shore',
      tier: 'small',
      contextTokens: 8_000,
      maxOutputTokens: 500,
      price: { input: 1_000_000, output: 2_000_000, cacheRead: 100_000, cacheWrite: 1_250_000 },
    },
  ] as const;

  it('thinks for whoever asks: its calls are priced by the tokens, and its tools are those it was told of', async () => {
    await using runtime = await runtimeOf(async (context) => {
      await withTool()(context);
      await context.registerEngine({
        name: 'oracle',
        models,
        respond: async ({ runId, text, tools, turns }, _signal, sign) => {
          const call = { runId, callId: 'one' };
          const spec = { ...call, model: 'oracle-1', inputTokens: 100, maxOutputTokens: 50 };
          const leave = await context.engine.beginCall({ ...spec, request: { text } });
          if (!leave.allow) return { status: 'failed', text: '' };
          sign({ kind: 'text', delta: 'three' });
          const usage = { inputTokens: 100, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0 };
          await context.engine.endCall({ ...call, outcome: 'ok', usage, response: 'three' });
          const outcome = await context.engine.callTool({ ...call, tool: tools[0]?.name ?? '', input: {} });
          return {
            status: 'answered',
            text: `${outcome.status} ${turns.length}`,
            model: 'oracle-1',
            tier: 'small',
          };
        },
      });
    }, granted);
    const conversation = { channel: 'cli', thread: 'default' };
    const question = { route: 'cli', text: 'how high?', conversation } as const;
    expect(await runtime.ask(question)).toMatchObject({
      status: 'answered',
      text: 'ok 0',
      receipt: { calls: 1, costMicroUsd: 120, estimated: false, model: 'oracle-1', tools: ['tide__height'] },
    });
    expect(await runtime.ask(question)).toMatchObject({ text: 'ok 2' });
    expect(runtime.spentMicroUsd).toBe(240);
  });

  it('that says nothing of what it used pays what was set aside, as an estimate; a cap ends it with one call over', async () => {
    await using runtime = await runtimeOf(
      async (context) =>
        void (await context.registerEngine({
          name: 'oracle',
          models,
          respond: async ({ runId }) => {
            const began: boolean[] = [];
            for (const callId of ['one', 'two']) {
              const spec = { runId, callId, model: 'oracle-1', inputTokens: 100, maxOutputTokens: 50 };
              const leave = await context.engine.beginCall({ ...spec, request: null });
              began.push(leave.allow);
              if (leave.allow)
                await context.engine.endCall({ runId, callId, outcome: 'ok', usage: null, response: null });
            }
            return { status: 'incomplete', text: began.join(' ') };
          },
        })),
      { trusted: true },
    );
    const answer = await runtime.ask({ route: 'cli', text: '?', limits: { costMicroUsd: 100 } });
    expect(answer).toMatchObject({
      status: 'incomplete',
      error: 'cost_capped',
      text: 'true false',
      receipt: { calls: 1, costMicroUsd: 225, estimated: true },
    });
  });
});

it('a file is kept as long as it says, by what it is, and a message may carry it', async () => {
  await using runtime = await runtimeOf(() => Promise.resolve());
  const { artifacts, notify } = await runtime.context();
  const kept = await artifacts.put({ name: 'tide.json', content: '{"heightM":3}', keepDays: 1 });
  expect(kept).toMatchObject({ type: 'application/json', size: 13, madeBy: 'tide' });
  const message = { thread: 't', severity: 'info', title: 'a', body: 'b', source: 'tide' } as const;
  await notify.send({ ...message, key: 'a', attachments: [kept.artifactId] });
  expect(runtime.messages).toMatchObject([{ attachments: [kept.artifactId] }]);
  await expect(notify.send({ ...message, key: 'b', attachments: ['art_0'] })).rejects.toMatchObject({
    code: 'KORA_ARTIFACT_UNKNOWN',
  });
  await expect(artifacts.put({ name: '../x', content: 'a' })).rejects.toMatchObject({
    code: 'KORA_ARTIFACT_REFUSED',
  });
  expect(Buffer.from((await artifacts.get(kept.artifactId)).content).toString()).toBe('{"heightM":3}');
  await runtime.advance(86_400_000);
  expect(await artifacts.list()).toEqual([]);
});
