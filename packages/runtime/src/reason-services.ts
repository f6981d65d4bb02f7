import type { HouseServices, PluginOwner } from './plugin/index.ts';
import type { Reason } from './reason/index.ts';
import type { TicketWorker } from './ticket/index.ts';

export interface ReasonRooms {
  readonly reason: Pick<Reason, 'ask' | 'engines' | 'engineOf'>;
  readonly worker: Pick<TicketWorker, 'claimOf'>;
}

/**
 * What one plugin may ask of whoever thinks, and as whoever thinks. Keys are its own, and so are the conversations of an
 * untrusted one; a ticket counts only where the plugin works it.
 */
export function reasonServices(
  { reason, worker }: ReasonRooms,
  owner: PluginOwner,
  handles: (kind: string) => boolean,
): Pick<HouseServices, 'reason' | 'engine' | 'registerEngine'> {
  const { id, trusted } = owner;
  return {
    reason: {
      ask: (request, signal) => {
        const { key, conversation, ticket, ...rest } = request;
        return reason.ask(
          {
            ...rest,
            ...(key === undefined ? {} : { key: `${id}:${key}` }),
            ...(conversation === undefined
              ? {}
              : {
                  conversation: trusted
                    ? conversation
                    : { ...conversation, channel: `plugin:${id}:${conversation.channel}` },
                }),
            ...(ticket === undefined
              ? {}
              : { ticket: worksIt(worker, handles, ticket) ? ticket : nobodys(ticket) }),
            ...(trusted ? {} : { critical: false }),
          },
          { id, trusted },
          signal,
        );
      },
    },
    engine: reason.engineOf(id),
    registerEngine: (engine) =>
      Promise.resolve().then(() => {
        const undo = reason.engines.register(engine, { id, trusted });
        return { dispose: () => Promise.resolve(undo()) };
      }),
  };
}

type Named = { readonly ticketId: number; readonly fence: number };

function worksIt(
  worker: Pick<TicketWorker, 'claimOf'>,
  handles: (kind: string) => boolean,
  { ticketId, fence }: Named,
): boolean {
  const claim = worker.claimOf(ticketId);
  return claim !== undefined && claim.fence === fence && handles(claim.kind);
}

/** A claim that nobody holds: what is asked in its name is refused with the word for that. */
function nobodys({ ticketId }: Named): Named {
  return { ticketId, fence: Number.MAX_SAFE_INTEGER };
}
