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
  const { candidates, until } = asked;
  let costMicroUsd = 0;
  let last: Turned = { utterance: null, error: 'engine_unavailable', model: candidates[0], costMicroUsd };
  for (const model of candidates) {
    for (let attempt = 0; attempt <= seam.calls.retries; attempt += 1) {
      const called = await callModel(seam, {
        runId: asked.request.runId,
        callId: asked.nextId(),
        model,
        words: asked.wordsFor(model),
        signal: until.signal,
        stopped: until.stopped,
        sign: asked.sign,
        aloud: !asked.request.verdict,
      });
      if (called.kind === 'heard') costMicroUsd += called.costMicroUsd;
      last = { ...meaningOf(called), model, costMicroUsd };
      if (called.kind === 'denied') return last;
      if (called.kind === 'keyless') break;
      const { failure, firstTokenMs } = called.utterance;
      if (failure === null || firstTokenMs !== undefined || until.stopped() !== null) return last;
      // It answered, only not so that it could be taken: another one would be asked the same.
      if (failure.error === 'tool_iterations_exceeded') return last;
      if (!failure.transient || attempt === seam.calls.retries) break;
      const pauseMs = failure.retryAfterMs ?? Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
      asked.sign({
        kind: 'waiting',
        what: `${model.name}: ${failure.error}, again in ${Math.ceil(pauseMs / 1_000)} s`,
      });
      if (!(await until.pause(pauseMs))) break;
    }
    const stopped = until.stopped();
    if (stopped !== null) return { ...last, error: stopped };
  }
  return last;
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
