import { messageOf } from '@kora/runtime/plugin';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { Provider } from '../engine/settings.ts';

/** The list of models: asking for it costs nothing, and it needs the key. */
export async function lookAt(
  provider: Provider,
  key: string | undefined,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const url = `${provider.baseUrl}/models`;
  const asked = `GET ${url}`;
  try {
    const answer = await fetch(url, { headers: headersFor(provider, key), redirect: 'error', signal });
    const { status } = answer;
    // What it lists is not read: left open, its connection would be held.
    await answer.body?.cancel();
    const details = { provider: provider.name, status };
    if (status === 401 || status === 403) {
      const error = `${asked}: ${provider.name} refuses the key (${status})`;
      return { status: 'degraded', category: 'auth', error, details };
    }
    if (status === 429 || status >= 500) {
      const category = status === 429 ? 'capacity' : 'service_unhealthy';
      return { status: 'degraded', category, error: `${asked}: status ${status}`, details };
    }
    // Whatever else: somebody answers, and not every server has this list.
    return { status: 'healthy', details };
  } catch (error) {
    return {
      status: 'degraded',
      category: 'unreachable',
      error: `${asked}: ${reasonOf(error)}`,
      details: { provider: provider.name },
    };
  }
}

function headersFor({ kind, headers }: Provider, key: string | undefined): Record<string, string> {
  const keyed: Record<string, string> =
    key === undefined
      ? {}
      : kind === 'anthropic'
        ? { 'x-api-key': key, 'anthropic-version': '2023-06-01' }
        : { authorization: `Bearer ${key}` };
  return { ...keyed, ...headers };
}

/** What undici wraps says more than its own words. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code ?? messageOf(cause ?? error);
}
