import { KoraError } from '@kora/runtime/plugin';
import type {
  ApprovalStatus,
  ChainEvent,
  NewMessage,
  ReasonAnswer,
  ReasonRequest,
  Receipt,
  TicketHandler,
  TicketResult,
  TicketWork,
  ToolSpec,
} from '@kora/runtime/plugin';
import { registerAgent } from '../agent.ts';
import { agentSchema } from '../config.ts';

/** What one question is answered with; `call` calls one of the agent's tools as a model would. */
export type Thinker = (
  request: ReasonRequest,
  call: (tool: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>,
) => Promise<Said> | Said;

export type Said = Omit<Partial<ReasonAnswer>, 'receipt'> & { readonly receipt?: Partial<Receipt> };

export function receipt(given: Partial<Receipt> = {}): Receipt {
  return {
    calls: 1,
    inputTokens: 100,
    outputTokens: 10,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costMicroUsd: 1_000,
    estimated: false,
    durationMs: 5,
    rung: 'normal',
    wake: 'ticket 14',
    model: 'tiny',
    tier: 'small',
    routing: 'default_small',
    tools: [],
    identityHash: null,
    promptVersion: null,
    phrasebookVersion: null,
    ...given,
  };
}

/** An event of ticket 14. */
export function event(
  seq: number,
  type: string,
  payload: ChainEvent['payload'],
  given: Partial<ChainEvent> = {},
): ChainEvent {
  return {
    seq,
    eventId: `event-${seq}`,
    type,
    schemaVersion: 1,
    actorId: 'kora',
    runtimeId: 'r',
    sessionId: null,
    correlationId: null,
    causationId: null,
    ticketId: 14,
    fence: null,
    occurredAt: '2026-11-22T03:00:00.000000Z',
    hash: 'h',
    payload,
    ...given,
  };
}

export const claimed: ChainEvent = event(
  90,
  'sea_ticket.claimed_for_edit',
  { ticket: 14, fence: 3, attempt: 1 },
  { fence: 3 },
);

export interface Bench {
  readonly asked: readonly ReasonRequest[];
  readonly notes: readonly string[];
  readonly handlers: ReadonlyMap<string, TicketHandler>;
  readonly tools: ReadonlyMap<string, ToolSpec>;
  readonly sleeps: number;
  readonly dispose: () => Promise<void>;
  work(ticket?: Partial<TicketWork>): Promise<TicketResult>;
}

interface BenchOptions {
  readonly config?: unknown;
  readonly events?: readonly ChainEvent[];
  /** What each wait for an approval comes to, one after the other; the last one stays. */
  readonly approvals?: Readonly<Record<number, readonly ApprovalStatus[]>>;
}

/** An agent whose engine is a script, over a chain of these events. */
export async function bench(
  think: Thinker,
  { config = {}, events = [claimed], approvals = {} }: BenchOptions = {},
): Promise<Bench> {
  const asked: ReasonRequest[] = [];
  const notes: string[] = [];
  const handlers = new Map<string, TicketHandler>();
  const tools = new Map<string, ToolSpec>();
  const counted = { sleeps: 0 };
  const waits = new Map<number, number>();
  const hold = <T>(map: Map<string, T>, name: string, thing: T) => {
    if (map.has(name)) throw new KoraError('KORA_INTERNAL', `${name} is taken`);
    map.set(name, thing);
    return Promise.resolve({ dispose: () => Promise.resolve(void map.delete(name)) });
  };
  const agent = await registerAgent(
    {
      clock: {
        now: () => 0,
        sleep: () => {
          counted.sleeps += 1;
          return Promise.resolve(true);
        },
      },
      chain: {
        append: () => Promise.reject(new KoraError('KORA_INTERNAL', 'an agent answers its events')),
        read: ({ type, order, limit = 100 }) => {
          const found = events.filter((each) => type === undefined || each.type === type);
          return Promise.resolve((order === 'desc' ? found.toReversed() : found).slice(0, limit));
        },
      },
      approvals: {
        wait: (approvalId) => {
          const statuses = approvals[approvalId];
          if (statuses === undefined)
            return Promise.reject(new KoraError('KORA_APPROVAL_UNKNOWN', `no approval ${approvalId}`));
          const at = waits.get(approvalId) ?? 0;
          waits.set(approvalId, at + 1);
          return Promise.resolve(statuses[at] ?? statuses.at(-1) ?? 'pending');
        },
      },
      reason: {
        ask: async (request) => {
          asked.push(request);
          const { receipt: taken, ...said } = await think(request, async (name, input) => {
            const { ticketId = null } = request.ticket ?? {};
            const call = {
              runId: 'run',
              callId: 'call',
              route: request.route,
              caller: 'reasoning',
              trusted: true,
            };
            const signal = new AbortController().signal;
            return (await tools.get(name)?.run(input, { ...call, ticketId, signal }))?.content;
          });
          const answer = {
            runId: 'run',
            status: 'answered',
            by: 'engine',
            text: '',
            error: null,
            verdict: null,
          } as const;
          return { ...answer, ...said, receipt: receipt(taken) };
        },
      },
      registerTool: (tool) => hold(tools, tool.name, tool as unknown as ToolSpec),
      registerTicketHandler: (handler) => hold(handlers, handler.kind, handler as unknown as TicketHandler),
    },
    agentSchema.parse(config),
  );
  return {
    asked,
    notes,
    handlers,
    tools,
    get sleeps() {
      return counted.sleeps;
    },
    dispose: () => agent.dispose(),
    work: async (given = {}) => {
      const handler = [...handlers.values()][0];
      if (handler === undefined) throw new KoraError('KORA_INTERNAL', 'the agent handles nothing');
      return handler.work({
        ticketId: 14,
        kind: handler.kind,
        title: 'Rotate the certificate',
        objective: 'It ends on Friday.',
        payload: {},
        attempt: 1,
        fence: 3,
        correlationId: null,
        trusted: true,
        signal: new AbortController().signal,
        progress: () => {},
        note: (text) => Promise.resolve(void notes.push(text)),
        operation: () => Promise.reject(new KoraError('KORA_INTERNAL', 'its tools do that')),
        ...given,
      });
    },
  };
}

/** The question of a message to the operator. */
export function onlyMessage({ messages }: TicketResult): NewMessage | undefined {
  return messages?.length === 1 ? messages[0] : undefined;
}
