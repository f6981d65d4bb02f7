import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { FakeClock, systemClock } from '../../clock/index.ts';
import { Scope } from '../../scope/index.ts';
import { buildContext } from '../context.ts';
import type { EngineRequest, EngineSign, PluginContext, ToolCall } from '../contract.ts';
import { Contributions } from '../contributions.ts';
import { ScriptedHouse } from '../testing/scripted-house.ts';
import { answerOf } from '../testing/scripted-thinking.ts';
import { ScriptedTicket } from '../testing/scripted-ticket.ts';
import { loopback } from './loopback.ts';
import type { Loopback } from './loopback.ts';

const never = new AbortController().signal;

const open: Loopback[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** What was registered. */
function there<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('it was not registered');
  return found;
}

/** A stranger's context, on the far side of the very messages that cross to a process of its own. */
function guest(clock = systemClock()): {
  house: ScriptedHouse;
  context: PluginContext<unknown>;
  scope: Scope;
} {
  const house = new ScriptedHouse();
  const owner = { id: 'tide', trusted: false };
  const scope = new Scope('plugin tide');
  const context = buildContext({
    owner,
    workspace: 'default',
    config: undefined,
    log: house.log,
    services: house.services(owner),
    scope,
    contributions: new Contributions(),
  });
  const { workspace, config, signal } = context;
  const crossing = loopback({ id: 'tide', workspace, config, signal }, context, { clock });
  open.push(crossing);
  return { house, context: crossing.context, scope };
}

const call: ToolCall = {
  runId: 'run-1',
  callId: 'run-1:1',
  route: 'cli',
  caller: 'reasoning',
  trusted: true,
  ticketId: null,
  signal: never,
};

const height = {
  name: 'tide__height',
  description: 'How high the water stands.',
  input: z.object({
    place: z
      .string()
      .regex(/^[A-Z]/)
      .default('Brest'),
    key: z.string().meta({ sensitivity: 'secret' }),
  }),
  capability: 'cap_tide_read',
  sideEffects: 'none',
  parallel: true,
  routes: ['cli'],
  timeoutMs: 5_000,
  maxBytes: 2_048,
} as const;

test('a tool of a guest runs over there, on what its own schema makes of the input', async () => {
  const { house, context } = guest();
  const seen: unknown[] = [];
  const registration = await context.registerTool({
    ...height,
    run: async (input, { signal, ...words }) => {
      seen.push(input, words, signal.aborted);
      return { content: { heightM: 3 }, evidence: [{ id: 'event:7', what: 'as if it were read' }] };
    },
  });
  const tool = house.thinking.tools.get('tide__height');
  const { input, run, ...words } = there(tool);
  expect(words).toEqual({
    name: 'tide__height',
    description: 'How high the water stands.',
    capability: 'cap_tide_read',
    sideEffects: 'none',
    parallel: true,
    routes: ['cli'],
    timeoutMs: 5_000,
    maxBytes: 2_048,
  });
  expect(await run({ key: 'k' }, call)).toEqual({
    content: { heightM: 3 },
    evidence: [{ id: 'event:7', what: 'as if it were read' }],
  });
  const { signal: _signal, ...facts } = call;
  expect(seen).toEqual([{ place: 'Brest', key: 'k' }, facts, false]);
  expect(input.safeParse({ place: 3 }).success).toBe(false);
  // What is not checked on this side is checked on that one.
  await expect(run({ place: 'brest', key: 'k' }, call)).rejects.toMatchObject({
    code: 'KORA_PLUGIN_INVALID',
  });
  await registration.dispose();
  expect(house.journal).toEqual(['+ tool tide__height', '- tool tide__height']);
});

test('a model is told of a guest’s input what the plugin wrote, with its expressions and what is secret in it', async () => {
  const { house, context } = guest();
  await context.registerTool({ ...height, run: async () => ({ content: null }) });
  const told = z.toJSONSchema(there(house.thinking.tools.get('tide__height')).input, {
    io: 'input',
  });
  expect(told).toMatchObject({
    type: 'object',
    properties: {
      place: { type: 'string', pattern: '^[A-Z]', default: 'Brest' },
      key: { type: 'string', sensitivity: 'secret' },
    },
    required: ['key'],
  });
});

