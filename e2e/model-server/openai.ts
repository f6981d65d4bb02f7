/*
 * OpenAI's Chat Completions, as every server speaks it that calls itself compatible. Written from, in the copies at hand
 * on 2026-11-22:
 *   https://platform.openai.com/docs/api-reference/chat/create, …/chat/streaming   request, chunks, the chunk of the usage
 *   https://github.com/openai/openai-node, src/resources/chat/completions/completions.ts   the same, generated from the spec
 *   https://platform.openai.com/docs/guides/error-codes/api-errors                 codes and the form of an error
 *   https://platform.openai.com/docs/guides/rate-limits                            x-ratelimit-*
 */
import { z } from 'zod';
import type { Refusal, Said } from './script.ts';
import { argumentsOf, checkCalls, countedFor, event, piecesOf, Refused, textOf } from './vendor.ts';
import type { Answer, Frame, Vendor } from './vendor.ts';

const toolName = /^[a-zA-Z0-9_-]{1,64}$/;

const parts = z.array(z.looseObject({ type: z.string(), text: z.string().optional() }));
const request = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
        content: z.union([z.string(), parts]).nullish(),
        tool_call_id: z.string().optional(),
        tool_calls: z
          .array(
            z.looseObject({
              id: z.string(),
              function: z.object({ name: z.string(), arguments: z.string() }),
            }),
          )
          .optional(),
      }),
    )
    .min(1),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string().regex(toolName) }) })).optional(),
});

export const openai: Vendor = {
  name: 'openai',
  keyOf: (headers) => /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1],
  understand: (body) => {
    const parsed = request.safeParse(body);
    if (!parsed.success) throw new Refused(z.prettifyError(parsed.error));
    const { model, stream = false, tools = [], max_tokens: most, max_completion_tokens: limit } = parsed.data;
    const all = parsed.data.messages.map(said);
    const messages = all.filter(({ role }) => role !== 'system' && role !== 'developer');
    checkCalls(messages, (at) => {
      const end = messages.findIndex(({ role }, index) => index >= at && role !== 'tool');
      return messages.slice(at, end === -1 ? undefined : end);
    });
    return {
      model,
      isStream: stream,
      system: all
        .flatMap(({ role, text }) => (role === 'system' || role === 'developer' ? [text] : []))
        .join('\n'),
      messages,
      tools: tools.map(({ function: { name } }) => name),
      maxTokens: limit ?? most ?? null,
      body,
    };
  },
  frames,
  whole: async (answer) => {
    const { asked, reply, id, calls } = answer;
    const text = await textOf(reply);
    const written = text.length + calls.reduce((sum, call) => sum + argumentsOf(call).join('').length, 0);
    const asks = calls.map((call) => ({ id: call.id, ...asFunction(call.name, argumentsOf(call).join('')) }));
    const message = { role: 'assistant', content: text === '' ? null : text, refusal: null };
    return {
      id,
      object: 'chat.completion',
      created: Math.floor(asked.at / 1_000),
      model: asked.model,
      choices: [
        {
          index: 0,
          message: asks.length > 0 ? { ...message, tool_calls: asks } : message,
          logprobs: null,
          finish_reason: finishReason(answer),
        },
      ],
      ...usage(answer, written),
    };
  },
  error,
  errorFrame: () => event(error({ status: 500 })),
  limits: (headroom) => ({
    'x-ratelimit-limit-requests': '1000',
    'x-ratelimit-remaining-requests': String(Math.floor(headroom * 1_000)),
    'x-ratelimit-reset-requests': '60ms',
    'x-ratelimit-limit-tokens': '100000',
    'x-ratelimit-remaining-tokens': String(Math.floor(headroom * 100_000)),
    'x-ratelimit-reset-tokens': '60ms',
  }),
};

const codes: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  400: ['invalid_request_error', null],
  401: ['invalid_request_error', 'invalid_api_key'],
  404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'],
};

function error({ status, type, message = `scripted ${status}` }: Refusal): unknown {
  const [usual, code] = codes[status] ?? ['server_error', null];
  // Their out-of-money has the same status as their slow-down, and differs here alone.
  return { error: { message, type: type ?? usual, param: null, code: type ?? code } };
}

function said({
  role,
  content,
  tool_call_id: id,
  tool_calls: calls = [],
}: z.infer<typeof request>['messages'][number]): Said {
  const text =
    typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('\n');
  if (role === 'tool') return { role, text: '', calls: [], results: [{ id: id ?? '', text }] };
  return {
    role,
    text,
    calls: calls.map(({ id, function: { name, arguments: input } }) => ({ id, name, input: parsed(input) })),
    results: [],
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A model may ask with what is no JSON, and be told so with its own words before it.
    return text;
  }
}

function asFunction(name: string, input: string): object {
  return { type: 'function', function: { name, arguments: input } };
}

function finishReason({ reply, calls }: Answer): string {
  return reply.stopReason ?? (calls.length > 0 ? 'tool_calls' : 'stop');
}

/** Here what came from a cache is part of the input. */
function usage(answer: Answer, written: number): { usage?: unknown } {
  const { usage } = answer.reply;
  if (usage === null) return {};
  if (usage !== undefined && 'said' in usage) return { usage: usage.said };
  const { input, output, cacheRead = 0 } = countedFor(answer, written);
  return {
    usage: {
      prompt_tokens: input + cacheRead,
      completion_tokens: output,
      total_tokens: input + cacheRead + output,
      prompt_tokens_details: { cached_tokens: cacheRead, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    },
  };
}

async function* frames(answer: Answer): AsyncGenerator<Frame> {
  const { asked, reply, id, calls } = answer;
  const isCounted = request.parse(asked.body).stream_options?.include_usage === true;
  const head = {
    id,
    object: 'chat.completion.chunk',
    created: Math.floor(asked.at / 1_000),
    model: asked.model,
  };
  const send = (delta: object, finish: string | null = null, isPiece = false): Frame => ({
    text: event({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(isCounted ? { usage: null } : {}),
    }),
    isPiece,
  });
  let written = 0;
  yield send({
    role: 'assistant',
    content: calls.length > 0 && reply.text === undefined ? null : '',
    refusal: null,
  });
  for await (const content of piecesOf(reply.text)) {
    written += content.length;
    yield send({ content }, null, true);
  }
  for (const [index, call] of calls.entries()) {
    yield send({ tool_calls: [{ index, id: call.id, ...asFunction(call.name, '') }] });
    for (const piece of argumentsOf(call)) {
      written += piece.length;
      yield send({ tool_calls: [{ index, function: { arguments: piece } }] }, null, true);
    }
  }
  yield send({}, finishReason(answer));
  const counted = usage(answer, written);
  if (isCounted && 'usage' in counted)
    yield { text: event({ ...head, choices: [], ...counted }), isPiece: false };
  yield { text: event('[DONE]'), isPiece: false };
}
