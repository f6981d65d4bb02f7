import type { z } from 'zod';
import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { PeriodicTaskSpec, PluginContext, Registration, TicketWork } from '../contract.ts';
import * as arrivals from './arrivals.ts';
import { parsed } from './arrivals.ts';
import { GuestDaemons, remoteDaemon } from './daemon-door.ts';
import { payloadSchema } from './event-schema.ts';
import { GuestRuns } from './engine-door.ts';
import { Hands } from './hands.ts';
import type { Link } from './link.ts';

const defaults = {
  taskMs: 60_000,
  checkMs: 10_000,
  sendMs: 60_000,
  provideMs: 5_000,
  reactMs: 30_000,
  tokenMs: 5_000,
};

interface Call<T> {
  readonly handle: number;
  readonly member: string;
  readonly args: unknown;
  readonly answer: z.ZodType<T>;
  /** Where it is left out, the signal says how long. */
  readonly ms?: number;
  readonly signal?: AbortSignal;
}

interface CallToEnd<T> extends Omit<Call<T>, 'ms' | 'signal'> {
  readonly signal: AbortSignal;
  /** Milliseconds that it may go on after it was given up. */
  readonly lastWordsMs: number;
}

/** Calls the guest's functions back, each under the parent's own deadline, and parses what they answer. */
export class Remote {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #plugin: string;
  /** The tickets that the guest works. */
  readonly hands: Hands = new Hands();
  readonly daemons: GuestDaemons = new GuestDaemons();
  /** The runs that it thinks about. */
  readonly runs: GuestRuns = new GuestRuns();

  constructor(link: Link, clock: Clock, plugin: string) {
    this.#link = link;
    this.#clock = clock;
    this.#plugin = plugin;
  }

  async call<T>({ handle, member, args, answer, ms, signal }: Call<T>): Promise<T> {
    const what = `${member} of plugin ${this.#plugin}`;
    const invoke = (given?: AbortSignal): Promise<unknown> =>
      this.#link.call('invoke', { handle, member, args }, given);
    const limits = ms === undefined ? undefined : { ms, what, ...(signal && { signal }) };
    const value = await (limits ? withDeadline(this.#clock, limits, invoke) : invoke(signal));
    return parsed(answer, value ?? null);
  }

  /** As `call`, for what has last words: given up, it is told so, and what it then answers counts if it comes soon. */
  async callToEnd<T>({ handle, member, args, answer, signal, lastWordsMs }: CallToEnd<T>): Promise<T> {
    const ended = new AbortController();
    const over = Promise.withResolvers<never>();
    const givenUp = (): void => {
      void this.#clock.sleep(lastWordsMs, ended.signal).then((passed) => {
        if (passed) over.reject(signal.reason);
      });
    };
    signal.addEventListener('abort', givenUp, { once: true });
    if (signal.aborted) givenUp();
    try {
      const called = this.#link.callToEnd('invoke', { handle, member, args }, signal);
      called.catch(() => undefined); // heard below, unless its time is over
      return parsed(answer, (await Promise.race([called, over.promise])) ?? null);
    } finally {
      signal.removeEventListener('abort', givenUp);
      ended.abort();
    }
  }

