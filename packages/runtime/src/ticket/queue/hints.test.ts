import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { ClaimHints } from './hints.ts';

const at = (ms: number): Date => new Date(1_700_000_000_000 + ms);
const found = (ms: number, kind = 'a', priority = 2) => ({ kind, priority, eligibleAt: at(ms) });

test('the first look has no hints, the next begins where the last batch began', () => {
  const hints = new ClaimHints(new FakeClock());
  const first = hints.look(['a', 'b']);
  expect(first.from).toBeUndefined();
  first.found([found(20), found(10), found(5, 'b', 0)], true);
  expect(hints.look(['b', 'a']).from).toEqual([at(5), null, null, null, null, null, at(10), null]);
});

test('where claims keep up with what comes in, a second is left for what is committed late', () => {
  const hints = new ClaimHints(new FakeClock());
  hints.look(['a']).found([found(5_000)], false);
  expect(hints.look(['a']).from).toEqual([null, null, at(4_000), null]);
});

test('a look without hints comes after a second, and at once when nothing was found', async () => {
  const clock = new FakeClock();
  const hints = new ClaimHints(clock);
  hints.look(['a']).found([found(0)], true);
  await clock.advance(999);
  const hinted = hints.look(['a']);
  expect(hinted.from).toBeDefined();
  hinted.found([found(1)], true);
  await clock.advance(1);
  expect(hints.look(['a']).from).toBeUndefined();
  hints.look(['a']).found([], false);
  expect(hints.look(['a']).from).toBeUndefined();
});

test('a dear look is made seldom, also when nothing is found, but at least each half minute', async () => {
  const clock = new FakeClock();
  const hints = new ClaimHints(clock);
  const dear = hints.look(['a']);
  await clock.advance(200);
  dear.found([], false);
  await clock.advance(3_799);
  expect(hints.look(['a']).from).toBeDefined();
  await clock.advance(1);
  const endless = hints.look(['a']);
  expect(endless.from).toBeUndefined();
  await clock.advance(20_000);
  endless.found([], false);
  await clock.advance(10_000);
  expect(hints.look(['a']).from).toBeUndefined();
});

test('news make the next look one without hints', () => {
  const hints = new ClaimHints(new FakeClock());
  hints.look(['a']).found([found(0)], true);
  expect(hints.look(['a']).from).toBeDefined();
  hints.forget();
  expect(hints.look(['a']).from).toBeUndefined();
});

test('a hint never lies behind what was found last of its kind and priority', () => {
  const answers = fc.array(
    fc.record({
      full: fc.boolean(),
      times: fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 5 }),
    }),
    { minLength: 1, maxLength: 10 },
  );
  fc.assert(
    fc.property(answers, (given) => {
      const hints = new ClaimHints(new FakeClock());
      for (const { full, times } of given) {
        hints.look(['a']).found(
          times.map((ms) => found(ms)),
          full,
        );
        const [, , hint] = hints.look(['a']).from ?? [];
        expect(hint?.getTime()).toBeLessThanOrEqual(at(Math.min(...times)).getTime());
      }
    }),
  );
});
