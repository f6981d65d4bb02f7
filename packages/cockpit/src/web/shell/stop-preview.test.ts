import { describe, expect, it } from 'vitest';
import { resumeWords } from './resume-preview.tsx';
import { type StopPreview, stopRadius } from './stop-preview.tsx';

const quiet: StopPreview = {
  level: 1,
  effect: 'Claims no new work.',
  claimsReleased: [],
  claimsHeld: [],
  callsCancelled: { count: 0, costMicroUsd: null },
  daemonsStopped: [],
  endsProcess: false,
  undo: 'kora resume',
  command: 'kora stop --level L1',
};

describe('what would come of it', () => {
  it('names only what a stop would touch, and an unknown cost as unknown', () => {
    expect(stopRadius(quiet)).toBe('Nothing is under way that it would touch');
    expect(
      stopRadius({
        ...quiet,
        claimsReleased: [41],
        callsCancelled: { count: 1, costMicroUsd: null },
        daemonsStopped: ['probes', 'mirror'],
        endsProcess: true,
      }),
    ).toBe('Releases 1 claim, cuts off 1 call (up to unknown), 2 daemons and tasks stop, ends this process');
  });

  it('says before a resume what goes on first, and never a limit that there is not', () => {
    const words = { queued: 3, deferred: 0, tasksDue: 1, stillHeldBy: [] };
    expect(resumeWords({ ...words, budgetLeftMicroUsd: 4_100_000 })).toBe(
      'First: 3 queued tickets and 0 deferred; 1 task is due. $4.10 is left this month.',
    );
    expect(resumeWords({ ...words, budgetLeftMicroUsd: null })).toContain('No limit is set.');
  });
});
