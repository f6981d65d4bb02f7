import { describe, expect, it } from 'vitest';
import { entriesOf } from './entry.ts';

const entries = (...texts: string[]) =>
  entriesOf(texts.map((text, index) => ({ line: index + 1, at: null, text })));

describe('an entry of a log', () => {
  it.each([
    ['2026-11-21T10:02:10Z ERROR it broke', 'error', 'ERROR it broke'],
    ['2026-11-21 10:02:10,250 [main] WARN  slow', 'warn', '[main] WARN  slow'],
    ['{"time":"2026-11-21T10:02:10.000Z","level":"info","msg":"ok"}', 'info', 'level":"info","msg":"ok"}'],
    ['{"level":50,"msg":"no"}', 'error', '{"level":50,"msg":"no"}'],
    ['Nov 21 10:02:10 shop[7]: [error] upstream', 'error', 'shop[7]: [error] upstream'],
    ['plain words', 'none', 'plain words'],
  ])('%s has its level', (text, level, rest) => {
    const [entry] = entries(text);
    expect(entry?.level).toBe(level);
    expect(entry?.text).toContain(rest);
  });

  it('knows its time from its text, as UTC where it says nothing else', () => {
    expect(entries('2026-11-21 10:02:10,250 x')[0]?.at).toBe(Date.parse('2026-11-21T10:02:10.250Z'));
    expect(entries('2026-11-21T12:02:10+02:00 x')[0]?.at).toBe(Date.parse('2026-11-21T10:02:10Z'));
    expect(entries('x')[0]?.at).toBeNull();
  });

  it('joins lines without a time to the one before them', () => {
    const [first, second] = entries(
      '2026-11-21T10:02:10Z WARN scheduler: 0/6 nodes are available: 4 Insufficient',
      '  example.com/accelerator, 2 node(s) had an untolerated',
      'taint.',
      '2026-11-21T10:02:11Z INFO next',
    );
    expect(first?.text).toMatch(
      /Insufficient example\.com\/accelerator, 2 node\(s\) had an untolerated taint\.$/,
    );
    expect(first?.line).toBe(1);
    expect(second).toMatchObject({ line: 4, level: 'info' });
  });

  it('joins records of one instant that continue a sentence, each with its time', () => {
    const joined = entries(
      '2026-11-21T10:02:10Z WARN no host satisfies the request: insufficient',
      '2026-11-21T10:02:10Z memory on three, wrong zone on one',
    );
    expect(joined).toHaveLength(1);
    expect(joined[0]?.text).toContain('insufficient memory on three');
  });

  it('keeps lines apart that only follow each other', () => {
    expect(entries('starting', 'listening on 4100', 'ERROR gone')).toHaveLength(3);
  });

  it('is bounded, however long a trace goes on', () => {
    const [entry] = entries(
      'ERROR x',
      ...Array.from({ length: 5_000 }, () => `    at frame (${'x'.repeat(200)})`),
    );
    expect(entry?.text.length).toBeLessThanOrEqual(8_000);
  });
});
