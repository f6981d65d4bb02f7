import { z } from 'zod';
import type { Chain } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { HistoryPage, PastEvent } from '../contract.ts';
import type { HistoryWindow, PageQuery } from '../ports.ts';
import { isIn } from './held-out.ts';
import { cursorOf, readPage, readPlace } from './page.ts';

export interface EventsQuery extends PageQuery {
  readonly types: readonly string[];
  readonly splitBy?: string | undefined;
}

const asked = z.object({
  types: z.array(z.string().max(200)).min(1).max(50),
  splitBy: z.string().max(100).optional(),
});

/** Events of exactly these types that happened in the window, in the order of the log. What was redacted or is damaged is left out. */
export async function pastEvents(
  chain: Pick<Chain, 'readPast'>,
  window: HistoryWindow,
  { types, splitBy, ...page }: EventsQuery,
): Promise<HistoryPage<PastEvent>> {
  const read = asked.safeParse({ types, splitBy });
  if (!read.success) throw fault('KORA_REQUEST_INVALID', `a page of events: ${z.prettifyError(read.error)}`);
  const { after, limit } = readPage(page);
  const place = after === undefined ? undefined : readPlace(after, z.tuple([z.number().int().min(0)]))[0];
  const { since, until, part } = window;
  const events = await chain.readPast({ types: read.data.types, since, until, after: place, limit });
  const last = events.length < limit ? undefined : events.at(-1);
  return {
    rows: events
      .filter(({ redacted, damaged }) => redacted === undefined && damaged === undefined)
      .map(({ seq, type, occurredAt, payload }) => ({ seq, type, at: occurredAt, payload }))
      .filter((event) => isIn(part, idOf(event, read.data.splitBy))),
    next: last === undefined ? null : cursorOf([last.seq]),
  };
}

/** By what it is told whether an event is held out: a field of it, where it has that, else its number. */
function idOf({ seq, payload }: PastEvent, splitBy: string | undefined): string {
  const value = splitBy === undefined ? undefined : payload[splitBy];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : `event ${seq}`;
}
