import { describe, expect, it } from 'vitest';
import { judgeBody, wantsBody } from './http-body.ts';
import type { BodyWish } from './http-body.ts';

const objection = (wish: BodyWish, body: unknown, cut = false): string | null =>
  judgeBody(wish, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), cut).objection;

describe('a body', () => {
  it('is read only where something is wanted of it', () => {
    expect(wantsBody({})).toBe(false);
    expect(wantsBody({ bodyJson: [{ path: 'a', equals: null }] })).toBe(true);
  });

  it.each([
    ['version 1.42', null],
    ['version one', 'its body does not match the expected pattern'],
  ])('%j is held against a pattern', (body, said) => {
    expect(objection({ bodyMatches: 'version \\d+\\.\\d+' }, body)).toBe(said);
  });

  it('cannot hang a look by a pattern that backtracks', () => {
    // (a+)+$ takes a backtracking engine 2^60 000 steps here; that this test ends at all is the point.
    expect(objection({ bodyMatches: '^(a+)+$' }, `${'a'.repeat(60_000)}!`)).toMatch(/does not match/);
  });

  it.each([
    [{ path: 'db.ok', equals: true }, null],
    [{ path: 'db.ok', equals: false }, 'db.ok of its body is true, expected false'],
    [{ path: 'db.free', atLeast: 5 }, 'db.free of its body is 3, expected at least 5'],
    [{ path: 'db.free', atMost: 5 }, null],
    [{ path: 'db.name', atLeast: 1 }, 'db.name of its body is "orders", expected at least 1'],
    [{ path: 'db.none', equals: 'x' }, 'db.none of its body is missing, expected "x"'],
    [{ path: 'db', equals: 'x' }, 'db of its body is an object, expected "x"'],
  ])('is held against %j', (wish, said) => {
    const body = { db: { ok: true, free: 3, name: 'orders' } };
    expect(objection({ bodyJson: [wish] }, body)).toBe(said);
  });

  it('shows no more of a value than a line', () => {
    const said = objection({ bodyJson: [{ path: 'a', equals: 'b' }] }, { a: 'x'.repeat(500) });
    expect(said).toHaveLength('a of its body is , expected "b"'.length + 61);
  });

  it('that is no JSON, or too long to be, is said to be that', () => {
    const wish = { bodyJson: [{ path: 'a', equals: 1 }] };
    expect(objection(wish, '<html>')).toBe('its body is not JSON');
    expect(objection(wish, '{"a":1', true)).toBe(
      'its body is longer than 6 bytes, too long to be read as JSON',
    );
  });
});