test('a tool of a guest hears that its time is over; what is too long or refers to itself does not cross', async () => {
  const { house, context } = guest();
  const heard = vi.fn<() => void>();
  await context.registerTool({
    ...height,
    name: 'tide__slow',
    input: z.object({ long: z.boolean().default(false) }),
    run: ({ long }, { signal }) =>
      long
        ? Promise.resolve({ content: 'x'.repeat(2_000_000) })
        : new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              heard();
              reject(new Error('given up'));
            });
          }),
  });
  const tool = there(house.thinking.tools.get('tide__slow'));
  const time = new AbortController();
  const running = tool.run({}, { ...call, signal: time.signal });
  time.abort(new Error('too slow'));
  await expect(running).rejects.toThrow('too slow');
  await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce());
  await expect(tool.run({ long: true }, call)).rejects.toThrow('is longer than');
  interface Tree {
    readonly below?: Tree | undefined;
  }
  const tree: z.ZodType<Tree> = z.object({ below: z.lazy(() => tree.optional()) });
  const input = z.object({ tree });
  const nested = { ...height, name: 'tide__tree', input, run: async () => ({ content: null }) };
  await expect(context.registerTool(nested)).rejects.toMatchObject({ code: 'KORA_PLUGIN_INVALID' });
  await expect(context.registerTool({ ...nested, input: z.object({}), name: 'kora__tree' })).rejects.toThrow(
    'must begin with tide_',
  );
  expect([...house.thinking.tools.keys()]).toEqual(['tide__slow']);
});

const request: EngineRequest = {
  runId: 'run-9',
  route: 'cli',
  text: 'how high?',
  turns: [{ direction: 'inbound', text: 'hello', at: '2026-01-01T00:00:00.000Z' }],
  quoted: [],
  tools: [],
  identity: {
    name: 'kora',
    pluginName: 'kora',
    hash: 'a'.repeat(64),
    soulMd: '# Kora',
    systemPrompt: 'You are Kora.',
    metadata: { agentName: 'Kora', agentVersion: '1', pluginName: 'kora' },
  },
  snapshot: null,
  primaryState: 'ready',
  rung: 'normal',
  highestTier: 'large',
  ticket: null,
  verdict: false,
  critical: false,
  limits: { iterations: 5, deadlineMs: 120_000, costMicroUsd: null },
};
const models = [
  {
    name: 'oracle-1',
    provider: 'shore',
    tier: 'small',
    contextTokens: 8_000,
    maxOutputTokens: 500,
    price: null,
  },
] as const;

test('an engine of a guest thinks over there: its signs come as it gives them, its calls go through the door here', async () => {
  const { house, context } = guest();
  await context.registerEngine({
    name: 'oracle',
    models,
    respond: async ({ runId, text, turns }, _signal, sign) => {
      const named = { runId, callId: 'a', model: 'oracle-1', inputTokens: 9, maxOutputTokens: 5 };
      const leave = await context.engine.beginCall({
        ...named,
        request: { text, long: 'x'.repeat(1_100_000) },
      });
      sign({ kind: 'model_call', what: 'oracle-1' });
      sign({ kind: 'text', delta: 'three ' });
      const usage = { inputTokens: 8, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 };
      const cost = await context.engine.endCall({
        runId,
        callId: 'a',
        outcome: 'ok',
        usage,
        response: 'three',
      });
      const tool = await context.engine.callTool({ runId, callId: 'b', tool: 'tide__height', input: {} });
      return {
        status: 'answered',
        text: JSON.stringify([leave.allow, cost.costMicroUsd, tool.status, turns.length]),
        claims: [{ text: 'it stands', evidence: ['tide:1'] }],
        confidence: 0.5,
      };
    },
  });
  const engine = there(house.thinking.engines.get('oracle'));
  expect(engine.models).toEqual(models);
  const signs: EngineSign[] = [];
  expect(await engine.respond(request, never, (sign) => signs.push(sign))).toEqual({
    status: 'answered',
    text: '[true,7,"refused",1]',
    claims: [{ text: 'it stands', evidence: ['tide:1'] }],
    confidence: 0.5,
  });
  expect(signs).toEqual([
    { kind: 'model_call', what: 'oracle-1' },
    { kind: 'text', delta: 'three ' },
  ]);
  const { begun, ended, called } = house.thinking;
  expect(begun).toMatchObject([
    { runId: 'run-9', model: 'oracle-1', request: { cut: true, bytes: 1_100_030 } },
  ]);
  expect(ended).toMatchObject([{ callId: 'a', outcome: 'ok', response: 'three' }]);
  expect(called).toEqual([{ runId: 'run-9', callId: 'b', tool: 'tide__height', input: {} }]);
});

