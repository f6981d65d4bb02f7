import { KoraError } from '@kora/runtime/plugin';
import type {
  DenyCause,
  EngineContext,
  EngineSign,
  ModelCallEnd,
  PluginContext,
  ReasonError,
} from '@kora/runtime/plugin';
import type { CallConfig } from '../config.ts';
import type { Health } from '../engine/health.ts';
import type { Model, Provider } from '../engine/settings.ts';
import { tokensAtMost } from '../prompt/tokens.ts';
import type { Failure } from './failure.ts';
import type { Utterance } from './heard.ts';
import { speakingModel } from './models.ts';
import { speak } from './speak.ts';
import type { Words } from './speak.ts';

/** What a call needs of whoever makes it. */
export interface Seam {
  readonly host: {
    readonly clock: PluginContext<unknown>['clock'];
    readonly engine: Pick<EngineContext, 'beginCall' | 'endCall'>;
    secret(name: string): Promise<string | undefined>;
  };
  readonly providers: ReadonlyMap<string, Provider>;
  readonly calls: CallConfig;
  readonly health: Health;
}

export interface CallAsked {
  readonly runId: string;
  /** Unique in the run. */
  readonly callId: string;
  readonly model: Model;
  readonly words: Words;
  /** Aborts when the run is given up, and at its deadline. */
  readonly signal: AbortSignal;
  /** What an abort is called in the record. */
  readonly stopped: () => ReasonError | null;
  readonly sign: (sign: EngineSign) => void;
  /** Text goes to whoever listens, unless it is for a program. */
  readonly aloud: boolean;
  /** How long it may be silent at first. */
  readonly firstTokenMs: number;
}

export type Called =
  | { readonly kind: 'heard'; readonly utterance: Utterance; readonly costMicroUsd: number }
  /** The door said no: nothing was sent. */
  | { readonly kind: 'denied'; readonly cause: DenyCause }
  /** Nothing was sent either. */
  | { readonly kind: 'keyless'; readonly said: string };

const betweenSignsMs = 1_000;

/**
 * The one place where a model is called: leave and a reservation before it, the count after it, whatever became of it.
 * Throws what the runtime throws once the run is over.
 */
export async function callModel(seam: Seam, asked: CallAsked): Promise<Called> {
  const { host, calls } = seam;
  const { runId, callId, model, words } = asked;
  const provider = seam.providers.get(model.provider);
  if (provider === undefined) return { kind: 'keyless', said: `provider ${model.provider} is gone` };
  const key = await keyOf(seam, provider);
  if (key.missing !== undefined) {
    seam.health.failed(provider.name, 'auth', key.missing);
    return { kind: 'keyless', said: key.missing };
  }
  const speaking = await speakingModel(provider, model, key.value);
  const leave = await host.engine.beginCall({
    runId,
    callId,
    model: model.name,
    inputTokens: tokensAtMost([words.system, ...words.tools, ...words.messages]),
    maxOutputTokens: words.maxOutputTokens,
    request: recordOf(model, words),
  });
  if (!leave.allow) return { kind: 'denied', cause: leave.cause };
  asked.sign({ kind: 'model_call', what: model.name });
  const patience = { firstTokenMs: asked.firstTokenMs, silenceMs: calls.silenceMs };
  const utterance = await speak(speaking, words, listenerFor(seam, asked), {
    clock: host.clock,
    ...patience,
  });
  const outcome = outcomeOf(utterance.failure, asked.stopped());
  if (outcome === 'ok') seam.health.answered(provider.name);
  else seam.health.failed(provider.name, outcome, utterance.failure?.said ?? '');
  const { costMicroUsd } = await host.engine.endCall(endOf(asked, utterance, outcome));
  return { kind: 'heard', utterance: renamed(utterance, outcome), costMicroUsd };
}

function listenerFor({ host }: Seam, { signal, sign, aloud, model }: CallAsked) {
  let signedAt = Number.NEGATIVE_INFINITY;
  const thinks = (): void => {
    const now = host.clock.now();
    if (now - signedAt < betweenSignsMs) return;
    signedAt = now;
    sign({ kind: 'waiting', what: `${model.name} is thinking` });
  };
  return { signal, thinks, text: aloud ? (delta: string) => sign({ kind: 'text', delta }) : thinks };
}

function endOf(
  { runId, callId }: CallAsked,
  { text, wishes, finish, usage, stopReason, firstTokenMs, headroom, failure }: Utterance,
  outcome: ModelCallEnd['outcome'],
): ModelCallEnd {
  return {
    runId,
    callId,
    outcome,
    usage,
    response: { text, wishes, finish, ...(failure === null ? {} : { failure: failure.said }) },
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    ...(headroom === undefined ? {} : { headroom }),
  };
}

/** An abort looks like any broken connection: whoever aborted knows why. */
function outcomeOf(failure: Failure | null, stopped: ReasonError | null): ModelCallEnd['outcome'] {
  if (failure === null) return 'ok';
  return stopped ?? failure.error;
}

function renamed(utterance: Utterance, outcome: ModelCallEnd['outcome']): Utterance {
  const { failure } = utterance;
  return failure === null || outcome === 'ok'
    ? utterance
    : { ...utterance, failure: { ...failure, error: outcome } };
}

function recordOf(model: Model, words: Words): unknown {
  const { system, messages, tools, mayCallTools, maxOutputTokens } = words;
  return {
    provider: model.provider,
    model: model.id,
    system,
    messages,
    tools: tools.map(({ name }) => name),
    mayCallTools,
    maxOutputTokens,
  };
}

async function keyOf(
  { host }: Seam,
  { name, secret, keyNeeded }: Provider,
): Promise<{ readonly value: string | undefined; readonly missing?: string }> {
  try {
    const value = await host.secret(secret);
    const missing = value === undefined && keyNeeded;
    return missing ? { value, missing: `provider ${name} has no key: ${secret} is not said` } : { value };
  } catch (error) {
    if (!(error instanceof KoraError)) throw error;
    return { value: undefined, missing: `the key of provider ${name} cannot be read: ${error.message}` };
  }
}
