import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scrubber } from './scrub.ts';

const secret = fc.string({ unit: fc.constantFrom('a', 'b', '-', '"', ' '), minLength: 8, maxLength: 14 });

/** A text in pieces, as it may be told while it comes. */
function told(scrubber: Scrubber, pieces: readonly string[]): string {
  let held = '';
  let said = '';
  for (const piece of pieces) {
    const text = held + piece;
    const at = scrubber.sayable(text);
    said += scrubber.text(text.slice(0, at));
    held = text.slice(at);
  }
  return said + scrubber.text(held);
}

test('however a text comes in pieces, no secret is in what is told of it, and nothing else is missing', () => {
  const scene = fc.array(secret, { minLength: 1, maxLength: 3 }).chain((secrets) =>
    fc.record({
      secrets: fc.constant(secrets),
      pieces: fc.array(
        fc.oneof(
          fc.constantFrom(...secrets),
          fc.string({ unit: fc.constantFrom('a', 'b', 'x', ' '), maxLength: 6 }),
        ),
        { maxLength: 8 },
      ),
      size: fc.integer({ min: 1, max: 9 }),
    }),
  );
  fc.assert(
    fc.property(scene, ({ secrets, pieces, size }) => {
      const scrubber = new Scrubber(() => secrets);
      const text = pieces.join('');
      const cut = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      const said = told(scrubber, cut);
      for (const each of secrets) expect(said).not.toContain(each);
      expect(said === text || scrubber.text(text) !== text).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('what cannot be the beginning of a secret does not wait', () => {
  const scrubber = new Scrubber(() => ['sk-very-secret-key', 'short']);
  expect(scrubber.sayable('nothing of it')).toBe(13);
  expect(scrubber.sayable('my key is sk-very')).toBe(10);
  expect(scrubber.sayable('sk-very-secret-key')).toBe(18);
  expect(new Scrubber(() => []).sayable('anything')).toBe(8);
  expect(told(scrubber, ['my key is sk-v', 'ery-secret', '-key, or sk-ver'])).toBe(
    'my key is [secret], or sk-ver',
  );
});
