import { expect, test } from 'vitest';
import { Looks } from './promotion/index.ts';
import type { HistoryReads } from './promotion/index.ts';
import { promotionServices } from './promotion-services.ts';
import type { Rooms } from './rooms.ts';

const none = async (): Promise<{ readonly rows: readonly never[]; readonly next: null }> => ({
  rows: [],
  next: null,
});
const reads: HistoryReads = {
  questions: none,
  toolCalls: none,
  incidents: none,
  attempts: none,
  events: none,
};
const window = { since: '2026-01-01T00:00:00Z', until: '2026-01-08T00:00:00Z', part: 'shown' } as const;

test('a stranger looks at the past with the leave of the operator alone, and never by another one’s look', async () => {
  const looks = new Looks(reads);
  const granted = new Set<string>();
  const rooms = {
    promotion: {
      historyFor: looks.historyFor.bind(looks),
      places: async (kind: string) => [{ key: kind, value: null, facts: {} }],
    },
    capabilities: { isGranted: (id: string, what: string) => Promise.resolve(granted.has(`${id} ${what}`)) },
  } as unknown as Rooms;
  const { history, places } = promotionServices(rooms, { id: 'tides', trusted: false }).promotion;
  await expect(places('fix.envelope')).rejects.toMatchObject({ code: 'KORA_ADMISSION_DENIED' });
  const other = promotionServices(rooms, { id: 'winds', trusted: true }).promotion.history;
  const [look] = await looks.during('tides', [window], async ([mine]) => {
    if (mine === undefined) throw new Error('no look');
    await expect(history.questions({ look: mine })).rejects.toMatchObject({
      code: 'KORA_ADMISSION_DENIED',
      fix: expect.stringContaining('cap_read_runtime --to plugin:tides'),
    });
    granted.add('tides cap_read_runtime');
    await expect(history.questions({ look: mine })).resolves.toEqual({ rows: [], next: null });
    expect(await places('fix.envelope')).toHaveLength(1);
    await expect(other.incidents({ look: mine })).rejects.toMatchObject({ code: 'KORA_LOOK_OVER' });
    return [mine];
  });
  // It ended with the call it came with.
  if (look === undefined) throw new Error('no look');
  await expect(history.questions({ look })).rejects.toMatchObject({ code: 'KORA_LOOK_OVER' });
});
