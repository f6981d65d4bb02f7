import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clustersOf } from './cluster.ts';
import { featuresOf, similarity } from './features.ts';
import { Fold } from './fold.ts';
import { SignatureCache, signatureOf, signatureVersion } from './signature.ts';

const words = ['what', 'failed', 'today', 'is', 'the', 'shop', 'up', 'open', 'orders', 'now', 'please'];
const texts = fc
  .uniqueArray(
    fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(' ')),
    { maxLength: 60 },
  )
  .chain((all) =>
    fc
      .array(fc.integer({ min: 1, max: 3 }), { minLength: all.length, maxLength: all.length })
      .map((counts) => all.map((text, at) => ({ text, count: counts[at] ?? 1 }))),
  );
const pause = () => Promise.resolve();
const { signal } = new AbortController();

function clusters(items: readonly { readonly text: string; readonly count: number }[], threshold = 0.7) {
  return clustersOf(items, { threshold, cache: new SignatureCache(), pause, signal });
}

describe('clusters', () => {
  it('are the same in whatever order texts come', () =>
    fc.assert(
      fc.asyncProperty(texts, fc.infiniteStream(fc.nat()), async (items, order) => {
        const shuffled = items
          .map((item) => ({ item, key: Number(order.next().value) }))
          .sort((one, other) => one.key - other.key)
          .map(({ item }) => item);
        expect(await clusters(shuffled)).toEqual(await clusters(items));
      }),
    ));

  it('hold each text once, and none that is unlike another of them', () =>
    fc.assert(
      fc.asyncProperty(texts, async (items) => {
        const found = await clusters(items);
        const held = found.flatMap(({ members }) => members.map(({ text }) => text));
        expect(held.toSorted()).toEqual(items.map(({ text }) => text).toSorted());
        for (const { members } of found)
          for (const [at, one] of members.entries())
            for (const other of members.slice(at + 1))
              expect(similarity(featuresOf(one.text), featuresOf(other.text))).toBeGreaterThanOrEqual(0.7);
      }),
    ));

  it('does not reach through a third: two ends of a chain stay apart (daemon defect W69)', async () => {
    const chain = ['a b c d e f', 'b c d e f g', 'c d e f g h', 'd e f g h i'].map((text) => ({
      text,
      count: 1,
    }));
    const [first] = await clusters(chain, 0.75);
    expect(first?.members.length).toBeLessThan(chain.length);
  });

  it('finds the wordings of one question', async () => {
    const items = [
      'how many orders came in today',
      'how many orders came in',
      'is the shop up',
      'how many orders came in today please',
    ];
    const found = await clusters(
      items.map((text) => ({ text, count: 1 })),
      0.75,
    );
    expect(found.map(({ members }) => members.length)).toEqual([3, 1]);
  });

  it('keeps signatures of its own version, and not more than it may', () => {
    const cache = new SignatureCache(4);
    for (const text of words) expect(cache.of(text)).toEqual(signatureOf(text));
    expect(cache.version).toBe(signatureVersion);
    expect(cache.size).toBeLessThanOrEqual(4);
    expect(cache.of('now')).toBe(cache.of('now'));
  });

  it('counts what comes again within its bound', () => {
    const fold = new Fold<{ text: string; count: number }>(100);
    for (let at = 0; at < 10_000; at += 1) {
      const text = at % 4 === 0 ? 'often' : `once ${at}`;
      fold.of(text, () => ({ text, count: 0 })).count += 1;
      expect(fold.size).toBeLessThanOrEqual(100);
    }
    expect([...fold.values()].find(({ text }) => text === 'often')?.count).toBe(2_500);
  });
});
