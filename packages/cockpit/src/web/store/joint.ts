import type { EventRow, Snapshot } from '@kora/runtime/client';
import { eventsKept } from './model.ts';

/**
 * The sequence after which the stream is read once a snapshot came: its own, or one before it where the snapshot's few
 * events do not reach down to those that the page has. What lies further back than a page keeps stays a marked gap.
 */
export function joint(
  events: readonly EventRow[],
  { seq, events: fresh }: Pick<Snapshot, 'seq' | 'events'>,
): number {
  const first = fresh.at(-1)?.seq ?? seq + 1;
  // Behind each hole one part of the list ends. A stream that was cut while it filled one left it half filled.
  const ends = events.filter((event, index) => (events[index - 1]?.seq ?? first) - 1 > event.seq);
  return ends.findLast((end) => first - end.seq <= eventsKept)?.seq ?? seq;
}
