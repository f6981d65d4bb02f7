import type { DeedRecord, KeptSession, SessionHouse } from '../house.ts';

/** Sessions in a map, which a second server can be given: it stands for the store. */
export function scriptedSessions(deeds: DeedRecord[] = []): SessionHouse['sessions'] {
  const kept = new Map<string, { session: KeptSession; homeKey: string }>();
  return {
    load: async (homeKey) =>
      [...kept.values()].filter((each) => each.homeKey === homeKey).map(({ session }) => session),
    opened: async (session, homeKey) => void kept.set(session.sessionId, { session, homeKey }),
    seen: async () => undefined,
    ended: async (ended) => ended.forEach(({ sessionId }) => kept.delete(sessionId)),
    refused: async () => undefined,
    deed: async (record) => void deeds.push(record),
  };
}
