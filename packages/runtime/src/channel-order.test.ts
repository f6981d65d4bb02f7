import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { orderFindings, orderInFile } from './channel-order.ts';
import { loadConfiguration } from './config/index.ts';
import { testFolder } from './home/testing/folder.ts';

test('an order in kora.json that is not the one in force is a finding, with what brings it into force', async () => {
  const directory = testFolder();
  const say = (channels: readonly string[]): void =>
    writeFileSync(join(directory, 'kora.json'), JSON.stringify({ messages: { channels } }));
  say(['slack', 'inbox']);
  const configuration = await loadConfiguration({ home: directory, cwd: directory, env: {}, flags: {} });
  const ground = { configuration, home: { directory } };
  expect(await orderFindings({ ground })).toEqual([]);
  say(['email', 'slack']);
  expect(await orderInFile({ ground })).toEqual(['email', 'slack']);
  expect(await orderFindings({ ground })).toMatchObject([
    {
      id: 'channel.order',
      severity: 'warning',
      message: 'kora.json names the channels email, slack; in force is slack, inbox',
      hint: 'kora down && kora up --detach',
    },
  ]);
  writeFileSync(join(directory, 'kora.json'), '{');
  expect(await orderFindings({ ground })).toEqual([]);
});
