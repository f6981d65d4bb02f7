/** What lies in the way of loading the page again by itself. */
export interface ReloadFacts {
  /** Since the last key, click or scroll. */
  readonly idleMs: number;
  readonly dialogOpen: boolean;
  /** Something was typed that is not sent. */
  readonly draft: boolean;
  /** When it was loaded again by itself before; page clock. */
  readonly earlier: readonly number[];
  readonly now: number;
}

/** Nobody is at the page. */
export const idleAfterMs = 60_000;
const windowMs = 300_000;
const most = 2;

/** Whether a page of an older build loads itself again: only where nobody loses anything, and never in circles. */
export function mayReload({ idleMs, dialogOpen, draft, earlier, now }: ReloadFacts): boolean {
  if (dialogOpen || draft || idleMs < idleAfterMs) return false;
  return earlier.filter((at) => now - at < windowMs).length < most;
}

const place = 'kora.reloads';

/** The times it was loaded again by itself, as this tab remembers them. */
export function earlierReloads(): readonly number[] {
  try {
    const kept: unknown = JSON.parse(globalThis.sessionStorage.getItem(place) ?? '[]');
    return Array.isArray(kept) ? kept.filter((at) => typeof at === 'number') : [];
  } catch {
    return [];
  }
}

/** Loads the page again and remembers it. Where it cannot be remembered it is left to the person. */
export function reloadOnce(now: number): void {
  try {
    globalThis.sessionStorage.setItem(place, JSON.stringify([...earlierReloads(), now].slice(-most)));
  } catch {
    return;
  }
  location.reload();
}

/** Whether a form on the page has what was typed into it; filters are in the address and lose nothing. */
export function hasDraft(): boolean {
  const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(
    'form input, form textarea',
  );
  return [...fields].some((field) => field.value !== field.defaultValue);
}
