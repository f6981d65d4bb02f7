import { z } from 'zod';
import { KoraError } from '../../fault/index.ts';
import type {
  ApprovalStatus,
  EventType,
  PeriodicTaskSpec,
  PluginContext,
  Registration,
} from '../contract.ts';
import type { ReadsAndWrites } from '../surface.ts';
import { artifactsOver } from './guest-artifact.ts';
import { engineOver } from './guest-engine.ts';
import { describeLoop, promotionOver } from './guest-loop.ts';
import { describeMount } from './guest-mount.ts';
import { describePanel } from './guest-panel.ts';
import { reasonOver, registeringThinking } from './guest-reason.ts';
import { migrationsHere, storeOver } from './guest-store.ts';
import { daemonHere, describeDaemon } from './guest-daemon.ts';
import { workHere } from './guest-ticket.ts';
import type { TicketData } from './guest-ticket.ts';
import type { Link } from './link.ts';
import type { Shelf } from './shelf.ts';

export interface GuestFacts {
  readonly id: string;
  readonly workspace: string;
  readonly config: unknown;
  readonly written?: unknown;
  /** Aborts when the plugin goes. */
  readonly signal: AbortSignal;
}

/** The plugin's context inside its own process: every call is a message, every function stays here on the shelf. */
export function guestContext(facts: GuestFacts, link: Link, shelf: Shelf): PluginContext<unknown> {
  const register = async (kind: string, handles: readonly number[], data: object): Promise<Registration> => {
    const [handle] = handles;
    const forget = (): void => handles.forEach((each) => shelf.forget(each));
    try {
      await link.call(`register.${kind}`, { handle, ...data });
    } catch (error) {
      forget();
      throw error;
    }
    return {
      dispose: async () => {
        forget();
        await link.call('dispose', { handle });
      },
    };
  };
  return {
    ...facts,
    written: facts.written ?? {},
    log: logOver(link),
    registerMigrations: async (given) =>
      register('migrations', [shelf.keep({})], await migrationsHere(given)),
    registerBackgroundDaemon: async (entry) => {
      const tasks = (entry.periodicTasks ?? []).map((task) => describeTask(task, shelf));
      const handle = shelf.keep(daemonHere(entry, link));
      return register('daemon', [handle, ...tasks.map((task) => task.handle)], {
        ...describeDaemon(entry),
        tasks,
      });
    },
    registerPeriodicTask: async (task) => {
      const { handle, ...data } = describeTask(task, shelf);
      return register('task', [handle], data);
    },
    registerIdentityProvider: async (provider) => {
      const handle = shelf.keep({ provide: (query) => provider.provide(query as { workspace: string }) });
      return register('identity', [handle], { name: provider.name });
    },
    registerProbe: async (probe) => {
      const { name, kind, target, everyMs, timeoutMs, consecutive, severity, dependsOn, host, scope } = probe;
      const handle = shelf.keep({ check: (_none, signal) => probe.check(signal) });
      const how = { everyMs, timeoutMs, consecutive, severity, scope };
      return register('probe', [handle], { name, kind, target, dependsOn, host, ...how });
    },
    registerChannel: async (channel) => {
      const handle = shelf.keep({
        send: (message, signal) => channel.send(message as Parameters<typeof channel.send>[0], signal),
      });
      return register('channel', [handle], { name: channel.name, listens: channel.listen !== undefined });
    },
    registerTicketHandler: async (handler) => {
      const { kind, concurrency, deadlineMs, prefetch, budgetMicroUsd } = handler;
      const handle = shelf.keep({
        work: (ticket, signal) => workHere(handler, ticket as TicketData, { link, shelf, signal }),
      });
      return register('handler', [handle], { kind, concurrency, deadlineMs, prefetch, budgetMicroUsd });
    },
    registerEventTypes: async (types) =>
      register('events', [shelf.keep({})], { types: types.map(describeEvent) }),
    registerHttpMount: async (mount) => {
      const { functions, data } = describeMount(mount);
      return register('mount', [shelf.keep(functions)], data);
    },
    subscribe: async (subscription) => {
      const { consumer, types, from, deadlineMs, batch } = subscription;
      const handle = shelf.keep({
        react: (event, signal) =>
          subscription.react(event as Parameters<typeof subscription.react>[0], signal),
      });
      return register('subscription', [handle], { consumer, types, from, deadlineMs, batch });
    },
    registerBootGate: () => register('gate', [shelf.keep({})], {}),
    registerFix: () => register('fix', [shelf.keep({})], {}),
    registerChangeKind: () => register('kind', [shelf.keep({})], {}),
    registerServiceToken: async (token) => {
      const handle = shelf.keep({ check: (_none, signal) => token.check(signal) });
      return register('token', [handle], { name: token.name });
    },
    registerCapability: ({ id, title, risk, defaultVerdict }) =>
      register('capability', [shelf.keep({})], { id, title, risk, defaultVerdict }),
    registerCockpitPanel: async (panel) => {
      const { handle, ...words } = describePanel(panel, shelf);
      return register('panel', [handle], words);
    },
    ...readsAndWrites(link),
    ...registeringThinking(link, shelf, register),
    registerLoop: async (loop) => {
      const { handle, ...data } = describeLoop(loop, shelf);
      return register('loop', [handle], data);
    },
  };
}

