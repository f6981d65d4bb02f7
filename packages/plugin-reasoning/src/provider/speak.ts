import type { PluginContext, ToolView } from '@kora/runtime/plugin';
import type { ModelMessage, ToolSet } from 'ai';
import { failureOf } from './failure.ts';
import type { Failure } from './failure.ts';
import { Heard } from './heard.ts';
import type { Utterance } from './heard.ts';
import type { SpeakingModel } from './models.ts';
import { Silence } from './silence.ts';
import type { Patience } from './silence.ts';

/** What is sent. */
export interface Words {
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolView[];
  /** False: it must conclude. The tools stay named, since a provider wants to know those that were called before. */
  readonly mayCallTools: boolean;
  readonly maxOutputTokens: number;
}

export interface Listener {
  readonly signal: AbortSignal;
  text(delta: string): void;
  /** It lives, and says nothing that is for anybody. */
  thinks(): void;
}

export interface Speaking extends Patience {
  readonly clock: Pick<PluginContext<unknown>['clock'], 'now' | 'sleep'>;
}

/** Anthropic keeps what comes before such a mark; the others keep by themselves and do not see it. */
const kept = { anthropic: { cacheControl: { type: 'ephemeral' as const } } };
/** Nothing of what is asked here stays with OpenAI. */
const nothingStored = { openai: { store: false } };

/** One call of one model, as a stream, and never a second attempt. Never throws: what went wrong is in `failure`. */
export async function speak(
  model: SpeakingModel,
  words: Words,
  listener: Listener,
  { clock, firstTokenMs, silenceMs }: Speaking,
): Promise<Utterance> {
  const begun = clock.now();
  const silence = new Silence(clock, { firstTokenMs, silenceMs });
  const heard = new Heard(() => clock.now() - begun);
  const failed = (thrown: unknown): Failure =>
    silence.broke
      ? silent
      : { ...failureOf(thrown, clock.now()), ...(heard.hasBegun ? { refused: false } : {}) };
  try {
    const said = await begin(model, words, AbortSignal.any([listener.signal, silence.signal]));
    for await (const part of said.stream) {
      const { text, token } = heard.take(part);
      if (token) silence.heard();
      else silence.stirs();
      if (text !== undefined && text !== '') listener.text(text);
      else listener.thinks();
    }
    if (heard.thrown !== undefined) return heard.utterance([], failed(heard.thrown));
    if (!heard.isWhole) return heard.utterance([], failed(undefined));
    const messages = await said.responseMessages;
    return heard.utterance(
      messages.filter(({ role }) => role === 'assistant'),
      null,
    );
  } catch (error) {
    return heard.utterance([], failed(heard.thrown ?? error));
  } finally {
    await silence.end();
  }
}

const silent: Failure = {
  error: 'timeout',
  transient: true,
  refused: false,
  said: 'nothing was heard for too long',
};

async function begin(model: SpeakingModel, words: Words, signal: AbortSignal) {
  const { jsonSchema, streamText, tool } = await import('ai');
  // Its warnings would go to the console, which is the operator's.
  globalThis.AI_SDK_LOG_WARNINGS = false;
  // In one order always: what a provider keeps is kept by its beginning.
  const views = words.tools.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const tools: ToolSet = {};
  for (const [at, { name, description, inputSchema }] of views.entries()) {
    const mark = at === views.length - 1 ? { providerOptions: kept } : {};
    tools[name] = tool({ description, inputSchema: jsonSchema(inputSchema), ...mark });
  }
  return streamText({
    model,
    instructions: { role: 'system', content: words.system, providerOptions: kept },
    messages: [...words.messages],
    ...(views.length === 0 ? {} : { tools, toolOrder: views.map(({ name }) => name) }),
    ...(views.length === 0 || words.mayCallTools ? {} : { toolChoice: 'none' as const }),
    maxOutputTokens: words.maxOutputTokens,
    // Attempts are counted, paid and recorded one by one, by whoever calls this.
    maxRetries: 0,
    abortSignal: signal,
    providerOptions: nothingStored,
    telemetry: { isEnabled: false },
    // Left out, the SDK writes errors on the console; they come in the stream as well.
    onError: () => undefined,
  });
}
