import { parsed } from './arrivals.ts';
import * as arrivals from './ticket-arrivals.ts';
import type { Remote } from './remote.ts';

/** What a guest may say of the tickets in its hands. Its functions are called back; the ledger is the house's. */
export function ticketMethods(remote: Remote): [string, (params: unknown) => Promise<unknown>][] {
  return [
    [
      'ticket.note',
      async (params) => {
        const { text, ...named } = parsed(arrivals.ticketNote, params);
        await remote.hands.of(named).note(text);
      },
    ],
    [
      'ticket.operation',
      async (params) => {
        const { handle, ticketId, fence, inspects, ...words } = parsed(arrivals.operation, params);
        const ticket = remote.hands.of({ ticketId, fence });
        const { signal } = ticket;
        const inspect = (key: string) =>
          remote.call({ handle, member: 'inspect', args: { key }, answer: arrivals.operationSeen, signal });
        const spec = { ...words, ...(inspects && { inspect }) };
        const result = await ticket.operation(spec, async (key, given) => {
          const call = { handle, member: 'run', args: { key }, answer: arrivals.operationAnswer };
          return (await remote.call({ ...call, signal: given })).result;
        });
        return { result };
      },
    ],
  ];
}

/** A word that wants no answer: one about a ticket that is not in its hands any more is nothing. */
export function hearProgress(remote: Remote, params: unknown): void {
  const said = arrivals.ticketProgress.safeParse(params);
  if (said.success && remote.hands.has(said.data)) remote.hands.of(said.data).progress(said.data.report);
}
