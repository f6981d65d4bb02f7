import type { EngineContext, EngineRequest, EngineSign, ToolOutcome } from '@kora/runtime/plugin';
import type { ToolModelMessage } from 'ai';
import { template } from '../prompt/templates.ts';
import type { ToolWish } from '../provider/heard.ts';

interface Hands {
  readonly request: Pick<EngineRequest, 'runId' | 'tools'>;
  readonly callTool: EngineContext['callTool'];
  readonly sign: (sign: EngineSign) => void;
  readonly signal: AbortSignal;
  /** The next call's id, unique in the run. */
  readonly nextId: () => string;
}

export interface ToolsCalled {
  readonly message: ToolModelMessage;
  /** Ids of what was read. */
  readonly evidence: readonly string[];
}

/**
 * Calls what the model asked for, in its order: neighbours that may run beside each other do, all others one by one.
 * Whether a call is allowed, fits and is new is the runtime's to say; what it says goes back to the model.
 */
export async function callTools(wishes: readonly ToolWish[], hands: Hands): Promise<ToolsCalled> {
  const parallel = new Set(hands.request.tools.filter((tool) => tool.parallel).map(({ name }) => name));
  const outcomes: ToolOutcome[] = [];
  for (const group of grouped(wishes, parallel)) {
    hands.signal.throwIfAborted();
    outcomes.push(...(await Promise.all(group.map((wish) => callOne(wish, hands)))));
  }
  return {
    message: {
      role: 'tool',
      content: wishes.map(({ id, name }, at) => ({
        type: 'tool-result',
        toolCallId: id,
        toolName: name,
        output: outputOf(outcomes[at]),
      })),
    },
    evidence: outcomes.flatMap((outcome) =>
      outcome.status === 'ok' ? outcome.evidence.map(({ id }) => id) : [],
    ),
  };
}

async function callOne({ name, input }: ToolWish, hands: Hands): Promise<ToolOutcome> {
  hands.sign({ kind: 'tool_call', what: name });
  return hands.callTool({ runId: hands.request.runId, callId: hands.nextId(), tool: name, input });
}

/** What a model reads of an outcome. */
function outputOf(outcome: ToolOutcome | undefined): { type: 'text' | 'error-text'; value: string } {
  if (outcome === undefined) return { type: 'error-text', value: 'nothing came back' };
  switch (outcome.status) {
    case 'ok': {
      const { text, evidence } = outcome;
      // Only their ids: what each says is in the words of whoever wrote it, and stands in the text, where it is delimited.
      const ids = evidence.map(({ id }) => id).join(' ');
      const cited = ids === '' ? '' : `\n[${template('evidence')}: ${ids}]`;
      return { type: 'text', value: `${text}${cited}` };
    }
    case 'refused':
      return {
        type: 'error-text',
        value:
          outcome.cause === 'approval_pending'
            ? `Not yet: the operator is asked${outcome.approvalId === undefined ? '' : ` (approval ${outcome.approvalId})`}. Go on without it.`
            : `Refused: ${outcome.cause}.`,
      };
    case 'not_advertised':
    case 'invalid_input':
    case 'repeated':
    case 'failed':
    case 'timed_out':
      return { type: 'error-text', value: outcome.text };
  }
}

function grouped(wishes: readonly ToolWish[], parallel: ReadonlySet<string>): ToolWish[][] {
  const groups: ToolWish[][] = [];
  let isOpen = false;
  for (const wish of wishes) {
    const beside = parallel.has(wish.name);
    const last = groups.at(-1);
    if (beside && isOpen && last !== undefined) last.push(wish);
    else groups.push([wish]);
    isOpen = beside;
  }
  return groups;
}
