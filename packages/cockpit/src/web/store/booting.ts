import type { BootReport } from '@kora/runtime/client';
import { staleAfterMs } from './link.ts';
import type { Slice } from './model.ts';

/**
 * The report of a runtime that boots now, heard within the time of a lost link; null where none does. While it boots there
 * is no stream and no heartbeat: that it answers is all that says so.
 */
export function bootingNow({ good, bad }: Slice<BootReport>, now: number): BootReport | null {
  if (good === null || good.data.outcome !== 'running') return null;
  const isHeard = now - good.receivedAt < staleAfterMs && (bad === null || bad.order < good.order);
  return isHeard ? good.data : null;
}
