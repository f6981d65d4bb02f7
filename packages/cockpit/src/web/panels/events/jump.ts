import { eventSchema } from '@kora/runtime/client';
import { z } from 'zod';
import { readList } from '../../api/read.ts';

const listSchema = z.array(eventSchema);

/** When the first event at or after a sequence occurred; null where there is none. */
export type Look = (seq: number) => Promise<{ readonly seq: number; readonly at: number } | null>;

/** The first event at or after a time, found by halving: some twenty looks for a million events. Null: none is so late. */
export async function seqAt(time: number, head: number, look: Look): Promise<number | null> {
  let low = 1;
  let high = head;
  let found: number | null = null;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const seen = await look(middle);
    if (seen === null || seen.at >= time) {
      if (seen !== null) found = seen.seq;
      high = middle - 1;
    } else low = seen.seq + 1;
  }
  return found;
}

/** Asks the runtime. */
export const lookAtChain: Look = async (seq) => {
  const answer = await readList(`/api/chain-events?order=asc&limit=1&after=${seq - 1}`, listSchema);
  const [event] = answer.ok ? answer.data : [];
  return event === undefined ? null : { seq: event.seq, at: Date.parse(event.occurredAt) };
};

/** What was typed to jump to: a sequence (`48219`, `#48219`), or a time as it is written here or in ISO 8601. */
export function jumpOf(
  text: string,
  now: number,
): { readonly seq: number } | { readonly time: number } | null {
  const typed = text.trim();
  const seq = /^#?(\d{1,15})$/.exec(typed)?.[1];
  if (seq !== undefined) return { seq: Number(seq) };
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(typed);
  if (clock !== null) return { time: todayAt(now, clock) };
  const time = Date.parse(typed);
  return Number.isNaN(time) ? null : { time };
}

/** A time of the day in the reader's zone: today's, or yesterday's where today's is still to come. */
function todayAt(now: number, [, hours, minutes, seconds = '0']: RegExpExecArray): number {
  const at = new Date(now);
  at.setHours(Number(hours), Number(minutes), Number(seconds), 0);
  if (at.getTime() > now) at.setDate(at.getDate() - 1);
  return at.getTime();
}
