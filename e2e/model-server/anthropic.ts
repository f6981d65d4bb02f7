/*
 * The Anthropic Messages API, as far as a client of models meets it. Written from, in the copies at hand on 2026-11-22:
 *   https://platform.claude.com/docs/en/build-with-claude/streaming   flow and fields of the events, tool input in pieces
 *   https://platform.claude.com/docs/en/api/errors                    codes, form of an error, errors within a stream
 *   https://platform.claude.com/docs/en/api/rate-limits               retry-after, anthropic-ratelimit-*
 *   https://platform.claude.com/docs/en/build-with-claude/prompt-caching   four breakpoints, what usage counts where
 *   https://platform.claude.com/docs/en/build-with-claude/tool-use    a result for each call, in the next message
 */
import { z } from 'zod';
import type { Refusal, Said } from './script.ts';
import { argumentsOf, checkCalls, countedFor, event, piecesOf, Refused, textOf } from './vendor.ts';
import type { Answer, Frame, Vendor } from './vendor.ts';

const mostBreakpoints = 4;
const toolName = /^[a-zA-Z0-9_-]{1,128}$/;

const blocks = z.array(
  z.discriminatedUnion('type', [
    z.looseObject({
      type: z.literal('text'),
      text: z.string().min(1, 'text content blocks must be non-empty'),
    }),
    z.looseObject({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.unknown() }),
    z.looseObject({
      type: z.literal('tool_result'),
      tool_use_id: z.string(),
      content: z
        .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
        .optional(),
    }),
  ]),
);
const content = z.union([z.string().min(1, 'all messages must have non-empty content'), blocks]);
const request = z.looseObject({
  model: z.string(),
  max_tokens: z.number().int().min(1),
  stream: z.boolean().optional(),
  system: z
    .union([z.string(), z.array(z.looseObject({ type: z.literal('text'), text: z.string() }))])
    .optional(),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant']), content })).min(1),
  tools: z.array(z.looseObject({ name: z.string().regex(toolName) })).optional(),
});

export const anthropic: Vendor = {
  name: 'anthropic',
  keyOf: (headers) => headers['x-api-key'],
  understand: (body, headers) => {
    if (headers['anthropic-version'] === undefined)
      throw new Refused('anthropic-version: header is required');
    const parsed = request.safeParse(body);
    if (!parsed.success) throw new Refused(z.prettifyError(parsed.error));
    const { model, max_tokens: maxTokens, stream = false, system = '', tools = [] } = parsed.data;
    const messages = parsed.data.messages.map(said);
    if (messages[0]?.role !== 'user') throw new Refused('messages: first message must use the "user" role');
    checkCalls(messages, (at) => messages.slice(at, at + 1));
    const marked = JSON.stringify(body).split('"cache_control":').length - 1;
    if (marked > mostBreakpoints)
      throw new Refused(`A maximum of 4 blocks with cache_control may be provided. Found ${marked}.`);
    return {
      model,
      isStream: stream,
      system: typeof system === 'string' ? system : system.map(({ text }) => text).join('\n'),
      messages,
      tools: tools.map(({ name }) => name),
      maxTokens,
      body,
    };
  },
  frames,
  whole: async (answer) => {
    const { asked, reply, id, calls } = answer;
    const text = await textOf(reply);
    const written = text.length + calls.reduce((sum, call) => sum + argumentsOf(call).join('').length, 0);
    return {
      id,
      type: 'message',
      role: 'assistant',
      model: asked.model,
      content: [
        ...(text === '' ? [] : [{ type: 'text', text }]),
        ...calls.map(({ name, input, id }) => ({ type: 'tool_use', id, name, input })),
      ],
      stop_reason: stopReason(answer),
      stop_sequence: null,
      ...usage(answer, written),
    };
  },
  error,
  errorFrame: () => event(error({ status: 529 }), 'error'),
  limits: (headroom) => ({
    'anthropic-ratelimit-requests-limit': '1000',
    'anthropic-ratelimit-requests-remaining': String(Math.floor(headroom * 1_000)),
    'anthropic-ratelimit-requests-reset': new Date(Date.now() + 60_000).toISOString(),
    'anthropic-ratelimit-tokens-limit': '100000',
    'anthropic-ratelimit-tokens-remaining': String(Math.floor(headroom * 100_000)),
    'anthropic-ratelimit-tokens-reset': new Date(Date.now() + 60_000).toISOString(),
  }),
};

const types: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function error({
  status,
  type = types[status] ?? 'api_error',
  message = `scripted ${status}`,
}: Refusal): unknown {
  return { type: 'error', error: { type, message }, request_id: `req_scripted_${status}` };
}

function said({ role, content }: z.infer<typeof request>['messages'][number]): Said {
  if (typeof content === 'string') return { role, text: content, calls: [], results: [] };
  return {
    role,
    text: content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n'),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    results: content.flatMap((block) => {
      if (block.type !== 'tool_result') return [];
      const { tool_use_id: id, content = '' } = block;
      return [
        { id, text: typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('\n') },
      ];
    }),
  };
}

function stopReason({ reply, calls }: Answer): string {
  return reply.stopReason ?? (calls.length > 0 ? 'tool_use' : 'end_turn');
}

/** Of the whole answer; where the script says nothing is counted, the field is not there. */
function usage(answer: Answer, written: number): { usage?: unknown } {
  const { usage } = answer.reply;
  if (usage === null) return {};
  if (usage !== undefined && 'said' in usage) return { usage: usage.said };
  const { input, output, cacheRead = 0, cacheWrite = 0 } = countedFor(answer, written);
  return {
    usage: {
      input_tokens: input,
      cache_creation_input_tokens: cacheWrite,
      cache_read_input_tokens: cacheRead,
      cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
      output_tokens: output,
      service_tier: 'standard',
    },
  };
}

async function* frames(answer: Answer): AsyncGenerator<Frame> {
  const { asked, reply, id, calls } = answer;
  const send = (type: string, rest: object, isPiece = false): Frame => ({
    text: event({ type, ...rest }, type),
    isPiece,
  });
  const start = usage(answer, 1).usage;
  // At the start the output is a placeholder; what counts comes at the end.
  const first =
    typeof start === 'object' && start !== null && 'service_tier' in start ? { output_tokens: 1 } : {};
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model: asked.model,
    content: [],
    stop_reason: null,
  };
  const counted =
    start === undefined ? {} : { usage: typeof start === 'object' ? { ...start, ...first } : start };
  yield send('message_start', { message: { ...message, stop_sequence: null, ...counted } });
  let written = 0;
  let index = 0;
  if (reply.text !== undefined && reply.text !== '') {
    yield send('content_block_start', { index, content_block: { type: 'text', text: '' } });
    yield send('ping', {});
    for await (const text of piecesOf(reply.text)) {
      written += text.length;
      yield send('content_block_delta', { index, delta: { type: 'text_delta', text } }, true);
    }
    yield send('content_block_stop', { index });
    index += 1;
  }
  for (const call of calls) {
    const block = { type: 'tool_use', id: call.id, name: call.name, input: {} };
    yield send('content_block_start', { index, content_block: block });
    for (const piece of ['', ...argumentsOf(call)]) {
      written += piece.length;
      const delta = { type: 'input_json_delta', partial_json: piece };
      yield send('content_block_delta', { index, delta }, piece !== '');
    }
    yield send('content_block_stop', { index });
    index += 1;
  }
  yield send('message_delta', {
    delta: { stop_reason: stopReason(answer), stop_sequence: null },
    ...usage(answer, written),
  });
  yield send('message_stop', {});
}
