import type { PastAttempt } from '@kora/runtime/plugin';
import { percent } from '../figures/round.ts';
import { Tally } from '../figures/tally.ts';

const hourMs = 3_600_000;
/** Of one fix: incidents whose waiting is looked up, and targets that are told apart at once. */
const mostIncidents = 500;
const mostTargets = 500;

/** How attempts at one fix ended. What was not done proves nothing: it counts neither for it nor as a success. */
export class FixRecord {
  /** That the operator asked for. */
  asked = 0;
  mended = 0;
  /** Asked for while it is off: what the operator wants and does not have. */
  wanted = 0;
  /** Rolled back, failed, not mended, refused, or nobody knows. */
  against = 0;
  rolledBack = 0;
  /** Begun at one target within an hour, at most. */
  mostInAnHour = 0;
  readonly msToMend = new Tally();
  /** When each incident's fix was asked for. */
  readonly askedAtMs = new Map<number, number>();
  readonly samples: { readonly text: string; readonly ref: string }[] = [];
  readonly #begun = new Map<string, number[]>();

  add(attempt: PastAttempt, { whoever }: { readonly whoever: boolean }): void {
    const { askedBy, mode, outcome, at, endedAt, attemptId, target, incidentId } = attempt;
    if (outcome === null || (!whoever && askedBy !== 'operator')) return;
    if (mode === 'off') {
      this.wanted += 1;
      this.#sample(`${target}: asked for while it is off`, attemptId);
      return;
    }
    this.asked += 1;
    if (outcome === 'mended') this.mended += 1;
    else this.against += 1;
    if (outcome === 'rolled_back') this.rolledBack += 1;
    if (outcome === 'mended' && endedAt !== null) this.msToMend.add(Date.parse(endedAt) - Date.parse(at));
    if (outcome !== 'rejected') this.#begins(target, Date.parse(at));
    if (incidentId !== null && this.askedAtMs.size < mostIncidents)
      this.askedAtMs.set(incidentId, Date.parse(at));
    this.#sample(`${target}: ${outcome}`, attemptId);
  }

  #begins(target: string, atMs: number): void {
    const begun = (this.#begun.get(target) ?? []).filter((each) => each > atMs - hourMs);
    begun.push(atMs);
    // The target that was not mended for longest goes: an hour of it is over.
    const [oldest] = this.#begun.keys();
    if (!this.#begun.delete(target) && this.#begun.size >= mostTargets && oldest !== undefined)
      this.#begun.delete(oldest);
    this.#begun.set(target, begun);
    this.mostInAnHour = Math.max(this.mostInAnHour, begun.length);
  }

  #sample(text: string, attemptId: number): void {
    if (this.samples.length < 20) this.samples.push({ text, ref: `attempt ${attemptId}` });
  }
}

/** The records of all fixes, by `probe/fix`. */
export class FixRecords {
  readonly of = new Map<string, FixRecord>();
  readonly #whoever: boolean;

  /** `whoever`: attempts that nobody asked for by hand count too. */
  constructor({ whoever }: { readonly whoever: boolean }) {
    this.#whoever = whoever;
  }

  add(attempt: PastAttempt): void {
    const key = `${attempt.probe}/${attempt.fix}`;
    const record = this.of.get(key) ?? new FixRecord();
    this.of.set(key, record);
    record.add(attempt, { whoever: this.#whoever });
  }
}

/** In words, for whoever judges: how many of how many were mended. */
export function mendedWords({ mended, asked }: FixRecord): string {
  return `${mended} of ${asked} mended${asked === 0 ? '' : ` (${percent(mended / asked)})`}`;
}
