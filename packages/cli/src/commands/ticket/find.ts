import type { KoraClient } from '@kora/runtime/client';
import type { Context } from '../../context.ts';
import { pick } from '../../pick.ts';

/** How many tickets are looked through when one is named by its title or key. */
const searched = 500;

/** A number is an id; anything else is looked for among keys and the beginnings of titles. */
export async function ticketId(api: KoraClient, { input }: Context): Promise<number> {
  const wanted = input.argument('ticket');
  const number = /^#?([1-9]\d{0,14})$/.exec(wanted)?.[1];
  if (number !== undefined) return Number(number);
  const row = pick(await api.tickets.list({ limit: searched }), wanted, {
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
