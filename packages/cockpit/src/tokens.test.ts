import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./web/tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name, light, dark]) => [String(name), { light: String(light), dark: String(dark) }],
  ),
);
const themes = ['light', 'dark'] as const;
const surfaces = ['bg', 'surface', 'raised'];
const texts = ['ink', 'dim', 'boot', 'ready', 'active', 'paused', 'stopped', 'stale'];
const fills = ['boot', 'ready', 'active', 'paused', 'stopped', 'dim'];

function valueOf(name: string, theme: 'light' | 'dark'): string {
  // A token that is not there has no contrast with anything.
  return tokens.get(name)?.[theme] ?? '#808080';
}

/** WCAG 2 relative luminance. */
function luminance(hex: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = channels.map((c) =>
    c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

describe.each(themes)('the %s theme', (theme) => {
  const pairs = (names: readonly string[], on: readonly string[]): string[][] =>
    names.flatMap((name) => on.map((surface) => [name, surface]));

  it.each(pairs(texts, surfaces))('reads %s on %s', (text, surface) => {
    expect(contrast(valueOf(text, theme), valueOf(surface, theme))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(pairs(['line-strong'], surfaces))('shows the edge of a control, %s on %s', (line, surface) => {
    expect(contrast(valueOf(line, theme), valueOf(surface, theme))).toBeGreaterThanOrEqual(3);
  });

  it.each(fills)('reads the text on a fill of %s', (fill) => {
    expect(contrast(valueOf('on-fill', theme), valueOf(fill, theme))).toBeGreaterThanOrEqual(4.5);
  });
});

describe('the measure', () => {
  it('is that of WCAG, and all tokens were read', () => {
    expect(contrast('#ffffff', '#000000')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 1);
    expect(tokens.size).toBe(14);
  });
});
