import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { causeTable } from '../packages/runtime/src/state/index.ts';
import { edgesOfTheTable, statePage } from './state-page.ts';

describe('docs/operational-state.md', () => {
  it('is what the code says; `npm run events` writes it', () => {
    expect(readFileSync(new URL('../docs/operational-state.md', import.meta.url), 'utf8')).toBe(statePage());
  });

  it('draws nothing out of stopped, and back into booting only what runs the gates again or frees a boot', () => {
    const edges = edgesOfTheTable();
    expect(edges.filter(({ from }) => from === 'stopped')).toEqual([]);
    const back = edges.filter(({ to }) => to === 'booting').flatMap(({ causes }) => causes);
    expect([...new Set(back)].sort()).toEqual(['boot.retrying', 'hold.cleared']);
  });

  it('draws every cause that can move a primary state, and only those', () => {
    const drawn = new Set(edgesOfTheTable().flatMap(({ causes }) => causes));
    const still = Object.keys(causeTable).filter((cause) => !drawn.has(cause as keyof typeof causeTable));
    expect(still).toEqual(['check.failed', 'check.recovered']);
  });
});
