import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelServer } from '../../../../e2e/model-server/server.ts';
import type { Script } from '../../../../e2e/model-server/script.ts';
import { found, House, quickClock, toolView, vendor } from '../../fixtures/house.ts';
import type { ToolOutcome } from '@kora/runtime/plugin';
import type { HouseOptions } from '../../fixtures/house.ts';
import { PROMPT_VERSION } from '../prompt/templates.ts';

let server: ModelServer;
beforeEach(async () => {
  server = await ModelServer.open({ script: [] });
});
afterEach(() => server[Symbol.asyncDispose]());

const kinds = ['anthropic', 'openai', 'openai-compatible'] as const;

function house(
  script: Script,
  options: Partial<HouseOptions> = {},
  kind: (typeof kinds)[number] = 'anthropic',
): House {
  server.follow(script);
  return new House({ config: vendor(kind, server.url), ...options });
}

const usage = { input: 100, output: 20 };

describe.each(kinds)('a question to a provider of kind %s', (kind) => {
  it('is answered as a stream, with leave before and a count after', async () => {
    const asking = house([{ text: 'All is well, and has been for hours.', usage }], {}, kind);
    const answer = await asking.ask({});
    expect(answer).toEqual({
      status: 'answered',
      text: 'All is well, and has been for hours.',
      model: 'small-1',
      tier: 'small',
      routing: 'default_small',
      promptVersion: PROMPT_VERSION,
    });
    expect(asking.aloud).toBe(answer.text);
    expect(asking.begun).toMatchObject([
      { runId: 'run-1', callId: 'm1', model: 'small-1', maxOutputTokens: 512 },
    ]);
    expect(asking.ended).toMatchObject([
      {
        runId: 'run-1',
        callId: 'm1',
        outcome: 'ok',
        usage: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 0, cacheWriteTokens: 0 },
      },
    ]);
    expect(server.asked).toMatchObject([
      { isStream: true, maxTokens: 512, key: 'sk-test', model: 'small-1' },
    ]);
    expect(server.asked[0]?.system).toContain('You are Kora.');
    expect(server.asked[0]?.system).toContain('Watches.');
  });

  it('is worked with tools, each result beside its call', async () => {
    const tools = [toolView('kora__get_ticket'), toolView('kora__list_probes')];
    const asking = house(
      [
        { text: 'Let me look.', tools: [{ name: 'kora__get_ticket', input: { id: 12 } }], usage },
        {
          tools: [
            { name: 'kora__list_probes', input: {} },
            { name: 'kora__get_ticket', input: { id: 13 } },
          ],
          usage,
        },
        { text: 'Ticket 12 is about the disk.', usage },
      ],
      { tools: ({ tool }) => found(`${tool} has it`, 'ticket:12') },
      kind,
    );
    expect(await asking.ask({ tools })).toMatchObject({
      status: 'answered',
      text: 'Ticket 12 is about the disk.',
    });
    expect(asking.toolCalls).toEqual([
      { callId: 't2', tool: 'kora__get_ticket', input: { id: 12 } },
      { callId: 't4', tool: 'kora__list_probes', input: {} },
      { callId: 't5', tool: 'kora__get_ticket', input: { id: 13 } },
    ]);
    expect(server.asked.map(({ tools }) => tools)).toEqual(
      Array.from({ length: 3 }, () => ['kora__get_ticket', 'kora__list_probes']),
    );
    expect(server.asked[2]?.messages.flatMap(({ results }) => results.map(({ text }) => text))).toEqual([
      expect.stringContaining('ticket:12: what ticket:12 says'),
      expect.stringContaining('kora__list_probes has it'),
      expect.stringContaining('kora__get_ticket has it'),
    ]);
    expect(server.turnedAway).toEqual([]);
  });

  it.each([
    [401, 'auth', 1],
    [400, 'server_error', 1],
    [429, 'rate_limited', 3],
    [503, 'server_error', 3],
  ] as const)(
    'that is refused with %i is an answer with a code, after %s, %i attempts',
    async (status, error, attempts) => {
      const asking = house(() => ({ status, retryAfter: 0 }), {}, kind);
      expect(await asking.ask({})).toMatchObject({ status: 'failed', text: '', error, model: 'small-1' });
      expect(asking.ended).toHaveLength(attempts);
      // A provider that refused has thought nothing: nothing is counted.
      expect(asking.ended[0]).toMatchObject({ outcome: error, usage: { inputTokens: 0, outputTokens: 0 } });
      expect(asking.begun.map(({ callId }) => callId)).toEqual(asking.ended.map(({ callId }) => callId));
    },
  );

  it('that is cut in the midst keeps what was said, and is not asked again', async () => {
    const asking = house(
      [
        {
          text: 'The disk is almost full, and what fills it is the log of',
          breaks: { after: 2, how: 'cut' },
        },
      ],
      {},
      kind,
    );
    const answer = await asking.ask({});
    expect(answer).toMatchObject({ status: 'incomplete', error: 'transport' });
    expect(answer.text).not.toBe('');
    expect(asking.ended).toMatchObject([{ outcome: 'transport', usage: null }]);
  });

  it.each(['hang', 'nonsense', 'error'] as const)('that ends in %s keeps what was said', async (how) => {
    const calls = { outputTokens: 512, retries: 2, firstTokenMs: 5_000, silenceMs: 150 };
    const asking = house(
      [{ text: 'The disk is almost full, and what fills it is the log of', breaks: { after: 2, how } }],
      { config: { ...vendor(kind, server.url), calls } },
      kind,
    );
    const answer = await asking.ask({});
    expect(answer.status).toBe('incomplete');
    expect(answer.error).toBe(how === 'hang' ? 'timeout' : 'server_error');
    expect(asking.ended).toHaveLength(1);
    expect(asking.ended[0]?.usage).toBeNull();
  });

  it.each([
    null,
    { said: { input_tokens: -5, prompt_tokens: -5, completion_tokens: -1, output_tokens: -1 } },
    { input: 0, output: 0 },
  ])('that counts %j has no count: the worst case is taken (daemon defect W48)', async (counted) => {
    const asking = house([{ text: 'All is well, and has been for hours.', usage: counted }], {}, kind);
    // Anthropic's answers always count: one that does not is none for the SDK.
    const unreadable = kind === 'anthropic' && counted === null;
    expect((await asking.ask({})).status).toBe(unreadable ? 'failed' : 'answered');
    expect(asking.ended).toMatchObject([{ outcome: unreadable ? 'server_error' : 'ok', usage: null }]);
  });

  it('in the midst of which it is given up ends at once, and nothing follows', async () => {
    const stop = new AbortController();
    const script = [{ text: pieces(), usage }];
    const asking = house(script, {}, kind);
    const answering = asking.ask({}, stop.signal);
    await expect.poll(() => asking.aloud).toContain('piece 2');
    stop.abort();
    expect(await answering).toMatchObject({ status: 'incomplete', error: 'cancelled' });
    expect(asking.ended).toMatchObject([{ outcome: 'cancelled', usage: null }]);
    await expect.poll(() => server.served).toMatchObject([{ end: 'left' }]);
    expect(server.asked).toHaveLength(1);
  });
});