  /** As `call`, for goodbyes: a guest that is gone has nothing left to shut down. */
  async callIfThere(call: Call<unknown>): Promise<void> {
    if (this.#link.open) await this.call(call);
  }
}

export interface Held {
  readonly handle: number;
  readonly registration: Registration;
}

export type Register = (params: unknown) => Promise<Held>;

/** For each kind of registration: the contract's object on our side, whose functions are calls to the guest. */
export function remoteRegistrations(
  context: PluginContext<unknown>,
  remote: Remote,
): Readonly<Record<keyof typeof arrivals.registrations, Register>> {
  const { registrations: shapes } = arrivals;
  return {
    daemon: async (params) => {
      const entry = parsed(shapes.daemon, params);
      const { handle } = entry;
      const tasks = entry.tasks.map((task) => remoteTask(task, remote));
      const registration = await context.registerBackgroundDaemon(remoteDaemon(entry, tasks, remote));
      return { handle, registration };
    },
    task: async (params) => {
      const task = parsed(shapes.task, params);
      return {
        handle: task.handle,
        registration: await context.registerPeriodicTask(remoteTask(task, remote)),
      };
    },
    identity: async (params) => {
      const { handle, name } = parsed(shapes.identity, params);
      const call = { handle, member: 'provide', answer: arrivals.identityAnswer, ms: defaults.provideMs };
      const registration = await context.registerIdentityProvider({
        name,
        provide: (query) => remote.call({ ...call, args: query }),
      });
      return { handle, registration };
    },
    probe: async (params) => {
      const { handle, ...probe } = parsed(shapes.probe, params);
      const call = { handle, member: 'check', args: {}, answer: arrivals.probeSnapshot };
      const ms = probe.timeoutMs ?? defaults.checkMs;
      const registration = await context.registerProbe({
        ...probe,
        check: (signal) => remote.call({ ...call, ms, signal }),
      });
      return { handle, registration };
    },
    channel: async (params) => {
      const { handle, name, listens } = parsed(shapes.channel, params);
      if (listens) throw refuseListening(name);
      const call = { handle, member: 'send', answer: arrivals.receipt, ms: defaults.sendMs };
      const registration = await context.registerChannel({
        name,
        send: (message, signal) => remote.call({ ...call, args: message, signal }),
      });
      return { handle, registration };
    },
    token: async (params) => {
      const { handle, name } = parsed(shapes.token, params);
      const call = { handle, member: 'check', args: {}, answer: arrivals.tokenAnswer, ms: defaults.tokenMs };
      const registration = await context.registerServiceToken({
        name,
        check: (signal) => remote.call({ ...call, signal }),
      });
      return { handle, registration };
    },
    capability: async (params) => {
      const { handle, ...capability } = parsed(shapes.capability, params);
      return { handle, registration: await context.registerCapability(capability) };
    },
    ...reacting(context, remote),
  };
}

/** Its word on who wrote would be taken for the operator's own, and its word on a decision for the operator's. */
function refuseListening(channel: string): Error {
  const why =
    'what a channel hears is believed as the operator wrote it, and only trusted plugins may hand that in';
  return fault('KORA_PLUGIN_REFUSED', `channel ${channel} listens: ${why}`, {
    fix: 'leave listen out of the channel; or, if you trust the plugin with the whole runtime, name it in plugins.trusted',
  });
}

function reacting(
  context: PluginContext<unknown>,
  remote: Remote,
): Readonly<Record<'handler' | 'events' | 'subscription', Register>> {
  const { registrations: shapes } = arrivals;
  return {
    handler: async (params) => {
      const { handle, ...handler } = parsed(shapes.handler, params);
      const call = { handle, member: 'work', answer: arrivals.ticketResult };
      const registration = await context.registerTicketHandler({
        ...handler,
        work: (ticket) =>
          // Its signal is its deadline, which its progress moves.
          remote.hands.hold(ticket, () =>
            remote.call({ ...call, args: ticketData(ticket), signal: ticket.signal }),
          ),
      });
      return { handle, registration };
    },
    events: async (params) => {
      const { handle, types } = parsed(shapes.events, params);
      const registration = await context.registerEventTypes(
        types.map(({ schema, ...type }) => ({ ...type, payload: payloadSchema(type.type, schema) })),
      );
      return { handle, registration };
    },
    subscription: async (params) => {
      const { handle, ...subscription } = parsed(shapes.subscription, params);
      const ms = subscription.deadlineMs ?? defaults.reactMs;
      const call = { handle, member: 'react', answer: arrivals.reaction, ms };
      const registration = await context.subscribe({
        ...subscription,
        react: async (event, signal) =>
          (await remote.call({ ...call, args: event, ...(signal && { signal }) })) ?? undefined,
      });
      return { handle, registration };
    },
  };
}

function remoteTask(task: z.infer<typeof arrivals.registrations.task>, remote: Remote): PeriodicTaskSpec {
  const { handle, ...spec } = task;
  const call = { handle, member: 'run', answer: arrivals.taskOutcome, ms: spec.timeoutMs ?? defaults.taskMs };
  return {
    ...spec,
    run: async ({ signal, scheduledAt }) =>
      (await remote.call({ ...call, args: { scheduledAt }, signal })) ?? 'ok',
  };
}

/** What of a ticket is data; its functions are asked for by name. */
function ticketData(ticket: TicketWork): object {
  const { ticketId, kind, title, objective, payload, attempt, fence, correlationId, trusted } = ticket;
  return { ticketId, kind, title, objective, payload, attempt, fence, correlationId, trusted };
}
