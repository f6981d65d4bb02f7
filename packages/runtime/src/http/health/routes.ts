import { healthRollupSchema } from './contract.ts';
import type { Reader, RoutesOptions } from '../routing.ts';

export function healthReads(read: Reader, { house }: RoutesOptions): void {
  read('/health-rollup', { data: healthRollupSchema }, () => house().healthRollup());
}
