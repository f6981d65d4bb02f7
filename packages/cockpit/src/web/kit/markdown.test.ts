import { describe, expect, it } from 'vitest';
import { blocksOf, inlinesOf } from './markdown-text.ts';
import { dollars, microDollars } from './money.ts';

describe('what a model wrote', () => {
  it('is read as a subset of Markdown', () => {
    const text =
      '# Why\nThe disk is **full**.\n\n- `/var/log`\n- tmp\n1. first\n\n> said\n```sh\ndf -h\n```\nend';
    expect(blocksOf(text)).toEqual([
      { kind: 'heading', level: 1, text: [{ kind: 'text', text: 'Why' }] },
      {
        kind: 'paragraph',
        text: [
          { kind: 'text', text: 'The disk is ' },
          { kind: 'strong', text: 'full' },
          { kind: 'text', text: '.' },
        ],
      },
      {
        kind: 'list',
        ordered: false,
        items: [
          [{ kind: 'code', text: '/var/log' }],
          [{ kind: 'text', text: 'tmp' }],
          [{ kind: 'text', text: 'first' }],
        ],
      },
      { kind: 'quote', text: [{ kind: 'text', text: 'said' }] },
      { kind: 'code', text: 'df -h' },
      { kind: 'paragraph', text: [{ kind: 'text', text: 'end' }] },
    ]);
  });

  it('leads nowhere: a link is its words and its host, a picture its name', () => {
    expect(
      inlinesOf('[the bank](https://evil.example/login?x=1) ![logo](http://tracker.example/p.png)'),
    ).toEqual([
      { kind: 'link', text: 'the bank', host: 'evil.example' },
      { kind: 'text', text: ' ' },
      { kind: 'link', text: 'picture: logo', host: 'tracker.example' },
    ]);
    expect(inlinesOf('[x](javascript:alert(1))')[0]).toEqual({
      kind: 'link',
      text: 'x',
      host: 'javascript:alert(1',
    });
    expect(inlinesOf('<img src=x onerror=alert(1)>')).toEqual([
      { kind: 'text', text: '<img src=x onerror=alert(1)>' },
    ]);
  });

  it('loses no character of a text that is not Markdown', () => {
    const odd = '[[[[**`` *a* ] ( **b';
    expect(
      inlinesOf(odd)
        .map(({ text }) => text)
        .join('')
        .replaceAll('*', ''),
    ).toBe(odd.replaceAll('*', ''));
    expect(blocksOf('')).toEqual([]);
    expect(blocksOf('```\nopen')).toEqual([{ kind: 'code', text: 'open' }]);
  });
});

describe('an amount', () => {
  it('is exact where it is small, and unknown where nobody knows', () => {
    expect([0, 0.0004, 0.00004, 0.8, 1, 1_234.5, null].map(dollars)).toEqual([
      '$0',
      '$0.0004',
      '<$0.0001',
      '$0.80',
      '$1.00',
      '$1,234.50',
      'unknown',
    ]);
    expect(microDollars(400)).toBe('$0.0004');
    expect(microDollars(null)).toBe('unknown');
  });
});
