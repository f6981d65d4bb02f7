import type { PluginContext } from '../contract.ts';
import { parsed } from './arrivals.ts';
import { reasonRequest } from './reason-arrivals.ts';

/** What a guest may ask whoever thinks here; given up over there, it is given up here. */
export function reasonMethods({
  reason,
}: Pick<PluginContext<unknown>, 'reason'>): [
  string,
  (params: unknown, signal: AbortSignal) => Promise<unknown>,
][] {
  return [['reason.ask', async (params, signal) => reason.ask(parsed(reasonRequest, params), signal)]];
}
