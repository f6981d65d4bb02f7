import type { HoldRow } from '@kora/runtime/client';
import { describe, expect, it } from 'vitest';
import { busyHouse, troubledHouse } from '../stage/house.ts';
import { heldBy } from './held.ts';

const { status } = busyHouse().snapshot;
const hold: HoldRow = {
  holdId: 7,
  cause: 'cost',
  owner: 'spend',
  reason: '$200 of $200 spent',
  since: status.since,
  expiresAt: null,
};

describe('what keeps Kora', () => {
  it('is nothing while it works', () => {
    expect(heldBy(status)).toEqual([]);
  });

  it('is the stop first, with who, why, since when and the command that ends it', () => {
    const [stop, paused] = heldBy(troubledHouse().snapshot.status);
    expect(stop).toMatchObject({
      title: 'Stop L2',
      by: 'operator',
      reason: 'the mirror fills the disk',
      command: 'kora resume --reason "…"',
      lift: {},
    });
    expect(paused).toMatchObject({
      title: 'Paused',
      by: 'ada',
      reason: 'moving the database',
      command: 'kora resume --hold 3 --reason "…"',
      lift: { holdId: 3 },
    });
  });

  it('names a stop that is known before who issued it', () => {
    expect(heldBy({ ...status, stopLevel: 4 })).toMatchObject([{ title: 'Stop L4', by: 'unknown' }]);
  });

  it('offers no resume for a spent pool', () => {
    expect(heldBy({ ...status, holds: [hold] })).toMatchObject([
      { by: 'spend', command: 'kora cost', lift: null },
    ]);
  });
});
