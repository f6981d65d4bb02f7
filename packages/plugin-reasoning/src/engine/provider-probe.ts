import type { PluginContext, ProbeSnapshot, ProbeSpec } from '@kora/runtime/plugin';
import { lookAt } from '../provider/look.ts';
import type { Health } from './health.ts';
import type { Provider } from './settings.ts';

const everyMs = 300_000;
const timeoutMs = 10_000;

/**
 * Says whether a provider can be asked: by the calls that were made since the last look, and only where there were none by
 * asking it for its list of models. Away or without its key it is degraded, and good again by itself.
 */
export function providerProbe(
  { secret, clock }: Pick<PluginContext<unknown>, 'secret' | 'clock'>,
  provider: Provider,
  health: Health,
): ProbeSpec {
  const { name } = provider;
  const look = async (signal: AbortSignal): Promise<ProbeSnapshot> => {
    const { answeredAt, failing } = health.of(name);
    const now = clock.now();
    if (failing === null && answeredAt !== null && now - answeredAt < everyMs)
      return {
        status: 'healthy',
        details: { provider: name, answeredAt: new Date(answeredAt).toISOString() },
      };
    const key = await secret(provider.secret);
    if (key === undefined && provider.keyNeeded) {
      const error = `provider ${name} has no key: ${provider.secret} is not said`;
      return { status: 'degraded', category: 'auth', error, details: { provider: name } };
    }
    return lookAt(provider, key, signal);
  };
  return {
    name: `model_${name.toLowerCase().replaceAll(/[^a-z0-9_.-]/g, '_')}`.slice(0, 64),
    kind: 'model',
    target: provider.baseUrl,
    everyMs,
    timeoutMs,
    severity: 'warning',
    check: look,
  };
}
