import { messageOf } from '@kora/runtime/plugin';
import type {
  BackgroundDaemonEntry,
  CoordinatorView,
  EngineSpec,
  PluginContext,
  ReasonRoute,
  Registration,
} from '@kora/runtime/plugin';
import type { ReasoningConfig } from '../config.ts';
import { decide, respond } from '../loop/respond.ts';
import type { Thinking } from '../loop/respond.ts';
import { Health } from './health.ts';
import { keysOf } from './keys.ts';
import { providerProbe } from './provider-probe.ts';
import { settingsOf } from './settings.ts';
import type { Settings } from './settings.ts';
import type { Router } from '../contract.ts';

export type EngineHost = Pick<
  PluginContext<unknown>,
  'chain' | 'clock' | 'engine' | 'log' | 'registerEngine' | 'registerProbe' | 'secret'
>;

export interface EngineParts {
  readonly config: ReasoningConfig;
  /** Asked for each question: what was learned since the last one has its say. */
  readonly routerFor: (settings: Settings, route: ReasonRoute) => Router;
  /** Registers what works only while somebody thinks. */
  readonly beside: () => Promise<Registration>;
}

/** How often an engine without a provider looks whether it was given a key. */
const lookAgainMs = 60_000;

/**
 * The daemon `reasoning_engine`. It thinks while there is a model that it may call, and is up without one: nobody asked for
 * it then. A provider that is away is no reason not to start; a configuration that contradicts itself is.
 */
export function reasoningEngine(host: EngineHost, parts: EngineParts): BackgroundDaemonEntry {
  let held: Registration[] = [];
  let waiting: Promise<void> = Promise.resolve();
  let over = new AbortController();
  const shutdown = async (): Promise<void> => {
    over.abort();
    await waiting;
    const back = held.toReversed();
    held = [];
    for (const registration of back) await registration.dispose();
  };
  const startup = async (coordinator: CoordinatorView): Promise<void> => {
    over = new AbortController();
    if (await begin()) return;
    host.log.info('nobody thinks here: no provider of models is configured', {
      fix: 'say KORA_PLUGIN_REASONING_ANTHROPIC_API_KEY, or name providers in plugins.config.reasoning',
    });
    waiting = lookAgain(coordinator);
  };

  async function begin(): Promise<boolean> {
    const settings = settingsOf(parts.config, await keysOf(host));
    if (settings.models.length === 0) return false;
    const health = new Health(() => host.clock.now());
    const used = new Set(settings.models.map(({ provider }) => provider));
    for (const [name, provider] of settings.providers)
      if (used.has(name)) held.push(await host.registerProbe(providerProbe(host, provider, health)));
    held.push(await host.registerEngine(engineSpec(host, parts, settings, health)));
    try {
      held.push(await parts.beside());
    } catch (error) {
      // Somebody else works these tickets, say: questions are answered all the same.
      host.log.error('tickets are not worked by thinking', { error: messageOf(error) });
    }
    const models = settings.models.map(({ name, tier }) => `${name} (${tier})`);
    host.log.info('the reasoning engine has models', { models });
    return true;
  }

  async function lookAgain({ signal, died }: CoordinatorView): Promise<void> {
    try {
      const ending = AbortSignal.any([signal, over.signal]);
      while (await host.clock.sleep(lookAgainMs, ending)) if (await begin()) return;
    } catch (error) {
      died(error);
    }
  }

  return { name: 'reasoning_engine', fatalOnStartupFailure: true, startup, shutdown };
}

function engineSpec(
  host: EngineHost,
  { config, routerFor }: EngineParts,
  settings: Settings,
  health: Health,
): EngineSpec {
  const thinking: Omit<Thinking, 'router'> = {
    settings,
    seam: { host, providers: settings.providers, calls: config.calls, health },
    callTool: (call) => host.engine.callTool(call),
    append: (draft) => host.chain.append(draft),
    log: host.log,
  };
  return {
    name: 'reasoning',
    models: settings.models.map(({ name, provider, tier, contextTokens, maxOutputTokens, price }) => {
      const most = Math.min(maxOutputTokens, config.calls.outputTokens);
      return { name, provider, tier, contextTokens, maxOutputTokens: most, price };
    }),
    respond: (request, signal, sign) => {
      const router = routerFor(settings, request.route);
      return respond({ ...thinking, router }, request, signal, sign);
    },
    decide: (request) => Promise.resolve(decide({ router: routerFor(settings, request.route) }, request)),
  };
}
