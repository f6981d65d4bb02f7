import type { ChainCalls } from '../chain/client.ts';
import { healthRollupSchema } from './contract.ts';

/** The part of the typed API that is about health. */
export function healthClient({ read }: Pick<ChainCalls, 'read'>) {
  return { healthRollup: () => read('/api/health-rollup', healthRollupSchema) };
}
