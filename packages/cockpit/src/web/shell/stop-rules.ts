import type { ZoneName } from '../kit/format.ts';

/** The five levels, mildest first. What each does is the runtime's to say. */
export const stopLevels = [1, 2, 3, 4, 5] as const;
export type StopLevel = (typeof stopLevels)[number];

/** How long a stop that is hard to take back can still be thought over, once its words are right. */
export const armMs = 3_000;

/** What is asked for before a level is sent: nothing, a reason, or a phrase with a reason. */
export function asksFor(level: StopLevel): { readonly reason: boolean; readonly phrase: string | null } {
  return { reason: level >= 3, phrase: level >= 4 ? `STOP L${level}` : null };
}

/** Whether what was entered is enough for this level. */
export function isEnough(level: StopLevel, { reason, phrase }: StopWords): boolean {
  const asked = asksFor(level);
  return (!asked.reason || reason.trim() !== '') && (asked.phrase === null || phrase === asked.phrase);
}

export interface StopWords {
  readonly reason: string;
  readonly phrase: string;
}

/** The reason on the chain when a mild stop was given none. */
export const unsaid = 'stopped from the cockpit';

/** The command that does the same without this page. A reason is single-quoted for a shell, or left to be written. */
export function stopCommand(level: StopLevel, reason: string): string {
  const said = reason.trim();
  return `kora stop --level L${level} --reason '${said === '' ? '…' : said.replaceAll("'", String.raw`'\''`)}'`;
}

/** How long a pause lasts. */
export const pauseSpans = ['resumed', '15m', '1h', 'morning'] as const;
export type PauseSpan = (typeof pauseSpans)[number];

const minuteMs = 60_000;
const morningHour = 8;

/** Milliseconds of a pause from now; null: until somebody resumes. Tomorrow begins in the zone that the page shows. */
export function pauseMs(span: PauseSpan, now: number, zone: ZoneName): number | null {
  switch (span) {
    case 'resumed':
      return null;
    case '15m':
      return 15 * minuteMs;
    case '1h':
      return 60 * minuteMs;
    case 'morning': {
      const morning = new Date(now);
      if (zone === 'utc') {
        morning.setUTCDate(morning.getUTCDate() + 1);
        morning.setUTCHours(morningHour, 0, 0, 0);
      } else {
        morning.setDate(morning.getDate() + 1);
        morning.setHours(morningHour, 0, 0, 0);
      }
      return morning.getTime() - now;
    }
  }
}
