import { fault, messageOf } from '../../fault/index.ts';
import { Scope } from '../../scope/index.ts';
import { buildContext } from '../context.ts';
import type { IdentityProvider, IdentitySpec } from '../contract.ts';
import { Contributions } from '../contributions.ts';
import type { Registered } from '../contributions.ts';
import type { Contributes } from '../manifest.ts';
import { reasonOf } from '../reason.ts';
import { ownerOf, standing } from '../residence.ts';
import type { Residence, ResidenceParts } from '../residence.ts';
import type { HouseServices } from '../surface.ts';
import type { Meter } from '../usage.ts';
import { guestMeter } from './guest-meter.ts';
import type { PluginUsage } from '../usage.ts';
import type { GuestSettings } from './settings.ts';
import { Stay } from './stay.ts';

/** What one asking brought: each identity's answer, or what its provider threw. */
type Answers = ReadonlyMap<string, { readonly spec: IdentitySpec | null } | { readonly error: unknown }>;

interface Asking {
  readonly answers: Answers;
  readonly difference: string | undefined;
}

/** Whether a manifest declares identities and nothing else, so that nothing of the plugin has to go on running. */
export function isIdentityOnly(contributes: Contributes | undefined): boolean {
  const kinds = Object.entries(contributes ?? { identities: [] });
  return kinds.every(([kind, names]) => (kind === 'identities') === names.length > 0);
}

/**
 * An untrusted plugin that brings identities alone. Its process is started to be asked, once for each workspace, and
 * ends; the answers stay, and the process is started again for a workspace that was not asked about.
 */
export class AskedOnce implements Residence {
  readonly isolation = 'process' as const;
  readonly #parts: ResidenceParts;
  readonly #settings: GuestSettings;
  readonly #meter: Meter;
  readonly #scope: Scope;
  readonly #contributions = new Contributions();
  readonly #asked = new Map<string, Promise<Asking>>();
  readonly #leaving = new AbortController();
  #pid: number | undefined;

  constructor(parts: ResidenceParts, settings: GuestSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#meter = guestMeter(parts);
    this.#scope = new Scope(`plugin ${parts.row.id}`);
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  get registered(): Registered {
    return this.#contributions.list();
  }

  usage(): PluginUsage {
    return this.#meter.usage();
  }

  erred(): void {
    this.#meter.erred();
  }

  async load(signal: AbortSignal, turn: Promise<void>): Promise<void> {
    const { resident, ports, row, log } = this.#parts;
    if (this.#leaving.signal.aborted) return;
    resident.loading();
    try {
      const { answers, difference } = await this.#ask(ports.workspace, turn, signal);
      await this.#register([...answers.keys()]);
      resident.registered(difference ?? standing(row, this.#contributions), false);
    } catch (error) {
      log.error(`plugin ${row.id} could not be asked`, { error: messageOf(error) });
      await this.#scope.dispose();
      resident.failed('load', reasonOf(error, 'guest_failed'));
    }
  }

  async unload(): Promise<void> {
    this.#leaving.abort();
    await Promise.allSettled(this.#asked.values());
    await this.#scope.dispose();
  }

  async #register(names: readonly string[]): Promise<void> {
    const { ports, row, log } = this.#parts;
    const owner = { ...ownerOf(row), trusted: false };
    const context = buildContext({
      owner,
      workspace: ports.workspace,
      config: undefined,
      log,
      services: ports.services(owner),
      scope: this.#scope,
      contributions: this.#contributions,
    });
    for (const name of names) {
      await context.registerIdentityProvider({
        name,
        provide: (query) => this.#provide(name, query.workspace),
      });
    }
  }

  /** Throws what its provider threw, and KORA_PLUGIN_FAILED when it no longer registers that identity. */
  async #provide(name: string, workspace: string): Promise<IdentitySpec | null> {
    const { answers } = await this.#ask(workspace, Promise.resolve(), this.#leaving.signal);
    const answer = answers.get(name);
    if (answer === undefined)
      throw fault('KORA_PLUGIN_FAILED', `plugin ${this.#parts.row.id} brings no ${name}`);
    if ('spec' in answer) return answer.spec;
    // What failed may be better the next time.
    this.#asked.delete(workspace);
    throw answer.error;
  }

  #ask(workspace: string, turn: Promise<void>, signal: AbortSignal): Promise<Asking> {
    const known = this.#asked.get(workspace);
    if (known !== undefined) return known;
    const asking = this.#stayFor(workspace, turn, AbortSignal.any([signal, this.#leaving.signal]));
    this.#asked.set(workspace, asking);
    asking.catch(() => this.#asked.delete(workspace));
    return asking;
  }

  async #stayFor(workspace: string, turn: Promise<void>, signal: AbortSignal): Promise<Asking> {
    const { ports, row } = this.#parts;
    const answers = new Map<string, { readonly spec: IdentitySpec | null } | { readonly error: unknown }>();
    const services: HouseServices = {
      ...ports.services({ ...ownerOf(row), trusted: false }),
      registerIdentityProvider: async (provider) => {
        if (answers.has(provider.name))
          throw fault('KORA_PLUGIN_INVALID', `identity ${provider.name} is registered twice`);
        answers.set(provider.name, await answerOf(provider, workspace));
        return { dispose: () => Promise.resolve() };
      },
    };
    const stay = await Stay.begin(this.#parts, this.#settings, {
      turn,
      signal,
      meter: this.#meter,
      services,
    });
    this.#pid = stay.pid;
    try {
      return { answers, difference: standing(row, stay.contributions) };
    } finally {
      await stay.end();
      this.#pid = undefined;
    }
  }
}

async function answerOf(
  provider: IdentityProvider,
  workspace: string,
): Promise<{ readonly spec: IdentitySpec | null } | { readonly error: unknown }> {
  try {
    return { spec: await provider.provide({ workspace }) };
  } catch (error) {
    return { error };
  }
}
