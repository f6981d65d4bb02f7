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
      const wrong: string[] = [];
      const say = (isWrong: boolean, what: string): void => void (isWrong && wrong.push(what));
      for (const deed of wished) {
        const next = stepOf(at, deed);
        if (next === undefined) continue;
        if (deed === 'approve') approvals += 1;
        const unsaid = at.decision === 'approved' && next.decision !== 'approved';
        // A word stands: only the operator's own `reject` takes back one that was never acted on.
        say(unsaid && (deed !== 'reject' || isInForce(at)), `${deed} takes back what was approved`);
        say(at.decision !== 'pending' && next.decision === 'pending', `${deed} leads back to pending`);
        say(at.application === 'rolled_back', `${deed} moves what was rolled back`);
        // What is replaced is not taken back: another value that was approved lies over it.
        const ends = deed === 'roll_back' || deed === 'replace';
        say(isInForce(at) && !isInForce(next) && !ends, `${deed} ends what is in force`);
        say(isInForce(next) && next.decision !== 'approved', `${deed} puts in force what nobody approved`);
        at = next;
      }
      expect(wrong).toEqual([]);
      expect(approvals).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
  );
});

test.each(['rejected', 'expired', 'superseded'] as const)('what is %s stays so', (decision) => {
  for (const deed of deeds) expect(stepOf({ decision, application: 'not_started' }, deed)).toBeUndefined();
});