async function* pieces(): AsyncGenerator<string> {
  for (let at = 1; ; at += 1) {
    yield `piece ${at} `;
    await quickClock.sleep(5);
  }
}

describe('when a provider is away', () => {
  it('another attempt is made, as soon as it said one may be (daemon defect W54)', async () => {
    const asking = house([
      { status: 429, retryAfter: 0 },
      { away: 'cut' },
      { text: 'Here I am again, and all is well.', usage },
    ]);
    expect(await asking.ask({})).toMatchObject({
      status: 'answered',
      text: 'Here I am again, and all is well.',
    });
    expect(asking.ended.map(({ outcome }) => outcome)).toEqual(['rate_limited', 'transport', 'ok']);
  });

  it('and wants more time than there is, nobody waits for it', async () => {
    const asking = house(() => ({ status: 429, retryAfter: 86_400 }));
    expect(await asking.ask({})).toMatchObject({ status: 'failed', error: 'rate_limited' });
    expect(server.asked).toHaveLength(1);
  });

  it('and hangs, its silence is broken off and the fallback asked, of the same tier or lower', async () => {
    const away = await ModelServer.open({ script: () => ({ away: 'hang' }) });
    const one = vendor('anthropic', away.url);
    const other = vendor('openai', server.url).models ?? [];
    server.follow([{ text: 'The other one answers: all is well.', usage }]);
    const asking = new House({
      config: {
        providers: {
          local: { kind: 'anthropic', baseUrl: away.url, headers: {} },
          spare: { kind: 'openai', baseUrl: server.url, headers: {} },
        },
        models: [
          ...(one.models ?? []),
          ...other.map((model) => ({ ...model, provider: 'spare', name: `spare-${model.id}` })),
        ],
        calls: { outputTokens: 512, retries: 0, firstTokenMs: 100, silenceMs: 5_000 },
      },
    });
    expect(await asking.ask({})).toMatchObject({ status: 'answered', model: 'spare-small-1', tier: 'small' });
    expect(asking.ended.map(({ outcome }) => outcome)).toEqual(['timeout', 'ok']);
    expect(asking.begun.map(({ model }) => model)).toEqual(['small-1', 'spare-small-1']);
    await away[Symbol.asyncDispose]();
  });

  it('its time is over at the deadline, with what was said by then', async () => {
    const asking = house([{ text: pieces(), usage }]);
    const limits = { iterations: 5, deadlineMs: 300, costMicroUsd: null };
    expect(await asking.ask({ limits })).toMatchObject({ status: 'incomplete', error: 'timeout' });
    expect(asking.ended).toMatchObject([{ outcome: 'timeout' }]);
  });

  it('nobody is called without a key, and nothing is reserved', async () => {
    const asking = house([], { key: '' });
    expect(await asking.ask({})).toMatchObject({ status: 'failed', error: 'auth' });
    expect(asking.begun).toEqual([]);
  });
});

