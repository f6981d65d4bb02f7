import type {
  EngineContext,
  EngineSpec,
  ModelCallEnd,
  ModelCallStart,
  ReasonAnswer,
  ReasonContext,
  ReasonRequest,
  Registration,
  ToolSpec,
} from '../contract.ts';
import type { HouseServices } from '../surface.ts';

type Hold = <T>(kind: string, held: Map<string, T>, name: string, value: T) => Promise<Registration>;
type ToolAsked = Parameters<EngineContext['callTool']>[0];

/** Whoever thinks, in a house that only remembers: what was registered, asked, begun and ended. */
export class ScriptedThinking {
  readonly tools = new Map<string, ToolSpec>();
  readonly engines = new Map<string, EngineSpec>();
  readonly asked: ReasonRequest[] = [];
  readonly begun: ModelCallStart[] = [];
  readonly ended: ModelCallEnd[] = [];
  readonly called: ToolAsked[] = [];
  /** A test says what is answered. */
  ask: ReasonContext['ask'] = ({ text }) => Promise.resolve(answerOf({ text: `heard: ${text}` }));

  services(hold: Hold): Pick<HouseServices, 'reason' | 'engine' | 'registerEngine' | 'registerTool'> {
    return {
      registerTool: (tool) => hold('tool', this.tools, tool.name, tool as unknown as ToolSpec),
      registerEngine: (engine) => hold('engine', this.engines, engine.name, engine),
      reason: {
        ask: (request, signal) => {
          this.asked.push(request);
          return this.ask(request, signal);
        },
      },
      engine: {
        beginCall: async (start) => {
          this.begun.push(start);
          return { allow: true };
        },
        endCall: async (end) => {
          this.ended.push(end);
          return { costMicroUsd: 7, estimated: end.usage === null };
        },
        callTool: async (call) => {
          this.called.push(call);
          return { status: 'refused', cause: 'capability_denied' };
        },
      },
    };
  }
}

/** A whole answer; a test says what matters to it. */
export function answerOf(given: Partial<ReasonAnswer> = {}): ReasonAnswer {
  return {
    runId: 'run-1',
    status: 'answered',
    by: 'engine',
    text: 'high water at noon',
    error: null,
    verdict: null,
    receipt: {
      calls: 1,
      inputTokens: 900,
      outputTokens: 40,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costMicroUsd: 265,
      estimated: false,
      durationMs: 800,
      rung: 'normal',
      wake: 'plugin tide',
      model: 'oracle-1',
      tier: 'small',
      routing: 'default_small',
      tools: [],
      identityHash: null,
      promptVersion: null,
      phrasebookVersion: null,
    },
    ...given,
  };
}
