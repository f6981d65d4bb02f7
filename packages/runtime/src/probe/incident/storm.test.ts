import { expect, test } from 'vitest';
import { foldOf } from '../contract.ts';
import { longestStormMs, mostInStorm, sharesOf, StormBook, stormGapMs } from './storm.ts';
import type { Beginning } from './storm.ts';

function begin(probe: string, ...shares: string[]): Beginning {
  return { wakeId: `wake of ${probe}`, probe, shares };
}

test('what shares a host, a need or a cause and begins soon after belongs to one storm; what shares nothing does not', () => {
  const book = new StormBook();
  expect(book.join(begin('a', 'host:db-1', 'needs:a'), 0)).toBeUndefined();
  expect(book.join(begin('b', 'host:db-1', 'needs:b'), 10_000)).toBe('wake of a');
  expect(book.join(begin('c', 'host:web-1', 'needs:c'), 10_000)).toBeUndefined();
  expect(book.join(begin('d', 'host:web-1'), 11_000)).toBe('wake of c');
});

test('a storm ends half a minute after its last member, and two minutes after its first', () => {
  const book = new StormBook();
  book.join(begin('a', 'host:x'), 0);
  expect(book.join(begin('b', 'host:x'), stormGapMs + 1)).toBeUndefined();
  const long = new StormBook();
  long.join(begin('a', 'host:x'), 0);
  let at = 0;
  for (; at <= longestStormMs; at += stormGapMs)
    expect(long.join(begin(`at ${at}`, 'host:x'), at)).toBe('wake of a');
  expect(long.join(begin('late', 'host:x'), at)).toBeUndefined();
});

test('a storm has a most, and then another begins', () => {
  const book = new StormBook();
  const storms = Array.from({ length: mostInStorm * 2 }, (_, n) => book.join(begin(`p${n}`, 'host:x'), 0));
  expect(storms.filter((storm) => storm === undefined)).toHaveLength(2);
  expect(storms.filter((storm) => storm === 'wake of p0')).toHaveLength(mostInStorm - 1);
});

test('an incident that was lost with its transaction leads nothing when it opens again', () => {
  const book = new StormBook();
  book.join({ wakeId: 'lost', probe: 'a', shares: ['host:x'] }, 0);
  expect(book.join({ wakeId: 'kept', probe: 'a', shares: ['host:x'] }, 1_000)).toBeUndefined();
  book.keep('kept', 'kept');
  expect(book.join({ wakeId: 'next', probe: 'b', shares: ['host:x'] }, 2_000)).toBe('kept');
});

test('a second incident of one probe is news of its own', () => {
  const book = new StormBook();
  book.join({ wakeId: 'first', probe: 'a', shares: ['needs:a'] }, 0);
  book.keep('first', 'first');
  expect(book.join({ wakeId: 'second', probe: 'a', shares: ['needs:a'] }, 1_000)).toBeUndefined();
});

test('a storm that another runtime leads goes on under its name', () => {
  const book = new StormBook();
  book.join({ wakeId: 'here', probe: 'a', shares: ['host:x'] }, 0);
  book.keep('here', 'elsewhere');
  expect(book.join({ wakeId: 'next', probe: 'b', shares: ['host:x'] }, 1_000)).toBe('elsewhere');
});

test('what may be shared is read from the probe and the look', () => {
  const spec = { name: 'shop', target: 'https://Shop.example:8443/health' };
  expect(sharesOf(spec, { details: {} }, ['db'])).toEqual([
    'needs:shop',
    'needs:db',
    'host:shop.example:8443',
  ]);
  const near = { details: { failure: 'dns' }, error: 'DNS lookup failed (EAI_AGAIN)' };
  expect(sharesOf({ ...spec, host: 'web-1' }, near, [])).toEqual(['needs:shop', 'host:web-1', 'cause:dns']);
  expect(sharesOf({ name: 'a', target: 'b:1' }, { ...near, details: {} }, [])).toEqual([
    'needs:a',
    'cause:EAI_AGAIN',
  ]);
  const own = { details: { failure: 'refused' }, error: 'HTTP 500' };
  expect(sharesOf({ name: 'disk', target: '/' }, own, [])).toEqual(['needs:disk']);
});

test('two services behind the loopback address share nothing, two looks at one service do', () => {
  const shares = (name: string, port: number): string[] =>
    sharesOf({ name, target: `http://127.0.0.1:${port}/${name}`, host: '127.0.0.1' }, { details: {} }, []);
  expect(shares('shop', 8001)).toEqual(['needs:shop', 'host:127.0.0.1:8001']);
  expect(shares('orders', 8002)).toEqual(['needs:orders', 'host:127.0.0.1:8002']);
  expect(shares('cart', 8001)).toContain('host:127.0.0.1:8001');
  for (const host of ['localhost', '::1', '127.8.9.1'])
    expect(sharesOf({ name: 'a', target: 'a', host }, { details: {} }, [])).toEqual(['needs:a']);
});

test('an incident folds to its storm, and leads when the storm is its own', () => {
  expect(foldOf({ wakeId: 'a' })).toEqual({ stormId: 'a', leader: true });
  expect(foldOf({ wakeId: 'b', stormId: 'a' })).toEqual({ stormId: 'a', leader: false });
});
