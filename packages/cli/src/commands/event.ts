import type { EventRow, KoraClient, VerifyResult } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { usage } from '../fault.ts';
import { follow } from '../follow.ts';
import { whole } from '../input.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import { cut } from '../output/table.ts';
import { ago, clock } from '../output/time.ts';
import { untilInterrupted } from '../patience.ts';

/** A long chain is read whole. */
const verifyTimeoutMs = 30 * 60_000;
const shownFirst = 20;
/** With less room than this on its line a payload is left out. */
const leastPayload = 12;

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

export const show: Run = async ({ client, input, out }) => {
  const typed = input.argument('seq');
  const seq = whole(typed.replace(/^#/, ''), 1);
  if (seq === undefined)
    throw usage(`an event is named by its sequence, not ${JSON.stringify(typed)}`, 'kora event tail');
  const event = await (await client()).event(seq);
  out.result(event, () => eventFacts(event, out));
  return 'ok';
};

export const verify: Run = async ({ client, input, out }) => {
  const from = input.whole('from', 1);
  const found = await (await client(verifyTimeoutMs)).verify(from === undefined ? {} : { from });
  out.result(found, () => verifyLines(found, out));
  return found.ok ? 'ok' : 'findings';
};

export const consumers: Run = async ({ client, out }) => {
  const rows = await (await client()).consumers();
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'consumer', of: (row) => row.consumer },
        { title: 'cursor', of: (row) => String(row.cursor), right: true },
        { title: 'lag', of: (row) => String(row.lag), right: true },
        { title: 'parked', of: (row) => String(row.parked), right: true },
        { title: 'types', of: (row) => row.types.join(', '), flexible: true },
        { title: 'last error', of: (row) => row.lastError ?? '', flexible: true },
      ],
      'nobody subscribes',
    ),
  );
  return 'ok';
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

function eventLine(event: EventRow, { style, width }: Console): string {
  const about = event.ticketId === null ? '' : ` ticket=${event.ticketId}`;
  const [when, seq, type] = [clock(event.occurredAt), `#${event.seq}`, plain(event.type)];
  const payload = plain(JSON.stringify(event.payload));
  const room = (width ?? Infinity) - `${when} ${seq} ${type}${about} `.length;
  const shown = room < leastPayload ? '' : ` ${style.dim(cut(payload, room))}`;
  return `${style.dim(`${when} ${seq}`)} ${style.strong(type)}${about}${shown}`;
}

function eventFacts(event: EventRow, out: Console): readonly string[] {
  const links = [
    ['ticket', event.ticketId === null ? null : `${event.ticketId}, fence ${event.fence ?? 'none'}`],
    ['correlation', event.correlationId],
    ['caused by', event.causationId],
    ['session', event.sessionId],
  ] as const;
  return [
    `${out.style.strong(`event ${event.seq}`)}  ${plain(event.type)} v${event.schemaVersion}`,
    ...out.facts([
      ['when', `${event.occurredAt}  (${ago(event.occurredAt, out.now)})`],
      ['id', event.eventId],
      ['actor', plain(event.actorId)],
      ['runtime', plain(event.runtimeId)],
      ...links.flatMap(([name, value]) => (value === null ? [] : [[name, plain(value)] as const])),
      ['hash', event.hash],
    ]),
    '',
    ...JSON.stringify(event.payload, null, 2).split('\n').map(plainKeepingIndent),
  ];
}

function plainKeepingIndent(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return indent + plain(line);
}

function verifyLines(found: VerifyResult, { style }: Console): readonly string[] {
  const head = `head #${found.head.seq} ${found.head.hash}`;
  if (found.ok) return [`${style.good('ok')}  ${found.checked} events checked`, style.dim(head)];
  const at = found.firstBadSeq === undefined ? '' : ` at #${found.firstBadSeq}`;
  const detail = found.detail === undefined ? [] : [plain(found.detail)];
  return [
    `${style.bad(found.problem ?? 'broken')}${at}  after ${found.checked} events checked`,
    ...detail,
    style.dim(head),
  ];
}
