import { expect, it } from 'vitest';
import { added, changed, differenceOf, draftsOf, type Entry, moved, overlayOf, removed } from './entries.ts';

const entry = (pattern: string, reply: string | null = 'yes'): Entry => ({
  pattern,
  reply,
  category: 'own',
  description: '',
});
const overlay = [entry('a $'), entry('b $')];

it('entries are written on, moved and taken out without changing what was read', () => {
  const drafts = added(draftsOf(overlay));
  expect(overlayOf(drafts).map(({ pattern }) => pattern)).toEqual(['a $', 'b $', '']);
  expect(overlayOf(changed(drafts, 2, { pattern: 'c $', reply: null }))[2]).toEqual({
    ...entry('c $', null),
    description: 'my own',
  });
  expect(overlayOf(moved(drafts, 1, -1)).map(({ pattern }) => pattern)).toEqual(['b $', 'a $', '']);
  expect(moved(drafts, 0, -1)).toEqual(drafts);
  expect(overlayOf(removed(drafts, 0)).map(({ pattern }) => pattern)).toEqual(['b $', '']);
  // The key of what was removed is not given again, so that a field does not keep another entry's text.
  expect(added(removed(drafts, 0)).map(({ key }) => key)).toEqual([1, 2, 3]);
  expect(overlay).toEqual([entry('a $'), entry('b $')]);
});

it('what is other is told by pattern, and an order that changed alone as such', () => {
  expect(differenceOf(overlay, overlay)).toEqual([]);
  expect(differenceOf(overlay, [entry('a $', null), entry('c $')])).toEqual([
    { path: 'a $', before: 'yes\nown', after: '(left to whoever thinks)\nown' },
    { path: 'b $', before: 'yes\nown', after: null },
    { path: 'c $', before: null, after: 'yes\nown' },
  ]);
  expect(differenceOf(overlay, [...overlay].reverse())).toEqual([
    { path: 'order', before: 'a $\nb $', after: 'b $\na $' },
  ]);
});
