import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { key, prices, Thinking } from './harness/thinking.ts';
import { until } from './harness/wait.ts';
import type { Asked, Counted, Reply } from './model-server/script.ts';

const thinking = await Thinking.prepare();
const { house, models, outside } = thinking;

/** Two providers at the one server, each in its own way of speaking; the second is turned to when the first is away. */
function twoProviders(): Readonly<Record<string, unknown>> {
  const model = { contextTokens: 100_000, maxOutputTokens: 1_000 };
  return {
    providers: {
      scripted: { kind: 'anthropic', baseUrl: models.url },
      other: { kind: 'openai-compatible', baseUrl: models.url },
    },
    models: [
      {
        ...model,
        name: 'small',
        provider: 'scripted',
        id: 'scripted-small',
        tier: 'small',
        price: prices.small,
      },
      {
        ...model,
        name: 'large',
        provider: 'scripted',
        id: 'scripted-large',
        tier: 'large',
        price: prices.large,
      },
      {
        ...model,
        name: 'spare',
        provider: 'other',
        id: 'scripted-spare',
        tier: 'small',
        price: prices.small,
      },
    ],
    fallback: ['spare'],
    // Longer than a busy machine is silent, and short enough to be waited for.
    calls: { retries: 2, firstTokenMs: 10_000, silenceMs: 1_500 },
  };
}

beforeAll(async () => {
  thinking.configure(twoProviders());
  await thinking.raise();
  await thinking.grant('cap_asker_read');
  await thinking.grant('cap_asker_step');
});
afterAll(() => thinking[Symbol.asyncDispose]());
beforeEach(() => {
  models.asked.length = 0;
  models.served.length = 0;
});

/** What a call costs in micro-dollars, by the price of the model that was asked. */
function costOf(
  { model }: Pick<Asked, 'model'>,
  { input, output, cacheRead = 0, cacheWrite = 0 }: Counted,
): number {
  const price = model === 'scripted-large' ? prices.large : prices.small;
  return (
    input * price.input + output * price.output + cacheRead * price.cacheRead + cacheWrite * price.cacheWrite
  );
}

async function spent(where: string): Promise<number> {
  await using store = await house.store();
  const [row] = await store.rows<{ spent: string }>(
    `select coalesce(sum(spent_change), 0) as spent from kora.spend_entry where ${where}`,
  );
  return Number(row?.spent);
}

const long =
  'I looked at everything that was there to be looked at, and this is what I have to say about it.';

describe('a ticket that is worked by thinking', () => {
  it('is worked to its end with three tool calls, and costs the same on the ticket, the chain and the journal', async () => {
    const counted: readonly Counted[] = [
      { input: 1_201, output: 41, cacheWrite: 800 },
      { input: 433, output: 37, cacheRead: 800 },
      { input: 517, output: 61, cacheRead: 1_200 },
      { input: 641, output: 83, cacheRead: 1_600 },
      { input: 701, output: 11, cacheRead: 1_600 },
    ];
    outside.pages.set('runbook', 'Restart it by hand.');
    const tools = [
      { name: 'kora__get_operational_state', input: {} },
      { name: 'kora__list_probes', input: {} },
      { name: 'asker__read', input: { name: 'runbook' } },
      {
        name: 'ticket__finish',
        input: { resolution: 'completed', summary: 'it is as it should be', result: { probes: 3 } },
      },
    ];
    models.follow(
      counted.map((usage, n) => {
        const tool = tools[n];
        return tool === undefined
          ? { text: 'It is done.', usage }
          : { text: 'I look.', tools: [tool], usage };
      }),
    );
    const { ticketId } = await house.api().tickets.add({ kind: 'general', title: 'Is all well?' });
    const ticket = await until('the ticket to be worked', async () => {
      const now = await house.api().tickets.show(ticketId);
      return now.outcomes.length > 0 && now;
    });
    expect(ticket).toMatchObject({ status: 'completed', outcomes: [{ summary: 'it is as it should be' }] });
    expect(outside.said('read')).toEqual(['runbook']);

    const cost = models.asked.reduce(
      (sum, asked, n) => sum + costOf(asked, counted[n] ?? { input: 0, output: 0 }),
      0,
    );
    expect(models.asked).toHaveLength(counted.length);
    expect(cost).toBeGreaterThan(0);
    const [outcome] = ticket.outcomes;
    expect(outcome?.costUsd).toBe(cost / 1_000_000);
    expect(await spent(`ticket_id = ${ticketId}`)).toBe(cost);
    const events = await until('the chain to have the end of it', async () => {
      const events = await house.api().events({ order: 'desc', limit: 200 });
      const all = events.filter((event) => event.ticketId === ticketId).toReversed();
      return all.some(({ type }) => type === 'kora.sea_ticket.resolved') && all;
    });
    const told = events.filter(({ type }) => type === 'reasoning.run_completed');
    const onChain = told.reduce(
      (sum, { payload }) => sum + Math.round(Number(payload['cost_usd']) * 1_000_000),
      0,
    );
    expect(onChain).toBe(cost);
    expect(events.find(({ type }) => type === 'kora.sea_ticket.resolved')?.payload).toMatchObject({
      resolution: 'completed',
      cost_micro_usd: cost,
      tokens: counted.reduce(
        (sum, { input, output, cacheRead = 0, cacheWrite = 0 }) =>
          sum + input + output + cacheRead + cacheWrite,
        0,
      ),
    });
    const calls = events.flatMap(({ type, payload }) => (type === 'reasoning.tool_called' ? [payload] : []));
    expect(calls.map(({ tool, status }) => [tool, status])).toEqual(tools.map(({ name }) => [name, 'ok']));
  });
});

