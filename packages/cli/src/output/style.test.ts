import { expect, it } from 'vitest';
import { coloured, createStyle, tint } from './style.ts';

it('colours only a terminal that wants it', () => {
  const terminal = { wanted: true, env: {}, isTTY: true };
  expect(coloured(terminal)).toBe(true);
  expect(coloured({ ...terminal, isTTY: false })).toBe(false);
  expect(coloured({ ...terminal, wanted: false })).toBe(false);
  expect(coloured({ ...terminal, env: { NO_COLOR: '1' } })).toBe(false);
  expect(coloured({ ...terminal, env: { TERM: 'dumb' } })).toBe(false);
  // no-color.org: an empty value is no wish.
  expect(coloured({ ...terminal, env: { NO_COLOR: '' } })).toBe(true);
});

it('tints a state by what it means, and leaves an unfamiliar word alone', () => {
  const style = createStyle(true);
  expect(tint(style, 'ready')).toBe(style.good('ready'));
  expect(tint(style, 'unreachable')).toBe(style.bad('unreachable'));
  expect(tint(style, 'paused')).toBe(style.warn('paused'));
  expect(tint(style, 'perplexed')).toBe('perplexed');
  expect(tint(createStyle(false), 'ready')).toBe('ready');
});
