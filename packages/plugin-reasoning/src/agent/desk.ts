import type { ResultShape } from './result-shape.ts';

/** How whoever thinks may end a ticket by itself. */
export const endings = ['completed', 'failed_retryable', 'failed_terminal'] as const;
export type Ending = (typeof endings)[number];

/** What was decided about a ticket, once. */
export type Decision =
  | {
      readonly kind: 'finish';
      readonly resolution: Ending;
      readonly summary: string;
      readonly result: Readonly<Record<string, unknown>> | undefined;
    }
  | { readonly kind: 'ask'; readonly question: string };

/** One ticket in hand: where the tools of a run leave what was decided. */
export interface Desk {
  readonly ticketId: number;
  readonly shape: ResultShape | null;
  decision: Decision | null;
}

/** The tickets that are in hand here. */
export class Desks {
  readonly #desks = new Map<number, Desk>();

  /** A later claim of the same ticket has the desk to itself. */
  open(ticketId: number, shape: ResultShape | null): { readonly desk: Desk } & Disposable {
    const desk: Desk = { ticketId, shape, decision: null };
    this.#desks.set(ticketId, desk);
    return {
      desk,
      [Symbol.dispose]: () => {
        if (this.#desks.get(ticketId) === desk) this.#desks.delete(ticketId);
      },
    };
  }

  of(ticketId: number | null): Desk | undefined {
    return ticketId === null ? undefined : this.#desks.get(ticketId);
  }
}
