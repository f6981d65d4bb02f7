import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ToolOutcome } from '@kora/runtime/plugin';
import type { Script } from '../../../../e2e/model-server/script.ts';
import { ModelServer } from '../../../../e2e/model-server/server.ts';
import { endlessly, found, House, quickClock, toolView, usage, vendor } from '../../fixtures/house.ts';
import type { HouseOptions } from '../../fixtures/house.ts';

let server: ModelServer;
beforeEach(async () => {
  server = await ModelServer.open({ script: [] });
});
afterEach(() => server[Symbol.asyncDispose]());

function house(
  script: Script,
  options: Partial<HouseOptions> = {},
  kind: 'anthropic' | 'openai' = 'anthropic',
): House {
  server.follow(script);
  return new House({ config: vendor(kind, server.url), ...options });
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
        calls: { outputTokens: 512, retries: 2, firstTokenMs: 60_000, silenceMs: 5_000 },
      },
    });
    // Half of the time that is left is the fallback's.
    const limits = { iterations: 5, deadlineMs: 1_500, costMicroUsd: null };
    expect(await asking.ask({ limits })).toMatchObject({
      status: 'answered',
      model: 'spare-small-1',
      tier: 'small',
    });
    expect(asking.ended.map(({ outcome }) => outcome)).toEqual(['timeout', 'ok']);
    expect(asking.begun.map(({ model }) => model)).toEqual(['small-1', 'spare-small-1']);
    await away[Symbol.asyncDispose]();
  });

  it('in the midst of tools, the fallback goes on with what they said', async () => {
    const look = { tools: [{ name: 'a', input: { id: 1 } }], usage };
    server.follow(({ vendor, messages }) =>
      vendor === 'openai'
        ? { text: 'It says forty-two, as far as I see.', usage }
        : messages.length > 1
          ? { status: 503 }
          : look,
    );
    const asking = new House({
      config: {
        providers: {
          local: { kind: 'anthropic', baseUrl: server.url, headers: {} },
          spare: { kind: 'openai', baseUrl: server.url, headers: {} },
        },
        models: [
          { provider: 'local', id: 'one', tier: 'small' },
          { provider: 'spare', id: 'two', tier: 'small' },
        ],
        calls: { outputTokens: 512, retries: 0, firstTokenMs: 5_000, silenceMs: 5_000 },
      },
    });
    expect(await asking.ask({ tools: [toolView('a')] })).toMatchObject({ status: 'answered', model: 'two' });
    expect(server.asked.at(-1)?.messages.flatMap(({ results }) => results)).toMatchObject([
      { text: expect.stringContaining('a says 42') },
    ]);
    expect(server.turnedAway).toEqual([]);
  });

  it('its time is over at the deadline, with what was said by then', async () => {
    const asking = house([{ text: endlessly(), usage }]);
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
