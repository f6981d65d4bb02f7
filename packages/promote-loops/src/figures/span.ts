import type { HistoryLook } from '@kora/runtime/plugin';

const dayMs = 86_400_000;
/** An hour at least: what happened in a minute is not multiplied to a day of it. */
const leastDays = 1 / 24;

/** What share of history a part is. One fifth is held out. */
const shareOf: Readonly<Record<HistoryLook['part'], number>> = { shown: 0.8, held_out: 0.2, all: 1 };

/** Days that a look spans. */
export function daysOf({ since, until }: HistoryLook): number {
  return Math.max(leastDays, (Date.parse(until) - Date.parse(since)) / dayMs);
}

/** What a sum over a look is on a day of the whole: of what is shown and of what is held out alike. */
export function perDay(sum: number, look: HistoryLook): number {
  return sum / daysOf(look) / shareOf[look.part];
}
