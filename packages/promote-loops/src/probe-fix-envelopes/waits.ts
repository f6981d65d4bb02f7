import type { HistoryLook } from '@kora/runtime/plugin';
import { rounded } from '../figures/round.ts';
import { perDay } from '../figures/span.ts';
import { Tally } from '../figures/tally.ts';
import type { FixRecord, FixRecords } from './record.ts';

/** How long a fault stood before the operator asked for its fix. */
export class Waits {
  readonly #asked = new Map<number, { readonly key: string; readonly atMs: number }>();
  readonly #waitedMs = new Map<string, Tally>();

  constructor(records: FixRecords) {
    for (const [key, { askedAtMs }] of records.of)
      for (const [incidentId, atMs] of askedAtMs) this.#asked.set(incidentId, { key, atMs });
  }

  add(incidentId: number, openedAtMs: number): void {
    const asked = this.#asked.get(incidentId);
    if (asked === undefined || asked.atMs < openedAtMs) return;
    const waited = this.#waitedMs.get(asked.key) ?? new Tally();
    this.#waitedMs.set(asked.key, waited);
    waited.add(asked.atMs - openedAtMs);
  }

  /** On average; 0 where no incident is known. */
  of(key: string): number {
    return this.#waitedMs.get(key)?.mean ?? 0;
  }
}

/** Seconds a day that faults stood until somebody asked for the fix that mended them. */
export function sparedSeconds(
  { mended }: FixRecord,
  { waitedMs, look }: { readonly waitedMs: number; readonly look: HistoryLook },
): number {
  return rounded(perDay((waitedMs * mended) / 1_000, look));
}
