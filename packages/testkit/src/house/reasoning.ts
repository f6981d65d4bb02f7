import { fault, handedOver, outcomeOf, reasonRequest, withDeadline } from '@kora/runtime/testkit';
import type { FakeClock, RunEnd } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import type {
  EngineAnswer,
  EngineContext,
  EngineRequest,
  EngineSpec,
  ReasonAnswer,
  ReasonRequest,
  Registration,
  ResolvedIdentity,
  ToolOutcome,
  Turn,
} from '@kora/runtime/plugin';
import type { MadeRun, ModelScript, ScriptedAnswer } from '../contract.ts';
import type { Calls } from './calls.ts';
import type { Diary } from './diary.ts';
import { becauseOf, gone, ModelCalls } from './model-calls.ts';
import { Named } from './named.ts';
import { Run } from './run.ts';
import type { Said } from './run.ts';
import type { Tools } from './tools.ts';
import { words } from './words.ts';

export interface ReasoningPorts {
  readonly plugin: string;
  readonly clock: FakeClock;
  readonly diary: Diary;
  readonly calls: Calls;
  readonly tools: Tools;
  /** Takes the place of whoever thinks. */
  readonly script: ModelScript | undefined;
  identity(): Promise<ResolvedIdentity>;
  /** Hears what the plugin's code threw. */
  onError(error: unknown): void;
}

interface Talk {
  readonly turns: Turn[];
  readonly read: Set<string>;
}

const never = new AbortController().signal;
const scripted = 'scripted';

/** Whoever thinks, in memory: the test's script, else the plugin's own engine, else nobody. */
export class Reasoning {
  readonly engines: Named<EngineSpec> = new Named('engine', 'KORA_PLUGIN_INVALID');
  readonly made: MadeRun[] = [];
  readonly #ports: ReasoningPorts;
  readonly #runs = new Map<string, Run>();
  readonly #modelCalls: ModelCalls;
  readonly #keys = new Map<string, Promise<ReasonAnswer>>();
  readonly #talks = new Map<string, Talk>();

  constructor(ports: ReasoningPorts) {
    this.#ports = ports;
    this.#modelCalls = new ModelCalls(ports.calls, this.#runs);
  }

  register(engine: EngineSpec): Registration {
    if (!/^[a-z][a-z0-9_-]*$/.test(engine.name))
      throw fault('KORA_PLUGIN_INVALID', `"${engine.name}" is not the name of an engine`);
    this.#modelCalls.offer(engine.models);
    return this.engines.hold(engine.name, engine);
  }

  /** A key that was asked before is answered as it was. Throws KORA_PLUGIN_INVALID for what is no question. */
  ask(given: unknown, signal: AbortSignal = never, wake = this.#ports.plugin): Promise<ReasonAnswer> {
    const request = handedOver.parsed(reasonRequest, given);
    const { key } = request;
    const known = key === undefined ? undefined : this.#keys.get(key);
    if (known !== undefined) return known;
    const answer = this.#think(request, signal, wake);
    if (key !== undefined) this.#keys.set(key, answer);
    return answer;
  }

  /** What an engine works with; of a run that is over nothing is known any more. */
  readonly context: EngineContext = {
    beginCall: async (start) => this.#modelCalls.begin(start),
    endCall: async (end) => this.#modelCalls.end(end),
    callTool: async ({ runId, callId, tool, input }) => {
      const run = this.#runs.get(runId);
      if (run === undefined) throw gone(runId);
      return this.#callTool(run, callId, tool, input);
    },
  };