describe('the limits', () => {
  const tools = [toolView('kora__get_ticket')];
  const look = { tools: [{ name: 'kora__get_ticket', input: { id: 1 } }], usage };

  it('at the last call with tools it concludes by one without them', async () => {
    const asking = house([look, look, { text: 'This is what I could read so far, and no more.', usage }]);
    const limits = { iterations: 2, deadlineMs: 30_000, costMicroUsd: null };
    expect(await asking.ask({ tools, limits })).toMatchObject({ status: 'answered' });
    expect(server.asked[2]?.body['tool_choice']).toEqual({ type: 'none' });
    expect(server.asked[2]?.messages.at(-1)?.text).toContain('No more tools');
  });

  it('who asks for tools even then is not done', async () => {
    const asking = house([look, look]);
    const limits = { iterations: 1, deadlineMs: 30_000, costMicroUsd: null };
    expect(await asking.ask({ tools, limits })).toMatchObject({
      status: 'failed',
      error: 'tool_iterations_exceeded',
    });
    expect(asking.toolCalls).toHaveLength(1);
  });

  it('a cap that is passed in the midst ends the run after that call', async () => {
    const asking = house([look, look], { costMicroUsd: 600 });
    const limits = { iterations: 5, deadlineMs: 30_000, costMicroUsd: 1_000 };
    expect(await asking.ask({ tools, limits })).toMatchObject({ status: 'failed', error: 'cost_capped' });
    expect(server.asked).toHaveLength(2);
  });

  it.each([
    ['stop_l2', 'operational_state_stopped'],
    ['operator_hold', 'operational_state_paused'],
    ['cost_hold', 'cost_ladder_halted'],
    ['budget_spent', 'cost_capped'],
    ['store_away', 'engine_unavailable'],
  ] as const)(
    'a door that is closed by %s is %s, and nothing is sent (daemon defect W59)',
    async (cause, error) => {
      const asking = house([], { leave: () => ({ allow: false, blockKind: 'state', cause }) });
      expect(await asking.ask({})).toMatchObject({ status: 'failed', error });
      expect(server.asked).toEqual([]);
      expect(asking.ended).toEqual([]);
    },
  );

  it('at the hard stop no model is asked (daemon defect W50)', async () => {
    const asking = house([]);
    expect(await asking.ask({ rung: 'hard_stop_100', highestTier: null })).toMatchObject({
      status: 'failed',
      error: 'cost_ladder_halted',
      routing: 'cost_ladder_halted',
    });
    expect(asking.begun).toEqual([]);
  });
});

