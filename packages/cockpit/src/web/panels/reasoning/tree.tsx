import type { ReasonRunDetail } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { count, duration } from '../../kit/format.ts';
import { Mark } from '../../kit/mark.tsx';
import { microDollars } from '../../kit/money.ts';
import { Clock, Code, For } from '../../kit/text.tsx';
import { Json } from './json.tsx';
import { callLook } from './run-parts.tsx';
import { costsOf, type ModelCall, type ToolCall, treeOf } from './steps.ts';

/** The run as it branched: each model call, and beneath it the tools that it asked for. */
export function Tree({ run }: { readonly run: ReasonRunDetail }): ReactNode {
  const branches = treeOf(run);
  const totals = costsOf(run.modelCalls);
  return (
    <ol className="divide-y divide-line">
      {branches.map(({ call, tools }) => (
        <li key={call?.callId ?? 'before'} className="space-y-2 px-3 py-2">
          {call === null ? null : <ModelRow call={call} total={totals.get(call.ordinal) ?? null} />}
          {tools.length === 0 ? null : (
            <ol className="space-y-2 border-l-2 border-line pl-4">
              {tools.map((tool) => (
                <li key={tool.ordinal}>
                  <ToolRow tool={tool} />
                </li>
              ))}
            </ol>
          )}
        </li>
      ))}
    </ol>
  );
}

function ModelRow({ call, total }: { readonly call: ModelCall; readonly total: number | null }): ReactNode {
  const { usage } = call;
  return (
    <div
      className={failedEdge(call.outcome !== null && call.outcome !== 'ok' && call.outcome !== 'answered')}
    >
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 tabular-nums">
        <span className="text-dim">call {call.ordinal}</span>
        <Code className="font-semibold">{call.model}</Code>
        {call.endedAt === null && call.outcome === null ? (
          <For since={call.startedAt} className="text-active" />
        ) : (
          <Mark look={callLook(call.outcome)} />
        )}
        <span title="of this call / of all up to it">
          {call.estimated === true ? '≈ ' : ''}
          {microDollars(call.costMicroUsd)} / {microDollars(total)}
        </span>
        <span className="text-dim">
          {usage === null
            ? 'tokens unknown'
            : `${count(usage.inputTokens)} in, ${count(usage.outputTokens)} out, ${count(usage.cacheReadTokens)} cached`}
        </span>
        <span className="text-dim">first word after {duration(call.firstTokenMs)}</span>
        {call.stopReason === null ? null : <Code className="text-dim">{call.stopReason}</Code>}
      </p>
      {call.outcome === null ? (
        <p className="text-xs text-dim">
          Nobody has said how it ended; {microDollars(call.reservedMicroUsd)} stay reserved.
        </p>
      ) : null}
      <div className="flex flex-wrap gap-x-6 gap-y-1">
        <Json name="Request" value={call.request} />
        <Json name="Response" value={call.response} />
      </div>
    </div>
  );
}

function ToolRow({ tool }: { readonly tool: ToolCall }): ReactNode {
  return (
    <div className={failedEdge(tool.status !== 'ok')}>
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 tabular-nums">
        <Code className="font-semibold">{tool.tool}</Code>
        <Mark look={callLook(tool.status)} />
        <span className="text-dim">{duration(tool.durationMs)}</span>
        <Clock at={tool.at} className="text-dim" />
      </p>
      <div className="flex flex-wrap gap-x-6 gap-y-1">
        <Json name="Arguments" value={tool.input} />
        <Json name="What it said" value={tool.outcome} />
      </div>
    </div>
  );
}

/** What went wrong keeps its place and gets an edge. */
function failedEdge(failed: boolean): string {
  return `space-y-1 ${failed ? 'border-l-4 border-stopped pl-3' : ''}`;
}
