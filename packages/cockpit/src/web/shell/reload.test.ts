import { describe, expect, it } from 'vitest';
import { idleAfterMs, mayReload, type ReloadFacts } from './reload.ts';

const facts: ReloadFacts = {
  idleMs: idleAfterMs,
  dialogOpen: false,
  draft: false,
  earlier: [],
  now: 1_000_000,
};
const may = (part: Partial<ReloadFacts>): boolean => mayReload({ ...facts, ...part });

describe('a page of an older build', () => {
  it('loads itself again where nobody is at it', () => {
    expect(may({})).toBe(true);
    expect([may({ idleMs: 500 }), may({ dialogOpen: true }), may({ draft: true })]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('does so at most twice in five minutes', () => {
    expect(may({ earlier: [900_000] })).toBe(true);
    expect(may({ earlier: [900_000, 950_000] })).toBe(false);
    expect(may({ earlier: [100_000, 950_000] })).toBe(true);
  });
});
