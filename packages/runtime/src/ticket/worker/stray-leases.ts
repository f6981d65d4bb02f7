import type { Leases } from '../session/session.ts';

/**
 * Leases of ours that nobody here works: the answer that gave them to us, or that ended them, never arrived. Seen by two
 * beats one after the other they are let go, so that they need not lie until their deadline.
 */
export class StrayLeases {
  readonly #abandon: (sessionId: string, leases: Leases) => Promise<void>;
  #sessionId = '';
  #before: Leases = new Map();

  constructor(abandon: (sessionId: string, leases: Leases) => Promise<void>) {
    this.#abandon = abandon;
  }

  /** A beat found these leases. Rejects as `abandon` does. */
  async seen(
    sessionId: string,
    leases: Leases,
    known: (ticketId: number, fence: number) => boolean,
  ): Promise<void> {
    const before = sessionId === this.#sessionId ? this.#before : new Map<number, number>();
    const strays = new Map([...leases].filter(([ticketId, fence]) => !known(ticketId, fence)));
    this.#sessionId = sessionId;
    this.#before = strays;
    const old = new Map([...strays].filter(([ticketId, fence]) => before.get(ticketId) === fence));
    if (old.size > 0) await this.#abandon(sessionId, old);
  }
}
