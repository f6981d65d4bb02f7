import { fault } from '../../fault/index.ts';
import type { PluginContext, Registration } from '../contract.ts';
import * as arrivals from './arrivals.ts';
import { parsed } from './arrivals.ts';
import { artifactMethods } from './artifact-door.ts';
import { daemonMethods, hearDaemon } from './daemon-door.ts';
import { engineMethods, engineRegistration, hearSign } from './engine-door.ts';
import { historyMethods, loopRegistration } from './loop-door.ts';
import { registerMount } from './mount-door.ts';
import type { Register, Remote } from './remote.ts';
import { remoteRegistrations } from './remote.ts';
import { ownMethods } from './own-door.ts';
import { panelRegistration } from './panel-door.ts';
import { reasonMethods } from './reason-door.ts';
import { registerMigrations, storeMethods } from './store-door.ts';
import { hearProgress, ticketMethods } from './ticket-door.ts';
import { toolRegistration } from './tool-door.ts';

/** More would be no plugin but a flood. */
const mostRegistrations = 1_000;
const never = new AbortController().signal;

type Method = (params: unknown, signal: AbortSignal) => Promise<unknown>;

/**
 * What a guest may ask of the house: the plugin context, method by method. Each argument is parsed before it is used;
 * what the context answers is plain data already.
 */
export class Door {
  /** By the guest's handle; undefined while it is being registered. */
  readonly #held = new Map<number, Registration | undefined>();
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #remote: Remote;

  /** `packageFolder`: where the guest's own files lie; without one it serves none. */
  constructor(context: PluginContext<unknown>, remote: Remote, packageFolder?: string) {
    this.#remote = remote;
    this.#methods = new Map([
      ...this.#registering(context, remote, packageFolder),
      ...asking(context),
      ...ticketMethods(remote),
      ...daemonMethods(remote),
      ...ownMethods(context),
      ...storeMethods(context),
      ...artifactMethods(context),
      ...engineMethods(context),
      ...reasonMethods(context),
      ...historyMethods(context),
    ]);
  }

  /** The signal aborts when the guest gives the call up. */
  async serve(method: string, params: unknown, signal: AbortSignal = never): Promise<unknown> {
    const asked = this.#methods.get(method);
    if (asked === undefined) throw fault('KORA_PLUGIN_REFUSED', `the runtime serves no ${method}`);
    return asked(params, signal);
  }

  /** A word that wants no answer. */
  hear(method: string, params: unknown): void {
    if (method === 'ticket.progress') hearProgress(this.#remote, params);
    else if (method === 'engine.sign') hearSign(this.#remote, params);
    else hearDaemon(this.#remote, method, params);
  }

  #registering(context: PluginContext<unknown>, remote: Remote, packageFolder?: string): [string, Method][] {
    const panel = panelRegistration(context, remote);
    const migrations: Register = (params) => registerMigrations(context, params);
    const mount: Register = (params) => registerMount(context, remote, packageFolder, params);
    const tool = toolRegistration(context, remote);
    const engine = engineRegistration(context, remote);
    const loop = loopRegistration(context, remote);
    const own = { panel, mount, migrations, tool, engine, loop };
    const methods = Object.entries({ ...remoteRegistrations(context, remote), ...own }).map(
      ([kind, register]): [string, Method] => [
        `register.${kind}`,
        async (params) => {
          if (this.#held.size >= mostRegistrations) {
            throw fault('KORA_PLUGIN_REFUSED', `a plugin may hold ${mostRegistrations} registrations`);
          }
          const { handle } = parsed(arrivals.disposal, params);
          if (this.#held.has(handle)) throw fault('KORA_PLUGIN_INVALID', `handle ${handle} is held`);
          // Taken from here on: many that come at once count as many.
          this.#held.set(handle, undefined);
          try {
            this.#held.set(handle, (await register(params)).registration);
          } catch (error) {
            this.#held.delete(handle);
            throw error;
          }
        },
      ],
    );
    const dispose: Method = async (params) => {
      const { handle } = parsed(arrivals.disposal, params);
      const registration = this.#held.get(handle);
      this.#held.delete(handle);
      await registration?.dispose();
    };
    return [
      ...methods,
      ['register.gate', refuseGate],
      ['register.fix', refuseFix],
      ['register.kind', refuseKind],
      ['dispose', dispose],
    ];
  }
}

function asking(context: PluginContext<unknown>): [string, Method][] {
  const { chain, tickets, notify, probes } = context;
  return [
    ['chain.append', async (params) => chain.append(parsed(arrivals.eventDraft, params))],
    ['chain.read', async (params) => chain.read(parsed(arrivals.eventQuery, params))],
    ['tickets.add', async (params) => tickets.add(parsed(arrivals.newTicket, params))],
    ['notify.send', async (params) => notify.send(parsed(arrivals.newMessage, params))],
    ['notify.quiet', async () => notify.isQuiet()],
    ['admit', async (params) => context.admit(parsed(arrivals.callRequest, params))],
    [
      'settle',
      async (params) => {
        const { callId, ...cost } = parsed(arrivals.settlement, params);
        await context.settle(callId, cost);
      },
    ],
    [
      'approvals.wait',
      async (params, signal) =>
        context.approvals.wait(parsed(arrivals.approvalWait, params).approvalId, signal),
    ],
    ['probes.list', async () => probes.list()],
    ['probes.incidents', async (params) => probes.incidents(parsed(arrivals.incidentQuery, params))],
    ['probes.history', async (params) => probes.history(parsed(arrivals.historyQuery, params))],
  ];
}

async function refuseGate(): Promise<never> {
  throw fault(
    'KORA_PLUGIN_REFUSED',
    'a boot gate can stop the runtime, and only trusted plugins may do that',
    {
      fix: 'leave registerBootGate out; or, if you trust the plugin with the whole runtime, name it in plugins.trusted',
    },
  );
}

async function refuseFix(): Promise<never> {
  throw fault(
    'KORA_PLUGIN_REFUSED',
    'a fix says by its own code what may be mended, and only trusted plugins may say that',
    {
      fix: 'leave registerFix out; or, if you trust the plugin with the whole runtime, name it in plugins.trusted',
    },
  );
}

async function refuseKind(): Promise<never> {
  throw fault(
    'KORA_PLUGIN_REFUSED',
    'a kind of change says by its own code what may be changed, and only trusted plugins may say that',
    {
      fix: 'leave registerChangeKind out and propose the kinds there are; or, if you trust the plugin with the whole runtime, name it in plugins.trusted',
    },
  );
}
