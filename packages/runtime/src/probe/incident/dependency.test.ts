import { expect, test } from 'vitest';
import { ancestorsOf, cycleFrom, descendantsOf } from './dependency.ts';

const graph: Readonly<Record<string, readonly string[]>> = {
  cart: ['shop'],
  shop: ['db', 'dns'],
  db: ['disk'],
  mail: ['dns'],
};
const needs = (probe: string): readonly string[] => graph[probe] ?? [];

test('what a probe needs is told nearest first, each once', () => {
  expect(ancestorsOf('cart', needs)).toEqual(['shop', 'db', 'dns', 'disk']);
  expect(ancestorsOf('disk', needs)).toEqual([]);
});

test('what needs a probe is found through others', () => {
  expect(descendantsOf('disk', Object.keys(graph), needs)).toEqual(['cart', 'shop', 'db']);
});

test('a way back to where it began is a cycle, whatever else there is', () => {
  expect(cycleFrom('cart', needs)).toBeNull();
  const round = (probe: string): readonly string[] => (probe === 'disk' ? ['mail', 'cart'] : needs(probe));
  expect(cycleFrom('shop', round)).toEqual(['shop', 'db', 'disk', 'cart', 'shop']);
  expect(cycleFrom('self', () => ['self'])).toEqual(['self', 'self']);
});
