import { ticketPrioritySchema } from '@kora/runtime/client';
import type { KoraClient, TicketRow } from '@kora/runtime/client';
import type { Context, Run } from '../../context.ts';
import { ticketId } from './find.ts';
import { ticketLines } from './lines.ts';

export const cancel: Run = async (context) =>
  await change(context, async (api, id, reason) => await api.tickets.cancel(id, reason));

export const retry: Run = async (context) =>
  await change(context, async (api, id, reason) => await api.tickets.retry(id, reason));

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

export const unblock: Run = async (context) =>
  await change(context, async (api, id, reason) => await api.tickets.unblock(id, reason));

export const release: Run = async (context) =>
  await change(context, async (api, id, reason) => await api.tickets.release(id, reason));

export const reprioritise: Run = async (context) => {
  const to = ticketPrioritySchema.parse(context.input.needed('to'));
  return await change(context, async (api, id, reason) => await api.tickets.reprioritise(id, to, reason));
};

export const reassign: Run = async (context) => {
  const to = context.input.needed('to');
  return await change(context, async (api, id, reason) => await api.tickets.reassign(id, to, reason));
};

/** What is said is the reason: a note is for whoever reads the ticket, and the chain has it. */
export const note: Run = async (context) => {
  const { input, out } = context;
  const text = input.argument('text');
  const api = await context.client();
  const row = await api.tickets.note(await ticketId(api, context), text);
  out.result(row, () => ticketLines(row, out));
  return 'ok';
};