function readsAndWrites(link: Link): ReadsAndWrites {
  /** The host answers with what its own context answered, so the shape is the contract's. */
  const ask = async <T>(method: string, params: unknown): Promise<T> =>
    (await link.call(method, params)) as T;
  return {
    chain: {
      append: async (draft) => void (await link.call('chain.append', draft)),
      read: (query) => ask('chain.read', query),
    },
    tickets: { add: (ticket) => ask('tickets.add', ticket) },
    notify: {
      send: async (message) => void (await link.call('notify.send', message)),
      isQuiet: () => ask('notify.quiet', {}),
    },
    admit: (request) => ask('admit', request),
    settle: async (callId, { costMicroUsd, usage, model }) =>
      void (await link.call('settle', { callId, costMicroUsd, usage, model })),
    approvals: {
      wait: async (approvalId, signal) => {
        try {
          return (await link.call('approvals.wait', { approvalId }, signal)) as ApprovalStatus;
        } catch (error) {
          if (signal?.aborted === true) return 'pending';
          throw error;
        }
      },
    },
    probes: {
      list: () => ask('probes.list', {}),
      incidents: (query) => ask('probes.incidents', query),
      history: (query) => ask('probes.history', query),
    },
    secret: async (name) => ((await link.call('secret', { name })) as { readonly value?: string }).value,
    identity: { current: () => ask('identity.current', {}) },
    store: storeOver(link),
    artifacts: artifactsOver(link),
    reason: reasonOver(link),
    engine: engineOver(link),
    promotion: promotionOver(link),
    // Refused on the other side, where it is known who is trusted: a token of somebody's is not carried there.
    mcp: {
      caller: notTrusted,
      call: notTrusted,
      turnedAway: notTrusted,
      showServers: notTrusted,
    },
    // Time passes here as it does there; a message per tick would only add its own delay.
    clock: { now: () => Date.now(), sleep: sleepHere },
  };
}

function notTrusted(): Promise<never> {
  const message = 'a plugin in a process of its own is not trusted with the tokens of MCP callers';
  return Promise.reject(new KoraError('KORA_PLUGIN_INVALID', message));
}

function logOver(link: Link): PluginContext<unknown>['log'] {
  return {
    info: (message, fields) => link.tell('log', { level: 'info', message, fields }),
    warn: (message, fields) => link.tell('log', { level: 'warn', message, fields }),
    error: (message, fields) => link.tell('log', { level: 'error', message, fields }),
  };
}

function sleepHere(ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve(false);
    const wake = (elapsed: boolean): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(elapsed);
    };
    const onAbort = (): void => wake(false);
    const timer = setTimeout(() => wake(true), ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function describeTask(task: PeriodicTaskSpec, shelf: Shelf): { readonly handle: number } {
  const { name, cadence, purpose, scope, timeoutMs, jitterMs, overlap, catchUp } = task;
  const handle = shelf.keep({
    run: (args, signal) => task.run({ ...(args as { scheduledAt: string }), signal }),
  });
  const data = { name, cadence, purpose, scope, timeoutMs, jitterMs, overlap, catchUp };
  return { handle, ...data };
}

function describeEvent({ type, version, means, payload }: EventType): object {
  return { type, version, means, schema: z.toJSONSchema(payload, { io: 'input', unrepresentable: 'any' }) };
}
