import { createHash } from 'node:crypto';
import type { PastIncident } from '@kora/runtime/plugin';

/** Faults that are told apart; more of them are no pattern but noise. */
const mostFaults = 10_000;
/** Spans of which the median is taken, of one fault. */
const mostSpans = 100;

interface Fault {
  readonly probe: string;
  readonly target: string;
  readonly category: string;
  count: number;
  readonly spansMs: number[];
  readonly incidents: number[];
}

/** Faults that came and went again and again, in bounded memory. An incident that was reopened is one. */
export class Recurrences {
  readonly #faults = new Map<string, Fault>();

  add({ incidentId, probe, target, category, openedAt, resolvedAt }: PastIncident): void {
    if (resolvedAt === null) return;
    // JSON keeps the parts apart: ("a", "bc") and ("ab", "c") are two faults.
    const key = JSON.stringify([probe, target, category]);
    const known = this.#faults.get(key);
    if (known === undefined && this.#faults.size >= mostFaults) return;
    const fault = known ?? { probe, target, category, count: 0, spansMs: [], incidents: [] };
    this.#faults.set(key, fault);
    fault.count += 1;
    if (fault.spansMs.length < mostSpans) fault.spansMs.push(Date.parse(resolvedAt) - Date.parse(openedAt));
    fault.incidents.push(incidentId);
    if (fault.incidents.length > 10) fault.incidents.shift();
  }

  /**
   * What came back so often and has no fix at all: nothing can be proposed for it but that one is written. The key is
   * another one when it has doubled, so that it is told again then and not before.
   */
  withoutFix(
    probesWithFix: ReadonlySet<string>,
    { atLeast, days }: { readonly atLeast: number; readonly days: number },
  ): readonly { readonly key: string; readonly text: string }[] {
    return [...this.#faults.values()]
      .filter(({ probe, count }) => count >= atLeast && !probesWithFix.has(probe))
      .toSorted((one, other) => other.count - one.count || (faultKey(one) < faultKey(other) ? -1 : 1))
      .slice(0, 50)
      .map((fault) => ({
        key: `recurring:${faultKey(fault)}:${Math.floor(Math.log2(fault.count / atLeast))}`,
        text: [
          `${fault.probe} (${fault.target}) failed with ${fault.category} ${fault.count} times in ${days} days.`,
          `Each time it resolved by itself or by hand; the median was ${shownSpan(median(fault.spansMs))}.`,
          `Evidence: incidents ${fault.incidents.join(', ')}.`,
          'No fix of this probe is installed, so none is proposed. Nothing was changed.',
          `Next step: read one of these incidents (kora incident show ${fault.incidents.at(-1) ?? 0}) and decide whether a bounded fix exists.`,
        ].join('\n'),
      }));
  }
}

function faultKey({ probe, target, category }: Pick<Fault, 'probe' | 'target' | 'category'>): string {
  const parts = JSON.stringify([probe, target, category]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const high = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (low + high) / 2;
}

function shownSpan(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
