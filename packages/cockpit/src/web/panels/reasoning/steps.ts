import type { ReasonRunDetail } from '@kora/runtime/client';

export type ModelCall = ReasonRunDetail['modelCalls'][number];
export type ToolCall = ReasonRunDetail['toolCalls'][number];

/** A model call with the tools that it asked for. */
export interface Branch {
  /** Null: tools that ran before any model call that is on record. */
  readonly call: ModelCall | null;
  readonly tools: readonly ToolCall[];
}

/** The model calls in their order, each with the tool calls between it and the next one. */
export function treeOf({
  modelCalls,
  toolCalls,
}: Pick<ReasonRunDetail, 'modelCalls' | 'toolCalls'>): readonly Branch[] {
  const calls = [...modelCalls].sort((a, b) => a.ordinal - b.ordinal);
  const starts = calls.map((call) => Date.parse(call.startedAt));
  const tools = [...toolCalls].sort((a, b) => a.ordinal - b.ordinal);
  const of = (tool: ToolCall): number => {
    // The end of a tool call is what is recorded; it began when its model had spoken.
    const began = Date.parse(tool.at) - tool.durationMs;
    return starts.findLastIndex((start) => start <= began);
  };
  const branches = calls.map((call, at) => ({ call, tools: tools.filter((tool) => of(tool) === at) }));
  const early = tools.filter((tool) => of(tool) === -1);
  return early.length === 0 ? branches : [{ call: null, tools: early }, ...branches];
}

/** One bar of the timeline: milliseconds since the run began. */
export interface Span {
  readonly key: string;
  readonly kind: 'model' | 'tool';
  readonly name: string;
  /** Null: nobody said. */
  readonly outcome: string | null;
  readonly startMs: number;
  /** Null while it goes on, or when nobody said how long it took. */
  readonly durationMs: number | null;
  readonly costMicroUsd: number | null;
}

/** Model and tool calls by the time they began, each on the run's own clock. */
export function spansOf(
  run: Pick<ReasonRunDetail, 'modelCalls' | 'toolCalls' | 'startedAt'>,
): readonly Span[] {
  const zero = Date.parse(run.startedAt);
  const models = run.modelCalls.map((call): Span => {
    const startMs = Date.parse(call.startedAt) - zero;
    return {
      key: `model ${call.ordinal}`,
      kind: 'model',
      name: call.model,
      outcome: call.outcome,
      startMs,
      durationMs: call.endedAt === null ? null : Date.parse(call.endedAt) - zero - startMs,
      costMicroUsd: call.costMicroUsd,
    };
  });
  const tools = run.toolCalls.map(
    (tool): Span => ({
      key: `tool ${tool.ordinal}`,
      kind: 'tool',
      name: tool.tool,
      outcome: tool.status,
      startMs: Math.max(0, Date.parse(tool.at) - zero - tool.durationMs),
      durationMs: tool.durationMs,
      costMicroUsd: null,
    }),
  );
  return [...models, ...tools].sort((a, b) => a.startMs - b.startMs);
}

/** What it took so far, by the ordinals of the calls: all up to each. Null from where nobody knows on. */
export function costsOf(calls: readonly ModelCall[]): ReadonlyMap<number, number | null> {
  const totals = new Map<number, number | null>();
  let total: number | null = 0;
  for (const { ordinal, costMicroUsd } of [...calls].sort((a, b) => a.ordinal - b.ordinal)) {
    total = total === null || costMicroUsd === null ? null : total + costMicroUsd;
    totals.set(ordinal, total);
  }
  return totals;
}