describe('a verdict', () => {
  const verdict = {
    answer: 'The disk is full.',
    claims: [{ text: 'full', evidence: ['ticket:12'] }],
    confidence: 0.9,
  };
  const tools = [toolView('kora__get_ticket')];
  const look = { tools: [{ name: 'kora__get_ticket', input: { id: 12 } }], usage };
  const read = { tools: () => found('the disk is full', 'ticket:12') };
  const given = { verdict: true, tools, highestTier: 'small' as const };

  it('is read out of what stands around it, and not said aloud as JSON', async () => {
    const asking = house(
      [look, { text: `Here:\n\`\`\`json\n${JSON.stringify(verdict)}\n\`\`\``, usage }],
      read,
    );
    expect(await asking.ask(given)).toMatchObject({
      status: 'answered',
      text: 'The disk is full.',
      claims: verdict.claims,
      confidence: 0.9,
    });
    expect(asking.aloud).toBe('');
  });

  it('that is none is asked for once more', async () => {
    const asking = house(
      [look, { text: 'The disk is full.', usage }, { text: JSON.stringify(verdict), usage }],
      read,
    );
    expect(await asking.ask(given)).toMatchObject({ status: 'answered', claims: verdict.claims });
  });

  it('that is none then either is no verdict', async () => {
    const asking = house(
      [
        { text: 'It is full.', usage },
        { text: 'It is full, I said.', usage },
      ],
      read,
    );
    expect(await asking.ask(given)).toMatchObject({ status: 'incomplete', error: 'projection_failed' });
    expect(server.asked).toHaveLength(2);
  });
});

describe('a weak first answer', () => {
  it('is thought through once by the next larger model, with what was read, and recorded', async () => {
    const tools = [toolView('kora__get_ticket')];
    const look = { tools: [{ name: 'kora__get_ticket', input: { id: 12 } }], usage };
    const asking = house([
      look,
      { text: "I'm not sure.", usage },
      { text: 'It is the disk, and nothing else.', usage },
    ]);
    expect(await asking.ask({ tools })).toMatchObject({
      status: 'answered',
      text: 'It is the disk, and nothing else.',
      model: 'standard-1',
      routing: 'escalated:low_confidence',
    });
    expect(server.asked.map(({ model }) => model)).toEqual(['small-1', 'small-1', 'standard-1']);
    expect(server.asked[2]?.messages.flatMap(({ results }) => results)).toHaveLength(1);
    expect(asking.events).toMatchObject([
      { type: 'reasoning.escalated', payload: { why: 'low_confidence' } },
    ]);
  });

  it('stays the answer where the larger model has none', async () => {
    const asking = house([{ text: "I'm not sure, but it may be the disk.", usage }, { status: 401 }]);
    expect(await asking.ask({})).toMatchObject({
      status: 'answered',
      text: "I'm not sure, but it may be the disk.",
      model: 'small-1',
    });
  });
});

