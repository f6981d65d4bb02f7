import { fault, ToolHouse } from '@kora/runtime/testkit';
import type { FakeClock, RunFacts, ToolsOptions } from '@kora/runtime/testkit';
import type {
  EventDraft,
  ReasonRoute,
  Registration,
  ToolOutcome,
  ToolSpec,
  ToolView,
} from '@kora/runtime/plugin';
import type { ToolCallOptions } from '../contract.ts';
import type { Calls } from './calls.ts';
import type { TicketLedger } from './ticket-work.ts';

export interface ToolsPorts {
  readonly plugin: string;
  readonly trusted: boolean;
  readonly clock: FakeClock;
  readonly calls: Calls;
  record(draft: EventDraft): void;
  /** What is done in a ticket's name. Throws KORA_TICKET_STALE_FENCE. */
  ledgerOf(ticket: { readonly ticketId: number; readonly fence: number }): TicketLedger;
  onError(error: unknown): void;
}

/** What the house adds to the question is who asks. */
type ToolQuestion = Parameters<Calls['admitTool']>[0] & { readonly caller: string };

/** One run, as its tools meet it. */
export type RunWords = Pick<RunFacts, 'runId' | 'route' | 'ticket' | 'signal'> & {
  readonly untrusted?: boolean;
  readonly identityHash?: string | null;
};

/** The plugin's tools, called as a model calls them: the runtime's own checks, bounds and words, over a door in memory. */
export class Tools {
  readonly #ports: ToolsPorts;
  readonly #tools: ToolHouse;
  readonly #named = new Map<string, RunFacts>();
  #count = 0;

  constructor(ports: ToolsPorts) {
    this.#ports = ports;
    this.#tools = new ToolHouse(optionsOver(ports));
  }

  register(spec: ToolSpec): Registration {
    const { plugin, trusted } = this.#ports;
    const undo = this.#tools.registry.register(spec, { id: plugin, trusted });
    return {
      dispose: () => {
        undo();
        return Promise.resolve();
      },
    };
  }

  list(): readonly ToolSpec[] {
    return this.#tools.registry.list().map(({ spec }) => spec);
  }

  get(name: string): ToolSpec | undefined {
    return this.#tools.registry.get(name)?.spec;
  }

  /** What a model would be shown on this route. */
  advertised(route: ReasonRoute, untrusted = false): Promise<readonly ToolView[]> {
    return this.#tools.advertised({ route, caller: this.#ports.plugin, untrusted });
  }

  /** A run, whose calls know of each other. */
  async run(words: RunWords): Promise<RunFacts> {
    const { untrusted = false, identityHash = null, ...facts } = words;
    const tools = await this.advertised(facts.route, untrusted);
    return { ...facts, caller: this.#ports.plugin, tools, untrusted, identityHash };
  }

  /** Calls one as a model does: in a run of its own, or in the one that is named. */
  async callOne(
    name: string,
    input: unknown,
    { route = 'cli', run: named, ticket, signal }: ToolCallOptions,
    end: AbortSignal,
  ): Promise<ToolOutcome> {
    const known = named === undefined ? undefined : this.#named.get(named);
    const until = signal === undefined ? end : AbortSignal.any([signal, end]);
    const runId = named ?? this.#ports.clock.uuid();
    const run = known ?? (await this.run({ runId, route, ticket: ticket ?? null, signal: until }));
    if (named !== undefined) this.#named.set(named, run);
    this.#count += 1;
    return this.call(run, `call-${this.#count}`, name, input);
  }

  async call(run: RunFacts, callId: string, tool: string, input: unknown): Promise<ToolOutcome> {
    return (await this.#tools.call(run, { callId, tool, input })).outcome;
  }
}

function optionsOver(ports: ToolsPorts): ToolsOptions {
  const { plugin, clock, calls } = ports;
  const admission = {
    admit: async (_door: string, { caller: _plugin, ...asked }: ToolQuestion) => {
      const answer = calls.admitTool(asked);
      return answer.allow ? { allow: true, pass: {} } : answer;
    },
    redeem: (_pass: unknown, _door: string) => undefined,
  };
  return {
    clock,
    // A door in memory: its pass is any object, and it is open until the end of the call.
    admission: admission as unknown as ToolsOptions['admission'],
    leave: {
      isMapped: (capability) => calls.isMapped(capability),
      isAsked: (capability) => calls.isAsked(capability),
      isGranted: async (caller, capability) => caller === plugin && calls.isGranted(capability),
    },
    operation: async (ticket, spec, run, signal) => ports.ledgerOf(ticket).perform(spec, run, signal),
    scrub: (text) => text,
    record: async (draft) => ports.record(draft),
    onError: (where, error) => ports.onError(fault('KORA_INTERNAL', where, { cause: error })),
  };
}
