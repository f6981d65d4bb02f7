import type { attentionSchema, laneHistorySchema } from '@kora/runtime/client';
import type { z } from 'zod';
import type { House } from './house.ts';
import { before, stageNow } from './rows.ts';

/** What waits beside the lists, and how full the lanes were: for the first page. */
export function frontAnswer(house: House, path: string): unknown {
  if (path === '/api/lane-history') return laneHistory(house);
  return path === '/api/attention' ? attention(house) : undefined;
}

function attention({ snapshot }: House): z.infer<typeof attentionSchema> {
  if (snapshot.incidents.length === 0) return { items: [], lastClearedAt: before(7_300) };
  return {
    items: [
      {
        what: 'untold',
        id: 9,
        severity: 'critical',
        title: 'You were not told: Daemon mirror-sync did not start',
        detail: 'slack: the token was revoked',
        since: before(420),
        taken: false,
        thread: 'daemon:mirror-sync',
      },
      {
        what: 'alert',
        id: 7,
        severity: 'warning',
        title: '14 webhooks could not be taken within a day',
        detail: 'They were forged, too old, too large or malformed.',
        since: before(5_400),
        taken: false,
        thread: 'alerts',
      },
      {
        what: 'proposal',
        id: 12,
        severity: 'info',
        title: 'Answer "how is the mirror" without a model',
        detail: 'Asked 41 times in two weeks, answered alike.',
        since: before(9_000),
        taken: false,
        thread: null,
      },
    ],
    lastClearedAt: before(7_300),
  };
}

/** Nobody counted before the runtime was there, nor while it was away at noon. */
function laneHistory({ snapshot }: House): z.infer<typeof laneHistorySchema> {
  const { in_progress, queued, deferred, failed_or_blocked } = snapshot.tickets;
  return Array.from({ length: 49 }, (_, place) => {
    const at = new Date(stageNow - (48 - place) * 1_800_000).toISOString();
    const unknown = place < 14 || (place > 30 && place < 34);
    const wave = Math.round(3 + 3 * Math.sin(place / 4));
    const of = (now: number, then: number): number | null => (unknown ? null : place === 48 ? now : then);
    return {
      at,
      in_progress: of(in_progress.length, wave % 3),
      queued: of(queued.length, wave),
      deferred: of(deferred.length, 0),
      failed_or_blocked: of(failed_or_blocked.length, place > 40 ? 2 : 0),
      ended: unknown ? null : wave * 2,
    };
  });
}
