import type { EngineAnswer, EngineRequest, EngineSign, ReasonError } from '@kora/runtime/plugin';
import type { ModelMessage } from 'ai';
import type { Routing } from '../contract.ts';
import { assemble } from '../prompt/assemble.ts';
import type { Prompt } from '../prompt/assemble.ts';
import { fit } from '../prompt/fit.ts';
import { PROMPT_VERSION, template } from '../prompt/templates.ts';
import { roomIn } from '../prompt/tokens.ts';
import type { Utterance } from '../provider/heard.ts';
import type { Words } from '../provider/speak.ts';
import type { Model } from '../engine/settings.ts';
import { candidatesFor } from './candidates.ts';
import type { Thinking } from './respond.ts';
import { callTools } from './tools.ts';
import { forAnother, takeTurn } from './turn.ts';
import type { Turned } from './turn.ts';
import type { Until } from './until.ts';
import { readVerdict } from './verdict.ts';
import type { StatedVerdict } from './verdict.ts';

/** An answer that can be let out. */
interface Whole {
  readonly text: string;
  readonly verdict: StatedVerdict | null;
  readonly model: Model;
  readonly isCut: boolean;
}

/** What became of an escalation, for the record. */
export interface Escalated {
  readonly first: Routing;
  readonly firstText: string;
  /** Of a first answer that was a verdict. */
  readonly confidence: number | undefined;
  readonly second: Routing;
  readonly secondText: string | null;
}

/** One question, thought through: turns of a model and the tools it asks for, until it has an answer or must conclude. */
export class Thought {
  readonly #thinking: Thinking;
  readonly #request: EngineRequest;
  readonly #until: Until;
  readonly #sign: (sign: EngineSign) => void;
  readonly #prompts = new Map<string, Prompt>();
  /** Ids of what was shown to it. */
  readonly #read: Set<string>;
  #messages: ModelMessage[] = [];
  /** Whose turns the messages hold. */
  #speaker: string | null = null;
  #routing: Routing;
  #first: { readonly routing: Routing; readonly whole: Whole } | null = null;
  #said = '';
  #asked: Model | null = null;
  #spentMicroUsd = 0;
  #toolCalls = 0;
  #toolTurns = 0;
  #takenOut = 0;
  #mustConclude = false;
  #isRepeated = false;
  #ids = 0;

  constructor(
    thinking: Thinking,
    asked: { request: EngineRequest; routing: Routing; until: Until; sign: (sign: EngineSign) => void },
  ) {
    this.#thinking = thinking;
    this.#request = asked.request;
    this.#routing = asked.routing;
    this.#until = asked.until;
    this.#sign = asked.sign;
    this.#read = new Set(asked.request.quoted.flatMap(({ evidenceId }) => evidenceId ?? []));
  }

  escalated: Escalated | null = null;

  /** Throws what the runtime throws once the run is over. */
  async answer(): Promise<EngineAnswer> {
    for (;;) {
      const turned = await this.#turn();
      const { utterance, error } = turned;
      if (utterance !== null && utterance.text !== '') this.#said = utterance.text;
      if (utterance === null || error !== null) return this.#broken(error ?? 'engine_unavailable');
      if (utterance.wishes.length > 0) {
        const end = await this.#useTools(utterance);
        if (end !== null) return this.#broken(end);
        continue;
      }
      const end = this.#consider(utterance, turned.model);
      if (end !== null) return end;
    }
  }

  /** What there is when it was given up in the midst. */
  givenUp(error: ReasonError): EngineAnswer {
    return this.#broken(error);
  }