it('tools that may run beside each other do, and others one after another', async () => {
  const tools = [toolView('a', { parallel: true }), toolView('b', { parallel: true }), toolView('c')];
  let running = 0;
  const most: Record<string, number> = {};
  const call = async ({ tool }: { tool: string }) => {
    running += 1;
    most[tool] = Math.max(most[tool] ?? 0, running);
    await quickClock.sleep(20);
    most[tool] = Math.max(most[tool], running);
    running -= 1;
    return found('done');
  };
  const wishes = ['a', 'b', 'c', 'a'].map((name, id) => ({ name, input: { id } }));
  const asking = house(
    [
      { tools: wishes, usage },
      { text: 'All four have been looked at now.', usage },
    ],
    { tools: call },
  );
  await asking.ask({ tools });
  expect(most).toEqual({ a: 2, b: 2, c: 1 });
});

it('what tools refuse goes back to the model in words', async () => {
  const outcomes: ToolOutcome[] = [
    { status: 'refused', cause: 'approval_pending', approvalId: 7 },
    { status: 'refused', cause: 'capability_denied' },
    { status: 'invalid_input', text: 'id must be a number' },
    { status: 'timed_out', text: 'no answer in 10 s', durationMs: 10_000 },
  ];
  const tools = [toolView('a')];
  const wishes = outcomes.map((_, id) => ({ name: 'a', input: { id } }));
  const asking = house(
    [
      { tools: wishes, usage },
      { text: 'None of it could be looked at.', usage },
    ],
    {
      tools: () => outcomes.shift() ?? found('more'),
    },
  );
  await asking.ask({ tools });
  expect(server.asked[1]?.messages.flatMap(({ results }) => results.map(({ text }) => text))).toEqual([
    expect.stringContaining('approval 7'),
    'Refused: capability_denied.',
    'id must be a number',
    'no answer in 10 s',
  ]);
});

it('arguments that are no JSON reach the runtime as they came, to be refused there', async () => {
  const asking = house(
    [
      { tools: [{ name: 'a', input: '{"id": ' }], usage },
      { text: 'It would not take what I asked.', usage },
    ],
    { tools: () => ({ status: 'invalid_input', text: 'not an object' }) },
    'openai',
  );
  expect(await asking.ask({ tools: [toolView('a')] })).toMatchObject({ status: 'answered' });
  expect(asking.toolCalls).toMatchObject([{ tool: 'a', input: '{"id": ' }]);
});

it('Anthropic is told what to keep: what is the same in each question, and the last of the tools', async () => {
  const asking = house([
    {
      text: 'All is well, and has been for hours.',
      usage: { input: 10, output: 5, cacheRead: 900, cacheWrite: 30 },
    },
  ]);
  await asking.ask({ tools: [toolView('b'), toolView('a')] });
  const kept = { type: 'ephemeral' };
  expect(server.asked[0]?.body).toMatchObject({
    system: [{ cache_control: kept }],
    tools: [{ name: 'a' }, { name: 'b', cache_control: kept }],
  });
  expect(server.asked[0]?.tools).toEqual(['a', 'b']);
  expect(asking.ended[0]?.usage).toEqual({
    inputTokens: 10,
    outputTokens: 5,
    cacheReadTokens: 900,
    cacheWriteTokens: 30,
  });
});

it('what is left of the limits is told with the count', async () => {
  const asking = house([{ text: 'All is well, and has been for hours.', usage, headroom: 0.05 }]);
  await asking.ask({});
  expect(asking.ended[0]?.headroom).toBeCloseTo(0.05);
});

it('at least as many tokens are reserved as the prompt has bytes, and the key is in no record', async () => {
  const asking = house([{ text: 'All is well, and has been for hours.', usage }], { key: 'sk-very-secret' });
  await asking.ask({ text: 'ü'.repeat(5_000) });
  expect(asking.begun[0]?.inputTokens).toBeGreaterThan(10_000);
  expect(JSON.stringify([asking.begun, asking.ended, asking.signs])).not.toContain('sk-very-secret');
});
