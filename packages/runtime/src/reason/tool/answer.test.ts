import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bounded, shownAnswer } from './answer.ts';
import { ToolRegistry } from './registry.ts';
import type { RegisteredTool } from './registry.ts';
import { house, reading } from './testing/toolbox.ts';

function tool(part: object = {}): RegisteredTool {
  const registry = new ToolRegistry(() => true);
  registry.register(reading(part), house);
  const [only] = registry.list();
  if (only === undefined) throw new TypeError('it was registered');
  return only;
}

const same = (text: string): string => text;

test('a text is cut to its bytes, never through a character, and says how much of it is there', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc.integer({ min: 1, max: 300 }),
      (text, most) => {
        const whole = text.toWellFormed();
        const { text: shown, truncated } = bounded(whole, most);
        const size = Buffer.byteLength(whole);
        expect(truncated).toBe(size > most);
        const [cut, kept = '', said, of] = /^([\s\S]*)\n… (\d+) of (\d+) bytes$/.exec(shown) ?? [];
        const told = truncated ? [cut, Number(said), Number(of)] : [shown, Buffer.byteLength(kept), size];
        expect(told).toEqual([truncated ? shown : whole, Buffer.byteLength(kept), size]);
        expect(whole.startsWith(kept)).toBe(true);
        expect(truncated && most - Number(said) >= 4).toBe(false);
      },
    ),
  );
});

test('of a cut answer only what is still to be read is evidence', () => {
  const rows = Array.from({ length: 200 }, (_, n) => ({ evidence: `event:${n}`, words: 'x'.repeat(20) }));
  const answer = { content: rows, evidence: rows.map(({ evidence: id, words: what }) => ({ id, what })) };
  const whole = shownAnswer(tool({ maxBytes: 65_536 }), answer, same);
  expect([whole.truncated, whole.evidence.length]).toEqual([false, 200]);
  const { text, truncated, evidence } = shownAnswer(tool({ maxBytes: 1_024 }), answer, same);
  expect(truncated).toBe(true);
  expect(evidence.length).toBeGreaterThan(10);
  expect(evidence.length).toBeLessThan(30);
  for (const { id } of evidence) expect(text).toContain(`"${id}"`);
});

test('the end of a quotation is never cut away', () => {
  const answer = { content: 'y'.repeat(5_000), untrusted: true };
  const { text } = shownAnswer(tool({ maxBytes: 512 }), answer, same);
  expect(text).toMatch(/… 512 of 5000 bytes\n<\/untrusted mark="[0-9a-f]{32}">$/);
});

test.each([
  ['nothing at all', undefined, /expected object/],
  ['a list of words for evidence', { content: 'x', evidence: ['ticket:1'] }, /expected object/],
  ['a circle', { content: circle() }, /circular/],
  ['a number too large for JSON', { content: { n: 10n } }, /BigInt/],
])('an answer that is %s is none', (_, answer, why) => {
  expect(() => shownAnswer(tool(), answer as never, same)).toThrow(why);
});

function circle(): object {
  const round: Record<string, unknown> = {};
  round['self'] = round;
  return round;
}
