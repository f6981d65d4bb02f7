import type { OperationSpec, TicketHandler, TicketResult, TicketWork } from '../contract.ts';
import type { Link } from './link.ts';
import type { Shelf } from './shelf.ts';

/** A ticket as it crosses: what of it is data. */
export type TicketData = Omit<TicketWork, 'signal' | 'progress' | 'note' | 'operation'>;

/** Works a ticket in the guest: its words go to the host, which keeps the ledger, and what it does stays here. */
export async function workHere(
  handler: TicketHandler,
  data: TicketData,
  { link, shelf, signal }: { readonly link: Link; readonly shelf: Shelf; readonly signal: AbortSignal },
): Promise<TicketResult> {
  const payload = handler.payload?.safeParse(data.payload);
  if (payload?.success === false) return misfit(payload.error.message);
  const { ticketId, fence } = data;
  return handler.work({
    ...data,
    payload: payload?.data ?? data.payload,
    signal,
    progress: (report) => link.tell('ticket.progress', { ticketId, fence, report }),
    note: async (text) => void (await link.call('ticket.note', { ticketId, fence, text })),
    operation: (spec, run) => operate({ link, shelf, data }, spec, run),
  });
}

interface Here {
  readonly link: Link;
  readonly shelf: Shelf;
  readonly data: TicketData;
}

/** The host asks for `run` when the ledger says so, and not at all when it has the answer. */
async function operate<Result>(
  { link, shelf, data }: Here,
  spec: OperationSpec,
  run: (key: string, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { ticketId, fence } = data;
  const { inspect, ...words } = spec;
  let thrown: { readonly error: unknown } | undefined;
  const handle = shelf.keep({
    run: async (args, signal) => {
      try {
        return { result: await run((args as { key: string }).key, signal) };
      } catch (error) {
        thrown = { error };
        throw error;
      }
    },
    ...(inspect && { inspect: (args) => inspect((args as { key: string }).key) }),
  });
  try {
    const asked = { ...words, handle, ticketId, fence, inspects: inspect !== undefined };
    return ((await link.call('ticket.operation', asked)) as { readonly result: Result }).result;
  } catch (error) {
    // The handler's own error, not the copy that has been to the host and back.
    throw thrown === undefined ? error : thrown.error;
  } finally {
    shelf.forget(handle);
  }
}

/** The schema lives here, so that what it makes of a payload does too. */
function misfit(why: string): TicketResult {
  return {
    resolution: 'failed_terminal',
    summary: `the payload does not fit its handler: ${why}`,
    failure: { class: 'payload', reason: why },
  };
}
