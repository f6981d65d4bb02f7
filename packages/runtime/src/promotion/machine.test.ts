import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deeds, isInForce, stepOf } from './machine.ts';
import type { Standing } from './machine.ts';

const start: Standing = { decision: 'pending', application: 'not_started' };

test('whatever is done in whatever order, nothing is in force that nobody approved, and no word is taken back by itself', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...deeds), { maxLength: 40 }), (wished) => {
      let at = start;
      let approvals = 0;
      const seen: Standing[] = [at];
      for (const deed of wished) {
        const next = stepOf(at, deed);
        if (next === undefined) continue;
        if (deed === 'approve') approvals += 1;
        // A word stands: only the operator's own `reject` takes back one that was never acted on.
        if (at.decision === 'approved' && next.decision !== 'approved') {
          expect(deed).toBe('reject');
          expect(isInForce(at)).toBe(false);
        }
        if (at.decision !== 'pending') expect(next.decision).not.toBe('pending');
        if (at.application === 'rolled_back') expect.unreachable('what was rolled back moves no more');
        if (isInForce(at) && !isInForce(next)) expect(deed).toBe('roll_back');
        at = next;
        seen.push(at);
      }
      for (const each of seen) {
        if (isInForce(each)) expect(each.decision).toBe('approved');
      }
      expect(approvals).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
  );
});

test.each(['rejected', 'expired', 'superseded'] as const)('what is %s stays so', (decision) => {
  for (const deed of deeds) expect(stepOf({ decision, application: 'not_started' }, deed)).toBeUndefined();
});
