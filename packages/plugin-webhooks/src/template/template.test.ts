import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeOf, valueAt } from './path.ts';
import { filled, troublesIn } from './payload.ts';
import { Missing, oneLine, templateOf, textOf, valueOf } from './template.ts';

const said = {
  body: {
    action: 'opened',
    issue: { number: 7, title: 'It is down', labels: [{ name: 'bug' }], 'the name': 'x', none: null },
  },
  headers: { 'x-github-event': 'issues' },
};

test.each([
  ['Issue {body.issue.number}: {body.issue.title}', 'Issue 7: It is down'],
  ['{body.issue.labels[0].name} {{as it is}}', 'bug {as it is}'],
  ['{body.issue["the name"]} {header.x-github-event}', 'x issues'],
  ['{body.nowhere|nothing} {body.issue.none|null too}', 'nothing null too'],
  ['{body.issue.labels}', '[{"name":"bug"}]'],
  ['no holes', 'no holes'],
])('%s', (template, text) => {
  expect(textOf(templateOf(template), said)).toBe(text);
});

test.each([
  '{body.a',
  'a } b',
  '{}',
  '{issue.title}',
  '{body.}',
  '{body.a b}',
  '{header.X-Up}',
  '{bodyguard}',
])('no template: %s', (text) => {
  expect(() => templateOf(text)).toThrow(/lone|names no place/);
});

test('one hole alone is what was sent; with more around it, it is a text', () => {
  expect(valueOf(templateOf('{body.issue.number}'), said)).toBe(7);
  expect(valueOf(templateOf('{body.issue.labels}'), said)).toEqual([{ name: 'bug' }]);
  expect(valueOf(templateOf('#{body.issue.number}'), said)).toBe('#7');
  expect(filled({ a: ['{body.action}', 1, null, { b: '{body.issue.number}' }] }, said)).toEqual({
    a: ['opened', 1, null, { b: 7 }],
  });
});

test('what was not sent is named', () => {
  expect(() => textOf(templateOf('{body.issue.nobody}'), said)).toThrow(Missing);
  expect(() => filled({ deep: ['{body.pull_request.id}'] }, said)).toThrow(
    'body.pull_request.id was not sent',
  );
});

test('trouble is told with the place in the configuration', () => {
  const troubles = troublesIn(
    { title: '{body.a', list: ['fine', '{header.x-other}'] },
    new Set(['x-known']),
    ['ticket'],
  );
  expect(troubles).toMatchObject([
    { path: ['ticket', 'title'], message: expect.stringContaining('a lone {') },
    { path: ['ticket', 'list', 1], message: expect.stringContaining('x-other is not kept') },
  ]);
});

test('nothing that objects inherit is reached, whatever is asked for', () => {
  for (const path of [
    'body.constructor',
    'body.__proto__',
    'body.issue.toString',
    'body.issue.labels.length.x',
  ]) {
    const place = placeOf(path);
    expect(place && valueAt(place, said)).toBeUndefined();
  }
  expect(placeOf('header.__proto__')).toBeUndefined();
});

test('whatever strangers send, a text is one line without control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const line = oneLine(textOf(templateOf('{body.t}'), { body: { t: text }, headers: {} }), 100);
      expect(line.length).toBeLessThanOrEqual(100);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('a text without braces is itself, and with its braces doubled too', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const doubled = text.replaceAll('{', '{{').replaceAll('}', '}}');
      expect(textOf(templateOf(doubled), said)).toBe(text);
    }),
  );
});
