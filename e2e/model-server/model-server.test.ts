import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Script } from './script.ts';
import { ModelServer } from './server.ts';

const key = 'sk-scripted';
let server: ModelServer;

beforeAll(async () => {
  server = await ModelServer.open({ script: [], key });
});
afterAll(() => server[Symbol.asyncDispose]());

interface Heard {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

const tools = [{ name: 'look', input_schema: { type: 'object' } }];
const hello = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hello' }] };

async function anthropic(script: Script, body: object = hello, apiKey: string = key): Promise<Heard> {
  return await post(script, 'messages', body, { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' });
}

async function openai(script: Script, body: object, apiKey: string = key): Promise<Heard> {
  return await post(script, 'chat/completions', body, { authorization: `Bearer ${apiKey}` });
}

async function post(
  script: Script,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>>,
): Promise<Heard> {
  server.follow(script);
  const answer = await fetch(`${server.url}/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

/** Each event of a stream: its name, where it has one, and its data. */
function eventsIn(text: string): { name: string | undefined; data: unknown }[] {
  return text
    .split('\n\n')
    .filter(Boolean)
    .map((each) => {
      const data = /^data: (.*)$/m.exec(each)?.[1] ?? '';
      return {
        name: /^event: (.*)$/m.exec(each)?.[1],
        data: data === '[DONE]' ? data : (JSON.parse(data) as unknown),
      };
    });
}

describe('Anthropic Messages', () => {
  it('streams text, a call of a tool in pieces and what was counted, in the order of the documentation', async () => {
    const usage = { input: 3, output: 7, cacheRead: 11, cacheWrite: 13 };
    const reply = { text: 'I look.', tools: [{ name: 'look', input: { where: 'at the shop' } }], usage };
    const { status, text } = await anthropic([reply], { ...hello, stream: true, tools });
    expect(status).toBe(200);
    const events = eventsIn(text);
    expect(events.every(({ name, data }) => (data as { type: string }).type === name)).toBe(true);
    const order = events.map(({ name }) => name).filter((name, at, all) => name !== all[at - 1]);
    const block = ['content_block_start', 'content_block_delta', 'content_block_stop'];
    const [start = '', ...rest] = block;
    expect(order).toEqual([
      'message_start',
      start,
      'ping',
      ...rest,
      ...block,
      'message_delta',
      'message_stop',
    ]);
    const json = events.flatMap(({ data }) => {
      const { delta } = data as { delta?: { partial_json?: string } };
      return delta?.partial_json ?? [];
    });
    expect(json.length).toBeGreaterThan(1);
    expect(JSON.parse(json.join(''))).toEqual({ where: 'at the shop' });
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: {
        input_tokens: 3,
        output_tokens: 7,
        cache_read_input_tokens: 11,
        cache_creation_input_tokens: 13,
      },
    });
    expect(server.asked.at(-1)).toMatchObject({ model: 'm', tools: ['look'], isStream: true, maxTokens: 9 });
    expect(server.served.at(-1)).toMatchObject({ end: 'whole' });
  });

  it.each([
    ['a call without its result', [{ type: 'tool_use', id: 'a', name: 'look', input: {} }], []],
    ['a result of no call', [{ type: 'text', text: 'I look' }], [{ type: 'tool_result', tool_use_id: 'a' }]],
    ['text that is empty', [{ type: 'text', text: '' }], []],
  ])('refuses %s, as the vendor does', async (_, assistant, user) => {
    const messages = [
      { role: 'user', content: 'look' },
      { role: 'assistant', content: assistant },
      { role: 'user', content: [...user, { type: 'text', text: 'well?' }] },
    ];
    const before = server.asked.length;
    const { status, text } = await anthropic([{ text: 'never said' }], { ...hello, messages, tools });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    expect(server.asked).toHaveLength(before);
  });

  it('refuses a fifth breakpoint of the cache, a history that the assistant begins, a missing version, a wrong key', async () => {
    const marked = { type: 'text', text: 'once', cache_control: { type: 'ephemeral' } };
    const five = [{ role: 'user', content: [marked, marked, marked, marked, marked] }];
    expect(await anthropic([], { ...hello, messages: five })).toMatchObject({ status: 400 });
    const begun = [{ role: 'assistant', content: 'I begin' }];
    expect(await anthropic([], { ...hello, messages: begun })).toMatchObject({ status: 400 });
    expect(await post([], 'messages', hello, { 'x-api-key': key })).toMatchObject({ status: 400 });
    const { status, text } = await anthropic([], hello, 'another');
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ error: { type: 'authentication_error' } });
  });

  it('says what is wrong in its own words and when to come back, also in the midst of a stream', async () => {
    const busy = await anthropic([{ status: 429, retryAfter: 3 }]);
    expect(busy.headers.get('retry-after')).toBe('3');
    expect(JSON.parse(busy.text)).toMatchObject({ error: { type: 'rate_limit_error' } });
    expect(JSON.parse((await anthropic([{ status: 529 }])).text)).toMatchObject({
      error: { type: 'overloaded_error' },
    });
    const broken = { text: ['half ', 'of it'], breaks: { after: 1, how: 'error' } } as const;
    const { text } = await anthropic([broken], { ...hello, stream: true });
    expect(text).toContain('half ');
    expect(text).not.toContain('of it');
    expect(eventsIn(text).at(-1)).toMatchObject({
      name: 'error',
      data: { error: { type: 'overloaded_error' } },
    });
  });

  it('says nothing of what it counted, or nonsense, where the script has it so', async () => {
    const silent = await anthropic([{ text: 'a', usage: null }], { ...hello, stream: true });
    expect(silent.text).not.toContain('usage');
    const said = { input_tokens: -5, output_tokens: 'many' };
    const { text } = await anthropic([{ text: 'a', usage: { said } }]);
    expect(JSON.parse(text)).toMatchObject({ usage: said });
  });

  it('has no step beyond the last, and says how many there were', async () => {
    const { status, text } = await anthropic([]);
    expect(status).toBe(400);
    expect(text).toContain('the script has 0 steps');
  });
});

describe('OpenAI Chat Completions', () => {
  const asked = { model: 'm', messages: [{ role: 'system', content: 'be short' }, ...hello.messages] };

  it('streams text, a call in pieces, and the usage in a last chunk only for whoever asked for it', async () => {
    const reply = {
      text: 'I look.',
      tools: [{ name: 'look', input: { where: 'at the shop' } }],
      usage: { input: 3, output: 7, cacheRead: 11 },
    };
    const body = { ...asked, stream: true, stream_options: { include_usage: true } };
    const events = eventsIn((await openai([reply], body)).text).map(({ data }) => data);
    expect(events.pop()).toBe('[DONE]');
    expect(events.pop()).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 14, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 11 } },
    });
    expect(events.at(-1)).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }], usage: null });
    type Chunk = { choices: { delta: { tool_calls?: { function: { arguments: string } }[] } }[] };
    const pieces = (events as Chunk[]).flatMap(
      ({ choices: [choice] }) => choice?.delta.tool_calls?.map((call) => call.function.arguments) ?? [],
    );
    expect(JSON.parse(pieces.join(''))).toEqual({ where: 'at the shop' });
    expect(server.asked.at(-1)).toMatchObject({ vendor: 'openai', system: 'be short' });
    expect((await openai([reply], { ...asked, stream: true })).text).not.toContain('usage');
  });

  it('refuses a call without its result, and a wrong key, in its own form', async () => {
    const calls = [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } }];
    const messages = [...asked.messages, { role: 'assistant', tool_calls: calls }];
    expect(await openai([], { ...asked, messages })).toMatchObject({ status: 400 });
    server.follow([]);
    const { status, text } = await openai([], asked, 'another');
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'invalid_api_key' } });
  });
});

describe('what breaks', () => {
  const stream = { ...hello, stream: true };

  it('cuts the connection before an answer, or in the midst of one', async () => {
    await expect(anthropic([{ away: 'cut' }])).rejects.toThrow('fetch failed');
    await expect(
      anthropic([{ text: ['half ', 'of it'], breaks: { after: 1, how: 'cut' } }], stream),
    ).rejects.toThrow('terminated');
  });

  it('keeps a connection open in silence until whoever asked has left, and notes that', async () => {
    server.follow([{ text: ['half ', 'of it'], breaks: { after: 1, how: 'hang' } }]);
    const left = new AbortController();
    const answer = await fetch(`${server.url}/messages`, {
      method: 'POST',
      body: JSON.stringify(stream),
      headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
      signal: left.signal,
    });
    const { number } = server.asked.at(-1) ?? { number: 0 };
    expect(answer.status).toBe(200);
    expect(server.served.at(-1)?.number).not.toBe(number);
    left.abort();
    await expect.poll(() => server.served.at(-1)).toMatchObject({ number, end: 'broken', pieces: 1 });
  });

  it('sends what comes when it comes, and sees who leaves before the end', async () => {
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    async function* text(): AsyncGenerator<string> {
      yield 'the first';
      await gate;
      yield 'the last';
    }
    server.follow([{ text: text() }]);
    const left = new AbortController();
    const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01' };
    const { body } = await fetch(`${server.url}/messages`, {
      method: 'POST',
      body: JSON.stringify(stream),
      headers,
      signal: left.signal,
    });
    let heard = '';
    for await (const bytes of body ?? []) {
      heard += Buffer.from(bytes).toString();
      if (heard.includes('the first')) break;
    }
    left.abort();
    const { number } = server.asked.at(-1) ?? { number: 0 };
    await expect.poll(() => server.served.at(-1)).toMatchObject({ number, end: 'left', pieces: 1 });
    go();
  });
});