  async #turn(): Promise<Turned> {
    const chosen = this.#modelOf(this.#routing);
    const turned = await takeTurn(this.#thinking.seam, {
      request: this.#request,
      candidates: candidatesFor(chosen, this.#thinking.settings),
      wordsFor: (model) => this.#wordsFor(model),
      until: this.#until,
      sign: this.#sign,
      nextId: () => this.#nextId('m'),
    });
    this.#asked = turned.model;
    this.#spentMicroUsd += turned.costMicroUsd;
    return turned;
  }

  /** Null: go on. */
  async #useTools({ wishes, messages }: Utterance): Promise<ReasonError | null> {
    if (this.#mustConclude) return 'tool_iterations_exceeded';
    const { costMicroUsd: cap, iterations } = this.#request.limits;
    if (cap !== null && this.#spentMicroUsd >= cap) return 'cost_capped';
    const called = await callTools(wishes, {
      request: this.#request,
      callTool: this.#thinking.callTool,
      sign: this.#sign,
      signal: this.#until.signal,
      nextId: () => this.#nextId('t'),
    });
    for (const id of called.evidence) this.#read.add(id);
    this.#toolCalls += wishes.length;
    this.#toolTurns += 1;
    this.#mustConclude = this.#toolTurns >= iterations;
    this.#continueWith([
      ...messages,
      called.message,
      ...(this.#mustConclude ? [asking(template('conclude'))] : []),
    ]);
    return null;
  }

  /** An answer without tool calls: whether it is one, and good enough. Null: go on. */
  #consider(utterance: Utterance, model: Model): EngineAnswer | null {
    const { text, finish } = utterance;
    const verdict = this.#request.verdict ? readVerdict(text) : null;
    const isCut = finish === 'length' || finish === 'content-filter';
    const whole: Whole = { text: verdict?.answer ?? text, verdict, model, isCut };
    if (this.#escalates(whole)) return null;
    if (this.#request.verdict && verdict === null && !isCut) {
      if (this.#isRepeated) return this.#broken('projection_failed');
      this.#isRepeated = true;
      this.#mustConclude = true;
      this.#continueWith([...utterance.messages, asking(template('verdictAgain'))]);
      return null;
    }
    if (text === '') return this.#broken(isCut ? 'server_error' : 'projection_failed');
    if (this.escalated !== null) this.escalated = { ...this.escalated, secondText: whole.text };
    return this.#finished(whole, this.#routing);
  }

  /** Once in a run: a weak answer is set aside, and the question put to the next larger model with all that was read. */
  #escalates(whole: Whole): boolean {
    if (this.#first !== null) return false;
    const { text, verdict } = whole;
    const second = this.#thinking.router.escalate(this.#request, this.#routing, {
      text,
      toolCalls: this.#toolCalls,
      read: this.#read,
      ...(verdict === null ? {} : { claims: verdict.claims, confidence: verdict.confidence }),
    });
    if (second === null) return false;
    this.#first = { routing: this.#routing, whole };
    this.escalated = {
      first: this.#routing,
      firstText: text,
      confidence: verdict?.confidence,
      second,
      secondText: null,
    };
    this.#routing = second;
    this.#sign({ kind: 'waiting', what: `${second.reason}: ${second.model.name} looks again` });
    return true;
  }

  #broken(error: ReasonError): EngineAnswer {
    // An answer that was weak is still one, where the larger model has none.
    if (
      this.#first !== null &&
      this.#first.whole.text !== '' &&
      (!this.#request.verdict || this.#first.whole.verdict !== null)
    )
      return this.#finished(this.#first.whole, this.#routing);
    const text = this.#said;
    return { ...this.#facts(this.#asked), status: text === '' ? 'failed' : 'incomplete', text, error };
  }

  #finished({ text, verdict, model, isCut }: Whole, routing: Routing): EngineAnswer {
    return {
      ...this.#facts(model),
      routing: routing.reason,
      status: isCut ? 'incomplete' : 'answered',
      text,
      ...(verdict === null ? {} : { claims: verdict.claims, confidence: verdict.confidence }),
    };
  }

  #facts(
    model: Model | null,
  ): Pick<EngineAnswer, 'model' | 'tier' | 'routing' | 'promptVersion' | 'dropped'> {
    const dropped = [...(model === null ? [] : this.#promptFor(model).dropped)];
    if (this.#takenOut > 0) dropped.push(`${this.#takenOut} tool results`);
    return {
      ...(model === null ? {} : { model: model.name, tier: model.tier }),
      routing: this.#routing.reason,
      promptVersion: PROMPT_VERSION,
      ...(dropped.length === 0 ? {} : { dropped }),
    };
  }

  #wordsFor(model: Model): Words {
    const { system, messages } = this.#promptFor(model);
    const { tools } = this.#request;
    const since =
      this.#speaker === null || this.#speaker === model.name ? this.#messages : forAnother(this.#messages);
    const fitted = fit([...messages, ...since], [system, ...tools], this.#roomOf(model));
    this.#takenOut = Math.max(this.#takenOut, fitted.dropped);
    const mayCallTools = !this.#mustConclude;
    return { system, messages: fitted.messages, tools, mayCallTools, maxOutputTokens: this.#outputOf(model) };
  }

  #promptFor(model: Model): Prompt {
    const known = this.#prompts.get(model.name);
    if (known !== undefined) return known;
    const prompt = assemble(this.#request, { bytes: this.#roomOf(model), text: this.#routing.text });
    this.#prompts.set(model.name, prompt);
    return prompt;
  }

  #roomOf(model: Model): number {
    return roomIn(model.contextTokens, this.#outputOf(model));
  }

  #outputOf({ maxOutputTokens, contextTokens }: Model): number {
    const { outputTokens } = this.#thinking.seam.calls;
    return Math.min(outputTokens, maxOutputTokens, Math.floor(contextTokens / 2));
  }

  #modelOf({ model }: Routing): Model {
    return (
      this.#thinking.settings.models.find(({ name }) => name === model.name) ?? { ...model, id: model.name }
    );
  }

  #continueWith(messages: readonly ModelMessage[]): void {
    const speaker = this.#asked?.name ?? null;
    // What an earlier model thought is not shown to a later one, not even when the earlier one speaks again.
    if (this.#speaker !== null && this.#speaker !== speaker) this.#messages = forAnother(this.#messages);
    this.#speaker = speaker;
    this.#messages.push(...messages);
  }

  #nextId(kind: 'm' | 't'): string {
    this.#ids += 1;
    return `${kind}${this.#ids}`;
  }
}

function asking(text: string): ModelMessage {
  return { role: 'user', content: text };
}
