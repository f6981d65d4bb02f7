import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isForwarded, ownWords } from './own-words.ts';

describe('what the sender wrote now', () => {
  it.each([
    ['Yes.\r\n\r\n> approve K7Q2M4TR\r\n> deny K7Q2M4TR', 'Yes.'],
    ['Yes.\n\nOn Sun, 22 Nov 2026 at 07:00, Kora <kora@example.com> wrote:\nno', 'Yes.'],
    ['Yes.\n\nOn Sun, 22 Nov 2026 at 07:00, Kora\n<kora@example.com> wrote:\n> no', 'Yes.'],
    ['Ja.\n\nAm 22.11.2026 um 07:00 schrieb Kora <kora@example.com>:\nnein', 'Ja.'],
    ['Yes.\n\n-----Original Message-----\nno', 'Yes.'],
    ['Yes.\n\n________________________________\nFrom: Kora', 'Yes.'],
    ['Yes.\n\nFrom: Kora <kora@example.com>\nSent: Sunday\nno', 'Yes.'],
    ['Yes.\n-- \nJoe\nno', 'Yes.'],
    ['One.\n> quoted\nTwo.', 'One.\nTwo.'],
    ['On Sunday I wrote:\nthis', 'On Sunday I wrote:\nthis'],
    ['', ''],
  ])('%j is %j', (text, own) => {
    expect(ownWords(text)).toBe(own);
  });

  it('is never what stands on a quoted line', () => {
    const line = fc.string().filter((text) => !/[\r\n]/.test(text));
    fc.assert(
      fc.property(fc.array(line), line, (own, quoted) => {
        const marked = `> ${quoted}`;
        expect(ownWords([...own, marked].join('\n')).split('\n')).not.toContain(marked);
      }),
    );
  });
});

it.each([
  ['Fwd: x', '', true],
  ['RE: FW: x', '', true],
  ['WG: x', '', true],
  ['x', 'see\nBegin forwarded message:\n', true],
  ['Forward!', 'a forwarded message', false],
])('%j with %j is forwarded: %s', (subject, text, expected) => {
  expect(isForwarded(subject, text)).toBe(expected);
});
