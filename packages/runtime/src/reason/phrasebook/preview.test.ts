import { expect, it } from 'vitest';
import { Book } from './book.ts';
import type { Entry } from './contract.ts';
import { previewOf } from './preview.ts';
import type { PastQuestion } from './preview.ts';

const entry = (pattern: string, reply: string): Entry => ({
  pattern,
  reply,
  category: 'c',
  description: 'd',
});
const bookOf = (...overlay: readonly Entry[]): Book =>
  new Book({ overlay, base: [], paths: new Set(['snapshot.tickets.open']) });
const asked = (text: string, at: string): PastQuestion => ({ text, at, by: 'engine' });

it('counts each question as often as it was asked, and shows those that would be answered otherwise', () => {
  const before = bookOf(entry('status', 'old'), entry('cost', 'same'), entry('gone', 'was'));
  const after = bookOf(
    entry('status', 'new'),
    entry('cost', 'same'),
    entry('queue', '{snapshot.tickets.open}'),
  );
  const questions = [
    asked('status', '2026-11-22T03:00:00Z'),
    asked('status', '2026-11-22T01:00:00Z'),
    asked('cost', '2026-11-22T02:00:00Z'),
    asked('gone', '2026-11-22T02:00:00Z'),
    asked('queue', '2026-11-22T02:00:00Z'),
    asked('write me a letter', '2026-11-22T02:00:00Z'),
  ];
  const preview = previewOf({ before, after }, questions, { snapshot: null, nowMs: 0 });
  expect(preview).toMatchObject({
    questions: 6,
    answeredBefore: 4,
    answeredAfter: 3,
    changes: [
      {
        text: 'status',
        times: 2,
        lastAt: '2026-11-22T03:00:00Z',
        before: { text: 'old' },
        after: { text: 'new' },
      },
      { text: 'gone', before: { outcome: 'answered' }, after: { outcome: 'unmatched' } },
      { text: 'queue', before: { outcome: 'unmatched' }, after: { outcome: 'unknown' } },
    ],
  });
  expect(preview.changes).toHaveLength(3);
});
