import { expect, onTestFinished } from 'vitest';
import { hold, scene } from '../../admission/testing/scene.ts';
import type { EventDraft } from '../../chain/index.ts';
import { FakeClock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import { budgetPort, Spend } from '../../spend/index.ts';
import type { StateInputs } from '../../state/index.ts';
import type { Database } from '../../store/index.ts';
import type {
  EngineAnswer,
  EngineContext,
  EngineRequest,
  EngineSign,
  EngineSpec,
  ModelUsage,
  ReasonRequest,
} from '../contract.ts';
import { Reason } from '../index.ts';
import type { RunFacts, ToolRequest } from '../index.ts';

/** A dollar for a million tokens in, ten for a million out: a token in is a micro-dollar. */
export const price = { input: 1_000_000, output: 10_000_000, cacheRead: 100_000, cacheWrite: 1_250_000 };

const model = { provider: 'scripted', contextTokens: 100_000, maxOutputTokens: 1_000, price };
export const models = [
  { ...model, name: 'little', tier: 'small' },
  { ...model, name: 'large', tier: 'large' },
] as const;

export const usage = (inputTokens: number, outputTokens = 0): ModelUsage => ({
  inputTokens,
  outputTokens,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
});

type Respond = (
  request: EngineRequest,
  hands: Hands,
  signal: AbortSignal,
  sign: (sign: EngineSign) => void,
) => Promise<EngineAnswer>;

/** What a scripted engine does with a run. */
export interface Hands extends EngineContext {
  /** A call from leave to settlement; false when there was no leave. */
  think(
    callId: string,
    counted?: ModelUsage | null,
    options?: { model?: string; most?: number },
  ): Promise<boolean>;
}

export interface ReasonBench {
  readonly reason: Reason;
  readonly spend: Spend;
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: FakeClock;
  readonly staged: EventDraft[];
  readonly errors: { readonly where: string; readonly error: unknown }[];
  readonly refusals: readonly { readonly cause: string }[];
  /** Claims held here, as `ticket/fence`. */
  readonly claims: Set<string>;
  readonly toolCalls: (ToolRequest & { readonly runId: string })[];
  move(inputs: Partial<StateInputs>): void;
  /** Brings an engine; what it does with each run is the test's. */
  engine(respond: Respond, spec?: Partial<EngineSpec>): () => void;
  ask(request?: Partial<ReasonRequest>, signal?: AbortSignal): ReturnType<Reason['ask']>;
  /** What the journal says was spent, in micro-dollars. */
  spent(): Promise<number>;
}

export { hold };

let workspaces = 1_000;

export interface BenchOptions {
  readonly poolMicroUsd?: number;
  readonly workspaceId?: number;
  readonly runtimeId?: string;
  readonly chosenEngine?: string;
}

/** Thinking in a workspace of its own, with the real journal, the real door and a state that the test moves. */
export async function reasonBench(database: Database, options: BenchOptions = {}): Promise<ReasonBench> {
  const { poolMicroUsd = 1_000_000_000, workspaceId = (workspaces += 1), chosenEngine } = options;
  const clock = new FakeClock(new Date().toISOString());
  const staged: EventDraft[] = [];
  const errors: { where: string; error: unknown }[] = [];
  const claims = new Set<string>();
  const onError = (where: string, error: unknown): void => void errors.push({ where, error });
  const stage: ConstructorParameters<typeof Spend>[0]['stage'] = (tx, drafts) => {
    tx.afterCommit(() => staged.push(...drafts));
    return Promise.resolve();
  };
  const nothing = (): Promise<void> => Promise.resolve();
  const spend = new Spend({
    database,
    workspaceId,
    caller: 'runtime:test',
    stage,
    hold: {
      place: nothing,
      lift: nothing,
      inHand: () => Promise.resolve(false),
      ended: nothing,
      afford: nothing,
    },
    clock,
    onError,
  });
  await spend.open(poolMicroUsd);
  const holdsClaim = ({ ticketId, fence }: { ticketId: number; fence: number }): boolean =>
    claims.has(`${ticketId}/${fence}`);
  const door = scene({ holdsClaim, budget: budgetPort(spend), onError });
  const reason = new Reason({
    database,
    workspaceId,
    runtimeId: options.runtimeId ?? clock.uuid(),
    clock,
    admission: door.admission,
    spend,
    stage,
    sayable: (text) => text.length,
    scrub: (text) => text.replaceAll('hunter2-hunter2', '[secret]').replaceAll('\u0000', '\uFFFD'),
    primaryState: () => 'ready',
    identity: () =>
      Promise.resolve({
        name: 'kora',
        pluginName: 'kora',
        hash: 'a'.repeat(64),
        soulMd: '# Kora',
        systemPrompt: 'You are Kora.',
        metadata: { agentName: 'Kora', agentVersion: '1', pluginName: 'kora' },
      }),
    holdsClaim,
    ticketOf: () => Promise.resolve({ downshift: 'frontier_only', trusted: true, correlationId: 'story 1' }),
    chosenEngine,
    onError,
  });
  onTestFinished(async () => {
    const closed = reason.close();
    await clock.advance(5_000);
    await closed;
  });
  const toolCalls: ReasonBench['toolCalls'] = [];
  reason.ports.tools = scriptedTools(toolCalls);
  return {
    reason,
    spend,
    database,
    workspaceId,
    clock,
    staged,
    errors,
    claims,
    toolCalls,
    refusals: door.refusals,
    move: door.move,
    engine: (respond, spec = {}) => {
      const context = reason.engineOf('thinker');
      return reason.engines.register(
        {
          name: 'scripted',
          models,
          respond: (request, signal, sign) => respond(request, handsFor(request, context), signal, sign),
          ...spec,
        },
        { id: 'thinker', trusted: true },
      );
    },
    ask: (request = {}, signal) =>
      reason.ask(
        { route: 'cli', text: 'How is the shop?', ...request },
        { id: 'operator', trusted: true },
        signal,
      ),
    spent: async () => (await spend.read())?.spentMicroUsd ?? expect.unreachable('no pool'),
  };
}

function handsFor({ runId }: EngineRequest, context: EngineContext): Hands {
  return {
    ...context,
    think: async (callId, counted = usage(100, 10), { model: name = 'little', most = 100 } = {}) => {
      const start = { runId, callId, model: name, inputTokens: 1_000, maxOutputTokens: most };
      const leave = await context.beginCall({ ...start, request: { messages: [callId] } });
      if (!leave.allow) return false;
      await context.endCall({ runId, callId, outcome: 'ok', usage: counted, response: { text: callId } });
      return true;
    },
  };
}

/** One tool that reads: each name it is asked about is evidence. */
function scriptedTools(made: ReasonBench['toolCalls']): Reason['ports']['tools'] {
  const view = {
    name: 'look',
    description: 'looks',
    inputSchema: { type: 'object' },
    parallel: true,
    sideEffects: 'none',
  } as const;
  return {
    advertised: () => Promise.resolve([view]),
    call: (run: RunFacts, request) => {
      made.push({ ...request, runId: run.runId });
      const what = String((request.input as { readonly of?: unknown }).of);
      if (what === 'fire') return Promise.reject(fault('KORA_INTERNAL', 'hunter2-hunter2 burnt'));
      const evidence = [{ id: `probe:${what}`, what: `${what} is well` }];
      const outcome = {
        status: 'ok',
        text: `${what} is well`,
        truncated: false,
        evidence,
        durationMs: 1,
      } as const;
      return Promise.resolve({ outcome, recorded: request.input });
    },
  };
}

export const answered = (text = 'All is well.', more: Partial<EngineAnswer> = {}): EngineAnswer => ({
  status: 'answered',
  text,
  ...more,
});
