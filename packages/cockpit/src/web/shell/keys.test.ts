import { describe, expect, it } from 'vitest';
import { chordMs, type KeyCommand, type KeyPress, keyRows, press } from './keys.ts';
import { routeOf, routes } from './routes.ts';

const key = (name: string, part: Partial<KeyPress> = {}): KeyPress => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  pressable: false,
  typing: false,
  at: 0,
  ...part,
});

function type(...presses: readonly KeyPress[]): KeyCommand | null {
  let memory: number | null = null;
  let command: KeyCommand | null = null;
  for (const one of presses) [memory, command] = press(memory, one);
  return command;
}

describe('the keys', () => {
  it('have no clash, and each is on the sheet', () => {
    const keys = routes.map((route) => route.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(keyRows().map((row) => row.keys)).size).toBe(keyRows().length);
    for (const route of routes)
      expect(keyRows()).toContainEqual({ keys: `g ${route.key}`, does: route.title });
  });

  it.each(routes.map((route) => [route.key, route.path]))('g %s goes to %s', (name, path) => {
    expect(type(key('g'), key(name, { at: 300 }))).toEqual({ kind: 'go', path });
  });

  it('never fire where text is typed or with a modifier', () => {
    expect(type(key('/', { typing: true }))).toBeNull();
    expect(type(key('?', { ctrlKey: true }))).toBeNull();
    expect(type(key('g'), key('t', { metaKey: true, at: 10 }))).toBeNull();
    expect(type(key('g', { altKey: true }), key('t', { at: 10 }))).toBeNull();
  });

  it('forget g when nothing follows in time, or something else does', () => {
    expect(type(key('g'), key('t', { at: chordMs + 1 }))).toBeNull();
    expect(type(key('g'), key('x', { at: 10 }), key('t', { at: 20 }))).toBeNull();
    expect(type(key('g'), key('g', { at: 10 }), key('t', { at: 20 }))).toEqual({
      kind: 'go',
      path: '/tickets',
    });
  });

  it('open the sheet and the filter', () => {
    expect([type(key('?')), type(key('/'))]).toEqual([{ kind: 'help' }, { kind: 'filter' }]);
  });

  it('go through the rows, and leave Enter and Space to what answers them', () => {
    expect(['j', 'k', ' ', 'Enter'].map((name) => type(key(name)))).toEqual([
      { kind: 'row', step: 1 },
      { kind: 'row', step: -1 },
      { kind: 'peek' },
      { kind: 'open' },
    ]);
    expect([type(key(' ', { pressable: true })), type(key('Enter', { pressable: true }))]).toEqual([
      null,
      null,
    ]);
    expect(type(key('X', { shiftKey: true }))).toEqual({ kind: 'pick', range: true });
  });

  it('open palette and stop from anywhere, also where text is typed', () => {
    expect(type(key('k', { ctrlKey: true, typing: true }))).toEqual({ kind: 'palette' });
    expect(type(key('S', { ctrlKey: true, shiftKey: true, typing: true }))).toEqual({ kind: 'stop' });
    expect(type(key('s', { ctrlKey: true }))).toBeNull();
  });
});

describe('the rail', () => {
  it('knows where a detail belongs', () => {
    expect(
      ['/', '/tickets/41', '/incidents/12', '/probes/shop', '/nowhere'].map((path) => routeOf(path)?.title),
    ).toEqual(['Overview', 'Tickets', 'Probes', 'Probes', undefined]);
  });
});
