import type { KoraClient, TicketDetail, TicketRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { refusal } from '../fault.ts';
import type { Input } from '../input.ts';
import type { Console } from '../output/console.ts';
import { plain, tint } from '../output/style.ts';
import { ago } from '../output/time.ts';
import { pick } from '../pick.ts';

const priorities = ['frontier', 'high', 'normal', 'low'] as const;
/** How many tickets are looked through when one is named by its title or key. */
const searched = 500;

export const add: Run = async ({ client, input, out }) => {
  const ticket = newTicket(input);
  const added = await (await client()).addTicket(ticket);
  out.result(added, () => ticketLines(added, out));
  return 'ok';
};

export const list: Run = async ({ client, input, out }) => {
  const status = input.text('status');
  const query = { limit: input.whole('limit', 1) ?? 50, ...(status === undefined ? {} : { status }) };
  const rows = await (await client()).tickets(query);
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'id', of: (row) => String(row.ticketId), right: true },
        { title: 'status', of: (row) => row.status, paint: (text) => tint(out.style, text) },
        { title: 'priority', of: (row) => row.priority + (row.critical ? '!' : '') },
        { title: 'kind', of: (row) => row.kind, flexible: true },
        { title: 'tries', of: (row) => String(row.attempts), right: true },
        { title: 'age', of: (row) => ago(row.createdAt, out.now) },
        { title: 'title', of: (row) => row.title, flexible: true },
      ],
      'no tickets',
    ),
  );
  return 'ok';
};

export const show: Run = async (context) => {
  const { out } = context;
  const api = await context.client();
  const ticket = await api.ticket(await ticketId(api, context));
  out.result(ticket, () => [...ticketLines(ticket, out), ...outcomeLines(ticket, out)]);
  return 'ok';
};

export const cancel: Run = async (context) =>
  await change(context, async (api, id, reason) => await api.cancelTicket(id, reason));

export const retry: Run = async (context) =>
  await change(context, async (api, id, reason) => await api.retryTicket(id, reason));

async function change(
  context: Context,
  act: (api: KoraClient, id: number, reason: string) => Promise<TicketRow>,
): Promise<'ok'> {
  const { input, out } = context;
  const reason = input.needed('reason');
  const api = await context.client();
  const row = await act(api, await ticketId(api, context), reason);
  out.result(row, () => ticketLines(row, out));
  return 'ok';
}

/** A number is an id; anything else is looked for among keys and the beginnings of titles. */
async function ticketId(api: KoraClient, { input }: Context): Promise<number> {
  const wanted = input.argument('ticket');
  const number = /^#?([1-9]\d{0,14})$/.exec(wanted)?.[1];
  if (number !== undefined) return Number(number);
  const row = pick(await api.tickets({ limit: searched }), wanted, {
    noun: 'ticket',
    code: 'KORA_TICKET_UNKNOWN',
    list: 'kora ticket list',
    names: ({ ticketId: id, idempotencyKey, title }) => [
      String(id),
      ...(idempotencyKey === null ? [] : [idempotencyKey]),
      title,
    ],
  });
  return row.ticketId;
}

function newTicket(input: Input): Parameters<KoraClient['addTicket']>[0] {
  const given = {
    kind: input.text('kind'),
    objective: input.text('objective'),
    priority: input.choice('priority', priorities),
    payload: payloadOf(input.text('payload')),
    idempotencyKey: input.text('key'),
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { title: input.needed('title'), critical: input.on('critical'), ...Object.fromEntries(known) };
}

function payloadOf(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  const fix = `--payload '{"service":"checkout"}'`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refusal('KORA_TICKET_INVALID', `--payload is not JSON: ${why}`, fix);
  }
  if (!isRecord(value)) throw refusal('KORA_TICKET_INVALID', '--payload takes a JSON object', fix);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ticketLines(row: TicketRow, out: Console): readonly string[] {
  const { style, now } = out;
  const why = row.statusReason === null ? '' : `: ${plain(row.statusReason)}`;
  const waiting = row.notRunnableReason === null ? [] : [['waiting', plain(row.notRunnableReason)] as const];
  const objective = row.objective === '' ? [] : [['objective', plain(row.objective)] as const];
  const payload =
    Object.keys(row.payload).length === 0 ? [] : [['payload', JSON.stringify(row.payload)] as const];
  return [
    `${style.strong(`ticket ${row.ticketId}`)}  ${plain(row.title)}`,
    ...out.facts([
      ['status', `${tint(style, row.status)}${why}`],
      ...waiting,
      ['kind', `${row.kind}, ${row.priority}${row.critical ? ', critical' : ''}`],
      ...objective,
      ...payload,
      ['origin', `${plain(row.origin)}${row.trusted ? '' : ' (untrusted)'}`],
      ['created', ago(row.createdAt, now)],
      ...when('claimed', row.claimedAt, now),
      ...when('eligible', row.nextEligibleAt, now),
      ...when('resolved', row.resolvedAt, now),
      ['attempts', `${row.attempts}, ${row.failures} failed, fence ${row.fence}`],
      ...(row.summary === null ? [] : [['summary', plain(row.summary)] as const]),
      ...(row.result === null ? [] : [['result', plain(JSON.stringify(row.result))] as const]),
    ]),
  ];
}

function when(name: string, at: string | null, now: number): (readonly [string, string])[] {
  return at === null ? [] : [[name, ago(at, now)]];
}

function outcomeLines(ticket: TicketDetail, out: Console): readonly string[] {
  if (ticket.outcomes.length === 0) return [];
  const rows = out.table(
    ticket.outcomes,
    [
      { title: 'fence', of: (row) => String(row.fence), right: true },
      { title: 'outcome', of: (row) => row.resolution, paint: (text) => tint(out.style, text) },
      { title: 'when', of: (row) => ago(row.at, out.now) },
      { title: 'summary', of: (row) => row.summary, flexible: true },
    ],
    '',
  );
  return ['', ...rows];
}
