import { z } from 'zod';
import { scene } from '../../../admission/testing/scene.ts';
import type { CapabilityPort } from '../../../admission/index.ts';
import type { EventDraft } from '../../../chain/index.ts';
import { FakeClock } from '../../../clock/index.ts';
import type { RunFacts } from '../../ports.ts';
import type { ToolOutcome, ToolSpec } from '../contract.ts';
import { Tools } from '../tools.ts';
import type { ToolsOptions } from '../tools.ts';

/** What the toolbox's matrix declares, and what a call of it without a grant meets. */
export const declared: Readonly<Record<string, 'ask' | 'denied'>> = {
  cap_read_runtime: 'ask',
  cap_message_operator: 'ask',
  cap_ticket_create: 'ask',
  cap_local_shell_exec: 'denied',
  cap_pause_request: 'ask',
  cap_resume_request: 'ask',
  cap_stop_request: 'ask',
};

export interface Toolbox {
  readonly tools: Tools;
  readonly clock: FakeClock;
  readonly door: ReturnType<typeof scene>;
  /** `engine cap_read_runtime`: who has what. */
  readonly grants: Set<string>;
  /** What the door was asked about capabilities. */
  readonly asked: Parameters<CapabilityPort['check']>[0][];
  readonly events: EventDraft[];
  readonly errors: unknown[];
  /** A run of `engine` that was advertised what it may use now. */
  run(part?: Partial<RunFacts>): Promise<RunFacts>;
  call(run: RunFacts, tool: string, input?: object, callId?: string): Promise<ToolOutcome>;
}

/** Tools over a real door whose state and grants a test moves, with a ledger that a test may bring. */
export function toolbox(options: Partial<ToolsOptions> = {}): Toolbox {
  const clock = new FakeClock();
  const grants = new Set<string>();
  const asked: Parameters<CapabilityPort['check']>[0][] = [];
  const events: EventDraft[] = [];
  const errors: unknown[] = [];
  const capabilities: CapabilityPort = {
    check: (request) => {
      asked.push(request);
      if (grants.has(`${request.caller} ${request.capability}`))
        return Promise.resolve({ verdict: 'granted' });
      return Promise.resolve(
        declared[request.capability] === 'ask'
          ? { verdict: 'ask', approvalId: asked.length }
          : { verdict: 'denied', cause: 'capability_denied' },
      );
    },
  };
  const door = scene({ capabilities });
  const tools = new Tools({
    clock,
    admission: door.admission,
    leave: {
      isMapped: (capability) => capability in declared,
      isAsked: (capability) => declared[capability] === 'ask',
      isGranted: (caller, capability) => Promise.resolve(grants.has(`${caller} ${capability}`)),
    },
    operation: (_ticket, { id }, run) => run(`key-of-${id}`),
    record: async (draft) => void events.push(draft),
    scrub: (text) => text.replaceAll('sk-ant-1234567890', '[secret]'),
    onError: (_where, error) => void errors.push(error),
    ...options,
  });
  let calls = 0;
  return {
    tools,
    clock,
    door,
    grants,
    asked,
    events,
    errors,
    run: async (part = {}) => {
      const asker = { route: 'cli', caller: 'engine', ...part } as const;
      const offered = await tools.advertised(asker);
      const { signal } = new AbortController();
      return { runId: 'run-1', ticket: null, identityHash: null, signal, ...asker, tools: offered, ...part };
    },
    call: async (run, tool, input = {}, callId = `c${(calls += 1)}`) =>
      (await tools.call(run, { callId, tool, input })).outcome,
  };
}

/** A tool that reads; what it answers a test may say. */
export function reading(part: Partial<ToolSpec> = {}): ToolSpec {
  return {
    name: 'look',
    description: 'Looks.',
    input: z.object({ at: z.string().default('here') }),
    capability: 'cap_read_runtime',
    sideEffects: 'none',
    run: () => Promise.resolve({ content: 'seen' }),
    ...part,
  };
}

export const house = { id: 'kora', trusted: true } as const;
