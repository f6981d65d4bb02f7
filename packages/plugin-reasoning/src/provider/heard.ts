import type { ModelUsage } from '@kora/runtime/plugin';
import type { FinishReason, LanguageModelUsage, ModelMessage, TextStreamPart, ToolSet } from 'ai';
import type { Failure } from './failure.ts';
import { headroomOf } from './limits.ts';

/** A tool that the model asks for. Its input is what came, also where it is no JSON. */
export interface ToolWish {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** What was heard of one answer, whole or not. */
export interface Utterance {
  readonly text: string;
  readonly wishes: readonly ToolWish[];
  readonly finish: FinishReason | null;
  readonly stopReason?: string;
  /** Null where the provider said nothing of it, or what cannot be. */
  readonly usage: ModelUsage | null;
  /** The answer as it goes before the results of its tools. */
  readonly messages: readonly ModelMessage[];
  readonly headroom?: number;
  readonly firstTokenMs?: number;
  /** Why it is not whole; null when it is. */
  readonly failure: Failure | null;
}

/** Gathers an answer from its parts. */
export class Heard {
  thrown: unknown;
  #text = '';
  readonly #wishes: ToolWish[] = [];
  #finish: FinishReason | null = null;
  #stopReason: string | undefined;
  #usage: ModelUsage | null = null;
  #headers: Record<string, string> | undefined;
  #firstTokenMs: number | undefined;
  readonly #elapsed: () => number;

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** From the first token on nothing is tried again: what was said was said. */
  get hasBegun(): boolean {
    return this.#firstTokenMs !== undefined;
  }

  /** A stream that ends without a word why was cut; some providers say nothing more when all is well. */
  get isWhole(): boolean {
    if (this.#finish === null || this.#finish === 'error' || this.#finish === 'interrupted') return false;
    return this.#finish !== 'other' || this.#stopReason !== undefined;
  }

  /** What a part says: text for people, or only that somebody is there. */
  take(part: TextStreamPart<ToolSet>): { readonly text?: string; readonly token: boolean } {
    switch (part.type) {
      case 'text-delta':
        this.#begins(part.text !== '');
        this.#text += part.text;
        return { text: part.text, token: true };
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'tool-input-start':
      case 'tool-input-delta':
        this.#begins(true);
        return { token: true };
      case 'tool-call':
        this.#begins(true);
        this.#wishes.push({ id: part.toolCallId, name: part.toolName, input: part.input });
        return { token: true };
      case 'finish-step':
        this.#finish = part.finishReason;
        this.#stopReason = part.rawFinishReason;
        this.#usage = usageOf(part.usage, this.hasBegun);
        this.#headers = part.response.headers;
        return { token: false };
      case 'error':
        this.thrown ??= part.error;
        return { token: false };
      default:
        return { token: false };
    }
  }

  utterance(messages: readonly ModelMessage[], failure: Failure | null): Utterance {
    const headroom = headroomOf(this.#headers);
    return {
      text: this.#text,
      wishes: failure === null ? this.#wishes : [],
      finish: this.#finish,
      usage: failure?.refused === true ? nothing : this.#usage,
      messages,
      failure,
      ...(this.#stopReason === undefined ? {} : { stopReason: this.#stopReason }),
      ...(headroom === undefined ? {} : { headroom }),
      ...(this.#firstTokenMs === undefined ? {} : { firstTokenMs: this.#firstTokenMs }),
    };
  }

  #begins(really: boolean): void {
    if (really) this.#firstTokenMs ??= this.#elapsed();
  }
}

const nothing: ModelUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/**
 * The provider's count, with the tokens of a cache beside those of the input. Null where it counted nothing though it
 * wrote, or something that is no count: the worst case is taken then.
 */
export function usageOf(said: LanguageModelUsage, wrote: boolean): ModelUsage | null {
  const { noCacheTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = said.inputTokenDetails;
  const { inputTokens, outputTokens } = said;
  if (inputTokens === undefined || outputTokens === undefined) return null;
  const usage = {
    inputTokens: noCacheTokens ?? inputTokens - cacheReadTokens - cacheWriteTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
  };
  const counts = Object.values(usage);
  const isCount = counts.every((count) => Number.isSafeInteger(count) && count >= 0);
  const read = usage.inputTokens + cacheReadTokens + cacheWriteTokens;
  return isCount && read > 0 && (outputTokens > 0 || !wrote) ? usage : null;
}
