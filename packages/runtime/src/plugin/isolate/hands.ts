import { fault } from '../../fault/index.ts';
import type { TicketWork } from '../contract.ts';

interface Named {
  readonly ticketId: number;
  readonly fence: number;
}

/** The tickets that a guest works now. It may speak of these and of no other: a claim it had before is none. */
export class Hands {
  readonly #works = new Map<string, TicketWork>();

  /** Has the ticket in hand for as long as `work` takes. */
  async hold<T>(ticket: TicketWork, work: () => Promise<T>): Promise<T> {
    const key = keyOf(ticket);
    this.#works.set(key, ticket);
    try {
      return await work();
    } finally {
      this.#works.delete(key);
    }
  }

  has(named: Named): boolean {
    return this.#works.has(keyOf(named));
  }

  /** Throws KORA_TICKET_STALE_FENCE. */
  of(named: Named): TicketWork {
    const found = this.#works.get(keyOf(named));
    if (found !== undefined) return found;
    const { ticketId, fence } = named;
    throw fault(
      'KORA_TICKET_STALE_FENCE',
      `ticket ${ticketId} is not in the plugin's hands under fence ${fence}`,
      { details: { ticketId, fence } },
    );
  }
}

function keyOf({ ticketId, fence }: Named): string {
  return `${ticketId} ${fence}`;
}
