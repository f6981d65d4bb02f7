import type { LinkFacts } from './model.ts';

/** A heartbeat is due every 5 s, and two are missed. The page looks once a second: it says so within 12 s. */
export const staleAfterMs = 11_000;
/** Six missed: the runtime, or the way to it, is gone. */
export const offlineAfterMs = 30_000;

export type LinkVerdict = 'connecting' | 'live' | 'stale' | 'offline';

export interface LinkView {
  readonly verdict: LinkVerdict;
  /** Milliseconds since the last heartbeat; null when there was none yet. */
  readonly silentMs: number | null;
}

/** How far the page may be believed now. Only the runtime's heartbeats count: an open socket proves nothing. */
export function linkView(link: LinkFacts, now: number): LinkView {
  // A page clock that was set back must not make the silence negative.
  const silentMs = link.beatAt === null ? null : Math.max(0, now - link.beatAt);
  const quietMs = silentMs ?? Math.max(0, now - link.startedAt);
  if (quietMs >= offlineAfterMs) return { verdict: 'offline', silentMs };
  if (quietMs >= staleAfterMs) return { verdict: 'stale', silentMs };
  return { verdict: silentMs === null ? 'connecting' : 'live', silentMs };
}

/** Server clock minus page clock in milliseconds, as of the last heartbeat; 0 while unknown. */
export function clockSkewMs(link: LinkFacts): number {
  if (link.beat === null || link.beatAt === null) return 0;
  const server = Date.parse(link.beat.serverNow);
  return Number.isNaN(server) ? 0 : server - link.beatAt;
}
