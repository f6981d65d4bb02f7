import type { EventRow, KoraClient } from '@kora/runtime/client';
import type { Context, Run } from '../../context.ts';
import { follow, newPosition } from '../../follow.ts';
import { untilInterrupted } from '../../patience.ts';
import { eventLine } from './lines.ts';

const shownFirst = 20;

export const tail: Run = async (context) => {
  const { client, input, out } = context;
  const type = input.text('type');
  const limit = input.whole('limit') ?? shownFirst;
  const newest = limit === 0 ? [] : await newestEvents(await client(), limit, type);
  if (!input.on('follow')) {
    out.result(newest, () =>
      newest.length === 0 ? [out.style.dim('no events')] : newest.map((event) => eventLine(event, out)),
    );
    return 'ok';
  }
  for (const event of newest) out.item(event, () => [eventLine(event, out)]);
  const after = newest.at(-1)?.seq ?? (await headSeq(await client()));
  return await followEvents(context, after, type);
};

async function followEvents(
  context: Context,
  after: number,
  type: string | undefined,
): Promise<'ok' | 'interrupted'> {
  const { eventSchema } = await import('@kora/runtime/client');
  const until = untilInterrupted(context);
  let last = after;
  try {
    const options = { after, signal: until.signal, ...(type === undefined ? {} : { type }) };
    for await (const frame of follow(context, options)) {
      if (frame.event === 'resync') last = newPosition(frame) ?? last;
      const event = eventSchema.safeParse(parsed(frame.data));
      // Heartbeats and notices share the stream; after a reconnect an event may come twice.
      if (!event.success || event.data.seq <= last || !hasType(event.data, type)) continue;
      last = event.data.seq;
      context.out.item(event.data, () => [eventLine(event.data, context.out)]);
    }
  } finally {
    until.release();
  }
  return until.interrupted() ? 'interrupted' : 'ok';
}

async function newestEvents(api: KoraClient, limit: number, type: string | undefined): Promise<EventRow[]> {
  const rows = await api.events({ limit, order: 'desc', ...(type === undefined ? {} : { type }) });
  return rows.toSorted((one, other) => one.seq - other.seq);
}

async function headSeq(api: KoraClient): Promise<number> {
  return (await api.events({ limit: 1, order: 'desc' }))[0]?.seq ?? 0;
}

function hasType(event: EventRow, type: string | undefined): boolean {
  return (
    type === undefined || event.type === type || event.type.startsWith(type.endsWith('.') ? type : `${type}.`)
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not an event then; the schema refuses it.
    return undefined;
  }
}
