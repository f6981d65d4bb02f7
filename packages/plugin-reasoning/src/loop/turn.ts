import type { EngineRequest, EngineSign, ReasonError } from '@kora/runtime/plugin';
import type { AssistantModelMessage, ModelMessage } from 'ai';
import type { Model } from '../engine/settings.ts';
import type { Utterance } from '../provider/heard.ts';
import { callModel } from '../provider/seam.ts';
import type { Called, Seam } from '../provider/seam.ts';
import type { Words } from '../provider/speak.ts';
import { errorOfDenial } from './denial.ts';
import type { Until } from './until.ts';

/** One turn of a model: what it said, or why nobody said anything. */
export interface Turned {
  readonly utterance: Utterance | null;
  readonly error: ReasonError | null;
  /** Who said it, or who was asked last. */
  readonly model: Model;
  /** Of all attempts. */
  readonly costMicroUsd: number;
}

export interface TurnAsked {
  readonly request: EngineRequest;
  /** In the order in which they are asked; never empty. */
  readonly candidates: readonly [Model, ...Model[]];
  readonly wordsFor: (model: Model) => Words;
  readonly until: Until;
  readonly sign: (sign: EngineSign) => void;
  readonly nextId: () => string;
}

/** The pause before the second attempt; it doubles. */
const firstPauseMs = 500;
/** Without the provider's word nobody waits longer for it than this. */
const longestPauseMs = 8_000;

/**
 * Asks until somebody answers: a few attempts with each candidate as long as nothing was said yet, then the next one. What
 * broke off in the midst is kept as it is and never asked for again; a refusal of the door ends it.
 */
export async function takeTurn(seam: Seam, asked: TurnAsked): Promise<Turned> {
  let costMicroUsd = 0;
  let last: Turned | null = null;
  for (const [at, model] of asked.candidates.entries()) {
    // Whoever comes after needs time too.
    const share = at < asked.candidates.length - 1 ? 0.5 : 1;
    const attempts = await attempt(seam, asked, { model, share });
    costMicroUsd += attempts.costMicroUsd;
    last = { ...attempts.turned, costMicroUsd };
    if (attempts.isOver) return last;
    const stopped = asked.until.stopped();
    if (stopped !== null) return { ...last, error: stopped };
  }
  return last ?? { utterance: null, error: 'engine_unavailable', model: asked.candidates[0], costMicroUsd };
}

interface Attempts {
  readonly turned: Turned;
  readonly costMicroUsd: number;
  /** Nobody else is asked. */
  readonly isOver: boolean;
}

/** As many attempts with one model as make sense within its share of the time that is left. */
async function attempt(
  seam: Seam,
  asked: TurnAsked,
  { model, share }: { readonly model: Model; readonly share: number },
): Promise<Attempts> {
  const { until } = asked;
  let costMicroUsd = 0;
  for (let made = 0; ; made += 1) {
    const called = await callModel(seam, {
      runId: asked.request.runId,
      callId: asked.nextId(),
      model,
      words: asked.wordsFor(model),
      signal: until.signal,
      stopped: until.stopped,
      sign: asked.sign,
      aloud: !asked.request.verdict,
      firstTokenMs: Math.min(seam.calls.firstTokenMs, until.leftMs * share),
    });
    if (called.kind === 'heard') costMicroUsd += called.costMicroUsd;
    const turned = { ...meaningOf(called), model, costMicroUsd };
    if (called.kind !== 'heard') return { turned, costMicroUsd, isOver: called.kind === 'denied' };
    const { failure, firstTokenMs } = called.utterance;
    // Asked for tools where none may be called, it answered, only not so that it could be taken.
    const isSaid = firstTokenMs !== undefined || failure?.error === 'tool_iterations_exceeded';
    if (failure === null || isSaid || until.stopped() !== null) return { turned, costMicroUsd, isOver: true };
    // Whoever hangs is not waited for twice while somebody else could be asked.
    const isHopeless = !failure.transient || (failure.error === 'timeout' && share < 1);
    if (isHopeless || made >= seam.calls.retries) return { turned, costMicroUsd, isOver: false };
    const pauseMs = failure.retryAfterMs ?? Math.min(longestPauseMs, firstPauseMs * 2 ** made);
    const again = `${model.name}: ${failure.error}, again in ${Math.ceil(pauseMs / 1_000)} s`;
    asked.sign({ kind: 'waiting', what: again });
    if (pauseMs >= until.leftMs * share || !(await until.pause(pauseMs)))
      return { turned, costMicroUsd, isOver: false };
  }
}

function meaningOf(called: Called): Pick<Turned, 'utterance' | 'error'> {
  switch (called.kind) {
    case 'heard':
      return { utterance: called.utterance, error: called.utterance.failure?.error ?? null };
    case 'denied':
      return { utterance: null, error: errorOfDenial(called.cause) };
    case 'keyless':
      return { utterance: null, error: 'auth' };
  }
}

/**
 * Messages as another model may read them: what a model thought, and what its provider noted beside its words, is for
 * nobody else.
 */
export function forAnother(messages: readonly ModelMessage[]): ModelMessage[] {
  return messages.map((message) =>
    message.role === 'assistant' && typeof message.content !== 'string'
      ? { role: 'assistant', content: plainOf(message.content) }
      : message,
  );
}

type Parts = Exclude<AssistantModelMessage['content'], string>;

function plainOf(parts: Parts): Parts {
  const plain: Parts = [];
  for (const part of parts) {
    if (part.type === 'text') plain.push({ type: part.type, text: part.text });
    if (part.type !== 'tool-call') continue;
    const { type, toolCallId, toolName, input } = part;
    plain.push({ type, toolCallId, toolName, input });
  }
  return plain;
}
