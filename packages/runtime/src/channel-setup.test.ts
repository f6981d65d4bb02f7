import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ChannelParts } from './channel-answers.ts';
import { setUpChannel } from './channel-setup.ts';
import { testFolder } from './home/testing/folder.ts';

const field = { prompt: 'p', where: null, kind: 'text' as const, pattern: null, optional: false };
const setup = {
  plugin: 'chatter',
  title: 'Chatter',
  guide: [],
  fields: [{ ...field, key: 'BOT_TOKEN', secret: true }],
};
const page = { session: 's', device: 'a phone' };

test('a page writes no secret of a channel: it is refused before a file is made', async () => {
  const directory = testFolder();
  // Nothing else of a house is asked before the refusal.
  const parts = { ground: { home: { directory } } } as ChannelParts;
  const wish = { values: {}, secrets: { BOT_TOKEN: 'xoxb-of-somebody-else' }, reason: 'r' };
  await expect(setUpChannel(parts, setup, wish, { page })).rejects.toMatchObject({
    code: 'KORA_CONFIG_CLOSED',
    fix: 'kora channel setup NAME',
    details: { issues: [{ path: 'BOT_TOKEN' }] },
  });
  expect(readdirSync(directory)).toEqual([]);
});
