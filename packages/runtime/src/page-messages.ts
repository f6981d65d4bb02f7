import { z } from 'zod';
import type { ChainEvent } from './chain/index.ts';
import type { House } from './http/index.ts';
import { readMessageLog } from './message/index.ts';
import type { LoggedMessage } from './message/index.ts';
import type { Rooms } from './rooms.ts';

type Log = Awaited<ReturnType<House['page']['messageLog']>>;
type Row = Log['rows'][number];

const refused = 'kora.message.refused';
const deadLetter = 'webhook.dead_letter';
const usualLimit = 50;
/** With a channel asked for, so many of what was refused are looked through. */
const lookedThrough = 500;

/** Where a page ended in each of the three places that it is read from. */
const placeSchema = z.strictObject({ message: z.number(), inbound: z.number(), seq: z.number() });
type Place = z.infer<typeof placeSchema>;

/** What went out, what came in, and what was turned away, newest first. */
export function messageReads({ database, workspace, chain }: Rooms): Pick<House['page'], 'messageLog'> {
  return {
    messageLog: async ({ channel, direction, status, before, limit = usualLimit }) => {
      const place = placeOf(before);
      const isRefused = direction !== 'out' && (status === undefined || status === 'refused');
      const [page, events] = await Promise.all([
        readMessageLog(database, workspace.workspaceId, {
          channel,
          direction,
          status,
          before: place,
          limit,
        }),
        isRefused
          ? chain.newest({
              types: [refused, deadLetter],
              before: place?.seq,
              limit: channel === undefined ? limit + 1 : lookedThrough,
            })
          : [],
      ]);
      const turnedAway = events
        .map(rowOfRefusal)
        .filter((row) => channel === undefined || row.channel === channel);
      const all = [...page.rows.map(rowOfMessage), ...turnedAway].toSorted(
        (one, other) => Date.parse(other.at) - Date.parse(one.at),
      );
      const rows = all.slice(0, limit);
      const isMore = page.isMore || all.length > limit;
      return { rows, next: isMore && rows.length > 0 ? nextOf(rows, place) : null };
    },
  };
}

export function rowOfMessage(row: LoggedMessage): Row {
  return { ...row, seq: null };
}

/** Nothing of what was said is kept of it: only who, where and why. */
export function rowOfRefusal({ seq, occurredAt, type, payload }: ChainEvent): Row {
  const text = (name: string): string | null => {
    const value = payload[name];
    return typeof value === 'string' ? value : null;
  };
  const isWebhook = type === deadLetter;
  const count = Number(payload['count'] ?? 1);
  return {
    key: `refused:${seq}`,
    at: occurredAt,
    direction: 'in',
    channel: (isWebhook ? text('source') : text('channel')) ?? 'unknown',
    status: 'refused',
    title: isWebhook ? 'A webhook that was not taken' : 'A message that was not believed',
    text: text('detail') ?? '',
    who: isWebhook ? text('peer') : text('sender'),
    trusted: false,
    reason: text('reason'),
    attempts: Number.isSafeInteger(count) ? count : 1,
    messageId: null,
    inboundId: null,
    seq,
  };
}

/** Behind the last of each kind; a kind that gave none to this page stays where it was. */
function nextOf(rows: readonly Row[], place: Place | undefined): string {
  const last = (name: 'messageId' | 'inboundId' | 'seq', was: number | undefined): number => {
    const numbers = rows.flatMap((row) => row[name] ?? []);
    return Math.min(was ?? Number.MAX_SAFE_INTEGER, ...numbers);
  };
  const next: Place = {
    message: last('messageId', place?.message),
    inbound: last('inboundId', place?.inbound),
    seq: last('seq', place?.seq),
  };
  return Buffer.from(JSON.stringify(next)).toString('base64url');
}

/** Undefined for what no answer ever named: then the log begins anew. */
function placeOf(before: string | undefined): Place | undefined {
  if (before === undefined) return undefined;
  try {
    return placeSchema.parse(JSON.parse(Buffer.from(before, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}
