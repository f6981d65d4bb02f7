import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modelTiers } from './contract.ts';
import { rungs, tierLimit } from './index.ts';
import type { Downshift } from './index.ts';

const tiers = fc.constantFrom(...modelTiers);
const downshifts = fc.constantFrom<Downshift>('eligible', 'frontier_only');
const rank = (tier: (typeof modelTiers)[number] | null): number =>
  tier === null ? -1 : modelTiers.indexOf(tier);

test.each([
  ['normal', 'eligible', 'large', 'as_configured'],
  ['normal', 'frontier_only', 'large', 'as_configured'],
  ['warn_75', 'eligible', 'standard', 'cost_clamp:warn_75'],
  ['warn_75', 'frontier_only', null, 'cost_deferred:warn_75'],
  ['downshift_90', 'eligible', 'small', 'cost_clamp:downshift_90'],
  ['downshift_90', 'frontier_only', null, 'cost_deferred:downshift_90'],
  ['hard_stop_100', 'eligible', null, 'cost_ladder_halted'],
  ['hard_stop_100', 'frontier_only', null, 'cost_ladder_halted'],
] as const)('%s leaves %s work %s, and says why (state defect 39)', (rung, downshift, tier, why) => {
  expect(tierLimit(rung, { downshift })).toEqual({ tier, why });
});

test('one tier down is from what it would have been done by, and the smallest stays', () => {
  const down = modelTiers.map((wanted) => tierLimit('warn_75', { wanted }).tier);
  expect(down).toEqual(['small', 'small', 'standard']);
});

test('law: a higher rung never leaves a dearer model, and none leaves a dearer one than was wanted (state defect 39)', () => {
  fc.assert(
    fc.property(tiers, downshifts, (wanted, downshift) => {
      const left = rungs.map((rung) => rank(tierLimit(rung, { wanted, downshift }).tier));
      expect(left).toEqual(left.toSorted((a, b) => b - a));
      expect(Math.max(...left)).toBe(rank(wanted));
      expect(left.at(-1)).toBe(-1);
    }),
  );
});

test('law: what is no rung is the hard stop, never the tier that was wanted (state defect 10)', () => {
  fc.assert(
    fc.property(fc.string(), tiers, downshifts, (rung, wanted, downshift) => {
      fc.pre(!rungs.some((known) => known === rung));
      expect(tierLimit(rung, { wanted, downshift })).toEqual({ tier: null, why: 'cost_ladder_halted' });
    }),
  );
});
