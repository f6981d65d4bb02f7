import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLine, jsonText } from './json-text.ts';
import { oneLine, plain, plainTitle } from './plain.ts';

describe('a stranger’s text', () => {
  it('shows every character that would reorder or hide others', () => {
    expect(plain('\u202egnp.exe')).toBe('⟨RLO⟩gnp.exe');
    expect(plain('a\u2066b\u2069\u200b\ufeff')).toBe('a⟨LRI⟩b⟨PDI⟩⟨ZWSP⟩⟨BOM⟩');
    expect(plain('so\u00adft\u{e0041}tag\u2063')).toBe('so⟨SHY⟩ft⟨U+E0041⟩tag⟨U+2063⟩');
    expect(plain('\u001b[31mred\u0007\u007f\u0085')).toBe('␛[31mred␇␡⟨U+0085⟩');
  });

  it('keeps what people write: lines, tabs, other scripts, emoji', () => {
    const text = 'line\n\tשלום · 東京 · 👩‍🚀 · é';
    expect(plain(text)).toBe(text);
    expect(plain('a\r\nb')).toBe('a\nb');
  });

  it('leaves the signs out that stand before titles of messages, and no other', () => {
    expect(plainTitle('🚨 Probe alert · shop')).toBe('Probe alert · shop');
    expect(oneLine('incident 1: ⚠️ Worse · shop. Do you know of it?')).toBe(
      'incident 1: Worse · shop. Do you know of it?',
    );
    expect(plainTitle('🚢🚨')).toBe('🚢🚨');
    expect(plain('🚨 Probe alert')).toBe('🚨 Probe alert');
  });

  it('never lets a bidi control through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plain(text)).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/);
      }),
    );
  });

  it('is cut to what a list can carry, without half a character', () => {
    expect(oneLine('x'.repeat(10_000))).toHaveLength(301);
    expect(oneLine('a\n\n  b')).toBe('a b');
    expect(oneLine('😀'.repeat(10), 3).isWellFormed()).toBe(true);
  });
});

describe('JSON as text', () => {
  it('puts the first facts of a payload on a line', () => {
    const payload = { ticket: 41, ok: true, tags: ['a', 'b'], nested: { deep: 1 }, more: 1 };
    expect(jsonLine(payload)).toBe('ticket 41 · ok true · tags a, b · nested {…} · …');
    expect(jsonLine({ summary: null, tags: [] })).toBe('tags none');
    expect(jsonLine({ error: 'x', from: 'a', probe: 'p', to: 'b' })).toBe(
      'probe p · from a · to b · error x',
    );
    expect(jsonLine({})).toBe('');
  });

  it('is indented, and markup in it stays text', () => {
    expect(jsonText({ a: '<b>' })).toBe('{\n  "a": "<b>"\n}');
  });
});