  async #think(request: ReasonRequest, signal: AbortSignal, wake: string): Promise<ReasonAnswer> {
    const { clock, diary, tools } = this.#ports;
    const runId = clock.uuid();
    const talk = this.#talkOf(request);
    const over = new AbortController();
    const { route, ticket = null, quoted = [] } = request;
    const identity = await this.#ports.identity();
    const untrusted = quoted.length > 0;
    const facts = await tools.run({
      runId,
      route,
      ticket,
      untrusted,
      signal: AbortSignal.any([signal, over.signal]),
    });
    const begunAt = clock.now();
    const run = new Run({
      runId,
      request,
      identity,
      facts,
      turns: talk.turns,
      readBefore: talk.read,
      begunAt,
    });
    this.#runs.set(runId, run);
    try {
      const said = await this.#said(run);
      const by = said.status === 'answered' || said.status === 'incomplete' ? 'engine' : 'nobody';
      const answer = run.answer(said, by, wake, clock.now());
      this.#remember(talk, run, answer);
      this.made.push({ request, answer });
      diary.tell(
        'decision',
        `asked (${route}) ${words(request.text)}: ${answer.status}${answer.error === null ? '' : ` (${answer.error})`}`,
      );
      return answer;
    } finally {
      this.#runs.delete(runId);
      over.abort();
    }
  }

  async #said(run: Run): Promise<Said> {
    const { clock, onError } = this.#ports;
    const { signal } = run.facts;
    const thinks = this.#thinker();
    if (thinks === undefined) return { status: 'refused', text: '', error: 'unconfigured' };
    let answer: EngineAnswer | undefined;
    let end: RunEnd | undefined;
    try {
      signal.throwIfAborted();
      const limit = { ms: run.limits.deadlineMs, what: `the answer to ${run.runId}`, signal };
      answer = await withDeadline(clock, limit, (until) => thinks(run, until));
    } catch (error) {
      const why = messageOf(error);
      if (signal.aborted) end = { error: 'cancelled', why };
      else if (codeOf(error) === 'KORA_TIMEOUT') end = { error: 'timeout', why };
      else onError(error);
    }
    const { refused, said, calls } = run;
    const outcome = outcomeOf({ answer, end, refused, calls: calls.size, said, isUnreadable: false });
    return { ...answer, ...outcome };
  }

  #thinker(): ((run: Run, signal: AbortSignal) => Promise<EngineAnswer>) | undefined {
    const { script } = this.#ports;
    if (script !== undefined) return (run, signal) => this.#byScript(run, script, signal);
    const [engine] = this.engines.list();
    return engine && ((run, signal) => this.#byEngine(run, engine, signal));
  }

  async #byScript(run: Run, script: ModelScript, signal: AbortSignal): Promise<EngineAnswer> {
    const { calls } = this.#ports;
    const callId = `${run.runId}:1`;
    const { route } = run.request;
    const leave = calls.admit({ door: 'model_call', callId, route, estimateMicroUsd: 0 });
    if (!leave.allow) {
      run.refused = becauseOf(leave);
      return { status: 'failed', text: '' };
    }
    const call = { model: scripted, reservedMicroUsd: 0, settled: undefined };
    run.calls.set(callId, call);
    let asked = 0;
    const given = await script(run.request, {
      tools: run.facts.tools,
      signal,
      callTool: (tool, input = {}) => {
        asked += 1;
        return this.#callTool(run, `tool-${asked}`, tool, input);
      },
    });
    const answer: ScriptedAnswer = typeof given === 'string' ? { text: given } : given;
    const { costMicroUsd = 0, inputTokens = 0, outputTokens = 0, ...said } = answer;
    const usage = { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
    run.calls.set(callId, { ...call, settled: { usage, costMicroUsd, estimated: false } });
    calls.settle(callId, costMicroUsd);
    return { status: said.error === undefined ? 'answered' : 'failed', text: '', model: scripted, ...said };
  }

  async #byEngine(run: Run, engine: EngineSpec, signal: AbortSignal): Promise<EngineAnswer> {
    const { request, facts, limits, identity, turns, runId } = run;
    const { route, text, quoted = [], verdict = false, critical = false, ticket } = request;
    const asked: EngineRequest = {
      runId,
      route,
      text,
      turns,
      quoted,
      tools: facts.tools,
      identity,
      snapshot: null,
      primaryState: 'ready',
      rung: 'normal',
      highestTier: 'large',
      ticket: ticket === undefined ? null : { ...ticket, downshift: 'frontier_only' },
      verdict,
      critical,
      limits,
    };
    return engine.respond(asked, signal, (sign) => {
      if (sign.kind === 'text') run.said += sign.delta;
      else this.#ports.diary.tell('decision', `${engine.name}: ${sign.kind} ${sign.what}`);
    });
  }

  async #callTool(run: Run, callId: string, tool: string, input: unknown): Promise<ToolOutcome> {
    const outcome = await this.#ports.tools.call(run.facts, callId, tool, input);
    run.toolCalled(tool, outcome);
    return outcome;
  }

  #talkOf({ conversation }: ReasonRequest): Talk {
    if (conversation === undefined) return { turns: [], read: new Set() };
    const name = JSON.stringify([conversation.channel, conversation.thread]);
    const talk = this.#talks.get(name) ?? { turns: [], read: new Set<string>() };
    this.#talks.set(name, talk);
    return talk;
  }

  #remember(talk: Talk, run: Run, { status, text }: ReasonAnswer): void {
    const at = new Date(this.#ports.clock.now()).toISOString();
    talk.turns.push({ direction: 'inbound', text: run.request.text, at });
    if (status === 'answered' || status === 'incomplete')
      talk.turns.push({ direction: 'outbound', text, at });
    for (const id of run.read) talk.read.add(id);
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
}
