import type { Pass } from '../admission/index.ts';
import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { KoraError, messageOf } from '../fault/index.ts';
import type { Scope } from '../scope/index.ts';
import { parseConfigBlock } from './config-block.ts';
import { buildContext } from './context.ts';
import type { Plugin, PluginLog } from './contract.ts';
import type { Contributions } from './contributions.ts';
import { importModule, pluginOf } from './entry.ts';
import { jsonSchemaOf } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { refusal } from './reason.ts';
import type { PluginReason } from './reason.ts';
import { measuredServices } from './measured-services.ts';
import type { PluginOwner, PluginPorts } from './surface.ts';
import type { Meter } from './usage.ts';

export interface LoadDeadlines {
  /** Milliseconds the entry module may take to import. */
  readonly importMs: number;
  /** Milliseconds `register` may take. */
  readonly registerMs: number;
}

export interface LoadParts {
  readonly owner: PluginOwner;
  /** Absolute path of the entry module. */
  readonly entry: string;
  readonly configBlock: unknown;
  /** Redeemed where the module is imported. */
  readonly leave: Pass<'plugin_load'>;
  readonly ports: PluginPorts;
  readonly clock: Clock;
  readonly log: PluginLog;
  readonly deadlines: LoadDeadlines;
  /** Takes what the plugin registers; disposed by `loadInProcess` itself when it throws. */
  readonly scope: Scope;
  readonly contributions: Contributions;
  /** Told what its configuration has to be, once its module is there. */
  readonly configures: (schema: JsonSchema | undefined) => void;
  /** Counts what its code uses. */
  readonly meter: Meter;
  /** Gives up loading. */
  readonly signal: AbortSignal;
}

/**
 * Loads a trusted plugin into this process: import, checks, configuration, `register`, each under its deadline. All or
 * nothing: a throw or a timeout undoes in reverse what was registered. The error carries its reason.
 */
export async function loadInProcess(parts: LoadParts): Promise<void> {
  const { owner, scope, ports, meter } = parts;
  try {
    const plugin = await importPlugin(parts);
    parts.configures(plugin.config && jsonSchemaOf(plugin.config));
    const config = await parseConfigBlock(owner.id, plugin.config, parts.configBlock);
    const context = buildContext({
      owner,
      workspace: ports.workspace,
      config,
      written: parts.configBlock,
      log: meter.over(parts.log),
      services: measuredServices(ports.services(owner), meter),
      scope,
      contributions: parts.contributions,
    });
    await step(parts, 'register', async () => {
      await meter.call(() => plugin.register(context));
    });
  } catch (error) {
    await scope.dispose().catch((undone: unknown) => {
      parts.log.error('what the plugin had registered could not all be undone', { error: messageOf(undone) });
    });
    throw error;
  }
}

async function importPlugin(parts: LoadParts): Promise<Plugin> {
  const module = await step(parts, 'import', async () => {
    parts.ports.admission.redeem(parts.leave, 'plugin_load');
    return parts.meter.call(() => importModule(parts.entry));
  });
  return pluginOf(module, parts.owner.id);
}

async function step<T>(parts: LoadParts, verb: 'import' | 'register', work: () => Promise<T>): Promise<T> {
  const { owner, clock, deadlines } = parts;
  const ms = verb === 'import' ? deadlines.importMs : deadlines.registerMs;
  try {
    const what = `${verb} of plugin ${owner.id}`;
    return await withDeadline(clock, { ms, what, signal: parts.signal }, work);
  } catch (error) {
    throw refusal(loadReason(verb, error), error);
  }
}

/** How a failed step reads on the row. */
export function loadReason(verb: 'import' | 'register', error: unknown): PluginReason {
  const late = error instanceof KoraError && error.code === 'KORA_TIMEOUT';
  const code = late ? (`${verb}_timeout` as const) : (`${verb}_failed` as const);
  const fix = error instanceof KoraError ? error.fix : undefined;
  const message = late ? messageOf(error) : `${verb} threw: ${messageOf(error)}`;
  return { code, message, ...(fix === undefined ? {} : { fix }) };
}
