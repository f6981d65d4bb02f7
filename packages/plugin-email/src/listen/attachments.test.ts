import { expect, test } from 'vitest';
import { keepAttachments } from './attachments.ts';

test('of a mail that is nothing but files ten are kept, and the words about the others do not fill it', async () => {
  const file = { filename: 'a.txt', content: new Uint8Array(1), mimeType: 'text/plain', disposition: null };
  let count = 0;
  const put = () => {
    count += 1;
    return Promise.resolve({ artifactId: `art_${count}` } as never);
  };
  const many = Array.from({ length: 10_000 }, () => file);
  const { ids, notes } = await keepAttachments({ put }, many);
  expect(ids).toHaveLength(10);
  expect(notes).toHaveLength(11);
  expect(notes.at(-1)).toBe('(not kept: 9980 more)');
});
