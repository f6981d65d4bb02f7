import { setTimeout as sleep } from 'node:timers/promises';

const lookEveryMs = 50;
/** Whoever waits long looks seldom: a look may read all of /proc, which costs those who are waited for. */
const lookSeldomMs = 250;
const longWaitParts = 20;
const defaultLimitMs = 60_000;

/**
 * Looks until `look` answers something other than undefined, null or false, and hands that out. Throws after the limit
 * with what was waited for and why the last look said no.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  limitMs: number = defaultLimitMs,
): Promise<T> {
  const began = Date.now();
  const deadline = began + limitMs;
  let last = 'it answered nothing';
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
    } catch (error) {
      // Not yet there often shows as a refusal; it counts only when time is up.
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline) throw new Error(`waited ${limitMs / 1_000} s for ${what}: ${last}`);
    const waited = Date.now() - began;
    await sleep(Math.min(Math.max(lookEveryMs, waited / longWaitParts), lookSeldomMs));
  }
}