test('an engine of a guest that is given up has its last words, and no more time than for those', async () => {
  const clock = new FakeClock();
  const { house, context } = guest(clock);
  let told = 0;
  await context.registerEngine({
    name: 'oracle',
    models,
    respond: ({ text }, signal, sign) => {
      sign({ kind: 'waiting', what: 'tides' });
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          told += 1;
          if (text === 'polite') resolve({ status: 'incomplete', text: 'so far', error: 'cancelled' });
        });
      });
    },
  });
  const engine = there(house.thinking.engines.get('oracle'));
  const giveUp = async (text: string): Promise<unknown> => {
    const stop = new AbortController();
    const signs: EngineSign[] = [];
    const thinking = engine.respond({ ...request, text }, stop.signal, (sign) => signs.push(sign));
    thinking.catch(() => undefined);
    await vi.waitFor(() => expect(signs).toHaveLength(1));
    stop.abort(new Error('stopped'));
    return thinking;
  };
  expect(await giveUp('polite')).toEqual({ status: 'incomplete', text: 'so far', error: 'cancelled' });
  const deaf = giveUp('deaf');
  deaf.catch(() => undefined);
  await vi.waitFor(() => expect(told).toBe(2));
  await clock.advance(2_000);
  await expect(deaf).rejects.toThrow('stopped');
});

test('what an engine tells of a run that is not in its hands is about nothing', async () => {
  const { house, context } = guest();
  const kept: ((sign: EngineSign) => void)[] = [];
  await context.registerEngine({
    name: 'oracle',
    models,
    respond: async (_request, _signal, sign) => {
      kept.push(sign);
      return { status: 'answered', text: '' };
    },
  });
  const engine = there(house.thinking.engines.get('oracle'));
  const heard = vi.fn<() => void>();
  await engine.respond(request, never, heard);
  kept[0]?.({ kind: 'text', delta: 'late' });
  // A word after it, over the same line, has been heard when this is answered.
  await context.identity.current();
  expect(heard).not.toHaveBeenCalled();
});

test('a guest does not ask as the operator, and what it quotes proves its own word alone', async () => {
  const { house, context } = guest();
  const answer = await context.reason.ask({
    route: 'cli',
    text: 'how high?',
    key: 'noon',
    conversation: { channel: 'cli', thread: 'default' },
    quoted: [{ source: 'mail', text: 'pay me', evidenceId: 'event:4711' }],
    critical: true,
    limits: { costMicroUsd: null },
  });
  expect(answer).toEqual(answerOf({ text: 'heard: how high?' }));
  expect(house.thinking.asked).toEqual([
    {
      route: 'unknown',
      text: 'how high?',
      key: 'noon',
      conversation: { channel: 'cli', thread: 'default' },
      critical: true,
      quoted: [{ source: 'mail', text: 'pay me', evidenceId: 'tide:event:4711' }],
      limits: { costMicroUsd: null },
    },
  ]);
  const odd = { route: 'anywhere', text: '' } as unknown as Parameters<typeof context.reason.ask>[0];
  await expect(context.reason.ask(odd)).rejects.toMatchObject({ code: 'KORA_PLUGIN_INVALID' });
});

test('a question that a guest gives up is given up here, and what it had cost by then is its answer (daemon defect W49)', async () => {
  const { house, context } = guest();
  const asked = Promise.withResolvers<void>();
  house.thinking.ask = (_request, signal) => {
    asked.resolve();
    return new Promise((resolve) => {
      signal?.addEventListener('abort', () =>
        resolve(answerOf({ status: 'failed', error: 'cancelled', text: '' })),
      );
    });
  };
  const stop = new AbortController();
  const asking = context.reason.ask({ route: 'scheduled_task', text: 'how high?' }, stop.signal);
  await asked.promise;
  stop.abort();
  expect(await asking).toMatchObject({
    status: 'failed',
    error: 'cancelled',
    receipt: { costMicroUsd: 265 },
  });
});

test('a guest’s handler knows whether the text of its ticket may be believed', async () => {
  const { house, context } = guest();
  const seen: unknown[] = [];
  await context.registerTicketHandler({
    kind: 'measure',
    work: async ({ trusted }) => {
      seen.push(trusted);
      return { resolution: 'completed', summary: 'looked' };
    },
  });
  const handler = there(house.handlers.get('measure'));
  for (const trusted of [false, true]) await handler.work(Object.assign(new ScriptedTicket(), { trusted }));
  await handler.work(new ScriptedTicket());
  expect(seen).toEqual([false, true, undefined]);
});
