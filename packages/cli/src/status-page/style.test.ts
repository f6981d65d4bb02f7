import { expect, test } from 'vitest';
import { css } from './style.ts';

type Theme = 'light' | 'dark';

/** A colour of the sheet in one theme, as red, green and blue. */
function colour(name: string, theme: Theme): readonly number[] {
  const [, light = '', dark = ''] =
    new RegExp(`--${name}:light-dark\\((#[0-9a-f]+),(#[0-9a-f]+)\\)`).exec(css) ?? [];
  const hex = (theme === 'light' ? light : dark).slice(1);
  const long = hex.length === 3 ? hex.replaceAll(/./g, '$&$&') : hex;
  return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16) / 255);
}

/** WCAG 2: how far two colours are apart, 1 to 21. */
function contrast(one: readonly number[], other: readonly number[]): number {
  const [high = 0, low = 0] = [one, other]
    .map((rgb) => {
      const [r = 0, g = 0, b = 0] = rgb.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    })
    .toSorted((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const themes: readonly Theme[] = ['light', 'dark'];
const pairs = (
  names: readonly string[],
  on: readonly string[],
): readonly (readonly [string, string, Theme])[] =>
  names.flatMap((name) => on.flatMap((surface) => themes.map((theme) => [name, surface, theme] as const)));

test.each(pairs(['ink', 'dim', 'healthy', 'degraded', 'failing', 'unknown'], ['bg', 'surface']))(
  'text of colour %s reads on %s in the %s theme',
  (name, surface, theme) => {
    expect(contrast(colour(name, theme), colour(surface, theme))).toBeGreaterThanOrEqual(4.5);
  },
);

test.each(pairs(['bar', 'bad', 'none'], ['bg', 'surface']))(
  'a mark of colour %s is seen on %s in the %s theme',
  (name, surface, theme) => {
    expect(contrast(colour(name, theme), colour(surface, theme))).toBeGreaterThanOrEqual(3);
  },
);
