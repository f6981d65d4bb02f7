import type { z } from 'zod';
import { type DeedAnswer, sendDeed } from '../api/deed.ts';
import type { Fault } from '../api/read.ts';
import type { Model } from './model.ts';

/** One mutation that the operator asked for in this tab, and how far it got. `accepted` is not `done`. */
export interface DeedRow {
  readonly id: number;
  /** What was asked, for the receipt: `Retry ticket #41`. */
  readonly title: string;
  readonly phase: 'sending' | 'accepted' | 'done' | 'unconfirmed' | 'refused';
  /** The position on the chain of the event that confirmed it. */
  readonly seq: number | null;
  readonly fault: Fault | null;
}

/** A mutation before it is sent. */
export interface Wish<T> {
  readonly title: string;
  readonly path: string;
  readonly body: object;
  readonly answer: z.ZodType<T>;
  /** Milliseconds it may take where that is longer than usual: a question is answered when it was thought about. */
  readonly timeoutMs?: number;
}

export interface DeedPorts {
  /** The published model, whose events confirm. */
  readonly model: () => Model;
  readonly subscribe: (listener: () => void) => () => void;
  readonly after: (ms: number, run: () => void) => void;
  readonly send?: typeof sendDeed;
}

/** Without the matching event in this time it reads "no confirmation yet". */
export const confirmWithinMs = 10_000;
/** What went well needs nobody for longer than this; a refusal stays until it is dismissed. */
export const doneShownMs = 30_000;
const kept = 5;
/** The event each mutation ends in; its payload names the deed. */
export const deedDone = 'kora.deed.done';

/**
 * Sends mutations and follows each until its event arrives on the chain. A late event still makes an unconfirmed one
 * done; a refusal stays until it is dismissed.
 */
export class Deeds {
  readonly #ports: DeedPorts;
  readonly #listeners = new Set<() => void>();
  readonly #awaited = new Map<string, number>();
  #rows: readonly DeedRow[] = [];
  #next = 1;

  constructor(ports: DeedPorts) {
    this.#ports = ports;
    ports.subscribe(() => this.#confirm());
  }

  readonly get = (): readonly DeedRow[] => this.#rows;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async send<T>({ title, path, body, answer, timeoutMs }: Wish<T>): Promise<DeedAnswer<T>> {
    const id = this.#next++;
    const row: DeedRow = { id, title, phase: 'sending', seq: null, fault: null };
    this.#show([row, ...this.#rows].slice(0, kept));
    const answered = await (this.#ports.send ?? sendDeed)(
      path,
      body,
      answer,
      timeoutMs === undefined ? {} : { timeoutMs },
    );
    if (!answered.ok) this.#change(id, { phase: 'refused', fault: answered.fault });
    else {
      this.#change(id, { phase: 'accepted' });
      if (answered.deed !== null) this.#awaited.set(answered.deed, id);
      this.#confirm();
      this.#ports.after(confirmWithinMs, () => {
        if (this.#rows.some((row) => row.id === id && row.phase === 'accepted'))
          this.#change(id, { phase: 'unconfirmed' });
      });
    }
    return answered;
  }

  dismiss(id: number): void {
    this.#show(this.#rows.filter((row) => row.id !== id));
  }

  #confirm(): void {
    if (this.#awaited.size === 0) return;
    for (const event of this.#ports.model().events) {
      if (event.type !== deedDone) continue;
      const deed = event.payload['deed'];
      const id = typeof deed === 'string' ? this.#awaited.get(deed) : undefined;
      if (id === undefined || typeof deed !== 'string') continue;
      this.#awaited.delete(deed);
      this.#change(id, { phase: 'done', seq: event.seq });
      this.#ports.after(doneShownMs, () => this.dismiss(id));
    }
  }

  #change(id: number, part: Partial<DeedRow>): void {
    this.#show(this.#rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  }

  #show(rows: readonly DeedRow[]): void {
    this.#rows = rows;
    for (const listener of this.#listeners) listener();
  }
}
