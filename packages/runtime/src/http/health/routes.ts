import type { Reader, RoutesOptions } from '../routing.ts';

export function healthReads(read: Reader, { house }: RoutesOptions): void {
  read('/health-rollup', () => house().healthRollup());
}
