import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../home/testing/folder.ts';
import { putFirst, readOrder } from './index.ts';

const now = Date.now();

function fileWith(text: string): string {
  const file = join(testFolder(), 'kora.json');
  writeFileSync(file, text);
  return file;
}

test('a channel becomes the first, the rest keep their order, and the file its comments', async () => {
  const file = fileWith(`{
  // how I am told
  "messages": { "channels": ["email", /* at night */ "pager", "inbox"], "perMinute": 7 },
}
`);
  const order = ['slack', 'email', 'pager', 'inbox'];
  expect(await putFirst(file, { name: 'slack', now })).toEqual({ order, before: order.slice(1) });
  expect(await readOrder(file)).toEqual(order);
  const text = readFileSync(file, 'utf8');
  for (const kept of ['// how I am told', '/* at night */', '"perMinute": 7']) expect(text).toContain(kept);
  expect(await putFirst(file, { name: 'pager', now })).toMatchObject({
    order: ['pager', 'slack', 'email', 'inbox'],
  });
});

test.each([['{}'], ['{ "messages": { "perMinute": 7 } }'], ['{ "plugins": { "allow": [] } }']])(
  'what says no order has the inbox behind it: %s',
  async (text) => {
    const file = fileWith(text);
    expect(await readOrder(file)).toEqual(['inbox']);
    await putFirst(file, { name: 'slack', now });
    expect(await readOrder(file)).toEqual(['slack', 'inbox']);
  },
);

test('an order that would be too long is refused, and nothing is written', async () => {
  const channels = Array.from({ length: 10 }, (_, n) => `c${n}`);
  const file = fileWith(JSON.stringify({ messages: { channels } }));
  await expect(putFirst(file, { name: 'slack', now })).rejects.toMatchObject({ code: 'KORA_CONFIG_INVALID' });
  expect(await readOrder(file)).toEqual(channels);
});