describe('an answer', () => {
  it('has a receipt with what it took, and the second in a conversation knows the first (daemon defect W56)', async () => {
    const usage = { input: 300, output: 40 };
    models.follow([
      { text: `${long} Ports, mostly.`, usage },
      { text: `${long} Yes, as I said.`, usage },
    ]);
    const conversation = { channel: 'cli', thread: 'a thread' };
    const first = await house.api().ask({ text: 'What is this house about, in a few words?', conversation });
    expect(first).toMatchObject({
      status: 'answered',
      by: 'engine',
      error: null,
      receipt: {
        calls: 1,
        inputTokens: 300,
        outputTokens: 40,
        rung: 'normal',
        estimated: false,
        model: 'small',
      },
    });
    expect(first.receipt.costMicroUsd).toBe(300 + 5 * 40);
    expect(first.receipt.wake).not.toBe('');
    expect(first.receipt.durationMs).toBeGreaterThan(0);
    await house.api().ask({ text: 'Did I ask you about it before?', conversation });
    const [, second] = models.asked;
    expect(second?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(second?.messages[0]?.text).toContain('What is this house about');
    expect(second?.messages[1]?.text).toContain('Ports, mostly.');
  });
});

describe('a provider in bad weather', () => {
  const ask = async (limits: { deadlineMs?: number } = {}) =>
    await house
      .api()
      .ask({ text: 'How are you, and what have you seen of late?', phrasebook: false, limits });
  const good: Reply = { text: long, usage: { input: 100, output: 20 } };

  it('waits as long as it is told to, tries again before the first token, and pays nothing for a refusal', async () => {
    models.follow([{ status: 429, retryAfter: 1 }, good]);
    const before = await spent('true');
    const answer = await ask();
    expect(answer).toMatchObject({ status: 'answered', text: long, error: null });
    const [first, second] = models.asked;
    expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(1_000);
    expect((await spent('true')) - before).toBe(200);
  });

  it('does not wait for a day (daemon defect W54)', async () => {
    models.follow(() => ({ status: 429, retryAfter: 86_400 }));
    const answer = await ask({ deadlineMs: 20_000 });
    expect(answer).toMatchObject({ status: 'failed', error: 'rate_limited', text: '' });
    expect(answer.receipt).toMatchObject({ costMicroUsd: 0 });
    expect(answer.receipt.durationMs).toBeLessThan(20_000);
  });

  it('turns to the other provider when the first is away, in the other way of speaking', async () => {
    models.follow(({ vendor }) => (vendor === 'anthropic' ? { status: 529 } : good));
    const answer = await ask();
    expect(answer).toMatchObject({ status: 'answered', text: long, receipt: { model: 'spare' } });
    expect(models.asked.map(({ vendor }) => vendor)).toEqual([
      'anthropic',
      'anthropic',
      'anthropic',
      'openai',
    ]);
  });

  it('gives up on silence, and counts what nobody told as what was set aside for it (daemon defect W48)', async () => {
    models.follow(() => ({ away: 'hang' }));
    const before = await spent('true');
    const answer = await ask({ deadlineMs: 2_500 });
    expect(answer).toMatchObject({ status: 'failed', error: 'timeout' });
    expect(answer.receipt.estimated).toBe(true);
    expect(answer.receipt.costMicroUsd).toBeGreaterThan(0);
    expect((await spent('true')) - before).toBe(answer.receipt.costMicroUsd);
  });

  it.each([
    ['is cut', 'cut'],
    ['becomes an error', 'error'],
    ['becomes nonsense', 'nonsense'],
    ['falls silent', 'hang'],
  ] as const)(
    'keeps the half of an answer whose stream %s, is not asked again, and counts it (daemon defect W49)',
    async (_, how) => {
      models.follow([{ ...good, text: ['Half of what I ', 'wanted to say'], breaks: { after: 1, how } }]);
      const before = await spent('true');
      const answer = await ask();
      expect(answer).toMatchObject({ status: 'incomplete', text: 'Half of what I ' });
      expect(answer.error).not.toBeNull();
      expect(models.asked).toHaveLength(1);
      expect(answer.receipt).toMatchObject({ calls: 1, estimated: true });
      expect((await spent('true')) - before).toBe(answer.receipt.costMicroUsd);
    },
  );

  it.each([
    ['no count', null],
    ['nothing at all', { input: 0, output: 0 }],
    ['less than nothing', { input: -500, output: -500 }],
    ['what is no number', { said: { input_tokens: 'few', output_tokens: null } }],
  ])(
    'is not believed with %s: the worst case is counted, as an estimate (daemon defect W48)',
    async (_, usage) => {
      models.follow(() => ({ text: long, usage }));
      const before = await spent('true');
      const { receipt } = await ask();
      expect(receipt.estimated).toBe(true);
      expect(receipt.costMicroUsd).toBeGreaterThan(0);
      expect((await spent('true')) - before).toBe(receipt.costMicroUsd);
    },
  );

  it('answers with a page that is none of its own, and nothing of it is taken for an answer', async () => {
    models.follow(() => ({ page: '<html>Please log in</html>' }));
    const answer = await ask();
    expect(answer.status).toBe('failed');
    expect(answer.text).toBe('');
  });

  it('asks with what is no JSON and for what is not there, is told so, and goes on', async () => {
    models.follow([
      {
        tools: [
          { name: 'kora__list_probes', input: '{"half' },
          { name: 'no_such_tool', input: {} },
        ],
      },
      good,
    ]);
    expect(await ask()).toMatchObject({ status: 'answered', text: long });
    const results = models.asked[1]?.messages.flatMap((message) => message.results) ?? [];
    expect(results).toHaveLength(2);
  });
});

describe('the other way of speaking', () => {
  it('carries tools and their answers too, for an operator who names the model', async () => {
    const look = { name: 'kora__get_operational_state', input: {} };
    models.follow([
      { text: 'I look.', tools: [look], usage: { input: 200, output: 30 } },
      { text: long, usage: { input: 150, output: 40, cacheRead: 100 } },
    ]);
    const answer = await house.api().ask({ text: '/model spare How does it stand?', phrasebook: false });
    expect(answer).toMatchObject({
      status: 'answered',
      text: long,
      receipt: {
        model: 'spare',
        calls: 2,
        cacheReadTokens: 100,
        costMicroUsd: 200 + 5 * 30 + 150 + 5 * 40 + 50,
      },
    });
    expect(models.asked.map(({ vendor, model }) => [vendor, model])).toEqual([
      ['openai', 'scripted-spare'],
      ['openai', 'scripted-spare'],
    ]);
    const [question] = models.asked[0]?.messages ?? [];
    expect(question?.text).toContain('How does it stand?');
    expect(question?.text).not.toContain('/model');
    const [result] = models.asked[1]?.messages.flatMap(({ results }) => results) ?? [];
    expect(result?.text).toContain('ready');
    const overrides = await house.api().events({ type: 'reasoning.override_applied', limit: 10 });
    expect(overrides.map(({ payload }) => payload['model'])).toContain('spare');
  });
});

describe('the key of a provider', () => {
  it('is shown to nobody, though the provider itself should repeat it', async () => {
    models.follow(() => ({ status: 401, message: `${key} is not a key that I know` }));
    const { runId, ...answer } = await house
      .api()
      .ask({ text: 'Are you there, and who are you?', phrasebook: false });
    expect(answer).toMatchObject({ status: 'failed', error: 'auth' });
    const run = await house.api().run(runId);
    const events = await house.api().events({ order: 'desc', limit: 500 });
    await using store = await house.store();
    const rows = await store.rows('select * from kora.reason_call where run_id = $1', [runId]);
    expect(rows.length).toBeGreaterThan(0);
    const { stdout, stderr } = thinking.up.child;
    const explained = await thinking.did('explain', `run:${runId}`);
    const shown = { answer, run, events, rows, stdout, stderr, explained };
    expect(JSON.stringify(shown)).toContain('is not a key that I know');
    expect(JSON.stringify(shown)).not.toContain(key);
  });
});

describe('L2 in the midst of streams with tools', () => {
  it('lets no further call of a model or a tool through, and cuts what streams', async () => {
    const walkers = 16;
    /** Every other one asks for a further step within this time, and the others go on until they are cut. */
    const spreadMs = 400;
    let streams = 0;
    const stepping = Promise.withResolvers<number>();
    models.follow(({ messages, number }) => {
      const results = messages.flatMap((message) => message.results).length;
      if (results > 1) return { text: long };
      if (results === 0) return { text: 'I take a step.', tools: [stepOf(`first of ${number}`)] };
      const nth = (streams += 1);
      const at = stepping.promise.then((begun) =>
        nth % 2 === 0 ? Number.POSITIVE_INFINITY : begun + (nth * spreadMs) / walkers,
      );
      return { text: speech(at), tools: [stepOf(`second of ${number}`)] };
    });
    const asks = Array.from({ length: walkers }, (_, n) =>
      house.api().ask({ text: `Walk on, number ${n}, and tell me where you are.`, phrasebook: false }),
    );
    await until('every one to stream', () => streams === walkers);
    stepping.resolve(Date.now());
    // Some have asked for their second step by now, and the others are about to.
    await until('a second step', () => outside.said('step').some((name) => name.startsWith('second')));
    const issued = Date.now();
    await house.api().stop(2, 'enough');
    const acknowledged = Date.now();
    const answers = await Promise.all(asks);
    const stopped = answers.filter(({ error }) => error === 'operational_state_stopped');
    expect(answers.filter(({ status }) => status === 'answered').length + stopped.length).toBe(walkers);
    expect(stopped.length).toBeGreaterThan(0);
    const after = await house.api().ask({ text: 'And now, where are you now?', phrasebook: false });
    // Paused and stopped are two things (daemon defect W59).
    expect(after).toMatchObject({
      status: 'refused',
      error: 'operational_state_stopped',
      receipt: { calls: 0 },
    });
    // The two witnesses are outside: whoever answers, and whoever is stepped upon.
    const late = (all: readonly { readonly at: number }[]) => all.filter(({ at }) => at > acknowledged);
    expect(late(models.asked)).toEqual([]);
    expect(late(outside.lines)).toEqual([]);
    const cut = await until('the streams to be cut', () => {
      const left = models.served.filter(({ end }) => end === 'left');
      return models.served.length === models.asked.length && left.map(({ at }) => at - issued);
    });
    expect(cut.length).toBeGreaterThanOrEqual(walkers / 2);
    process.stdout.write(
      `L2 under ${walkers} streams with tools: answered after ${acknowledged - issued} ms; ${cut.length} streams were ` +
        `cut, the last after ${Math.max(...cut)} ms; no call of a model or a tool after the answer\n`,
    );
    await thinking.did('resume', '--reason', 'it may go on');
    models.follow(() => ({ text: long }));
    const again = await house.api().ask({ text: 'And now, once more, if I may?', phrasebook: false });
    expect(again).toMatchObject({ status: 'answered' });
  });
});

function stepOf(name: string) {
  return { name: 'asker__step', input: { name } };
}

/** Goes on until then, or until whoever listens has left. */
async function* speech(end: Promise<number>): AsyncGenerator<string> {
  let until = Number.POSITIVE_INFINITY;
  void end.then((at) => (until = at));
  while (Date.now() < until) {
    yield 'and on ';
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
