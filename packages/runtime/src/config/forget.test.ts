import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../home/testing/folder.ts';
import { forgetSecrets, loadConfiguration } from './index.ts';

test('a configuration that was made to forget holds no secret any more, and its other settings', async () => {
  const home = testFolder();
  const secrets = ['s3cret-a', 's3cret-b', 's3cret-c', 's3cret-d'];
  const content = {
    workspace: 'house',
    store: { url: `postgres://u:${secrets[0]}@h/d` },
    plugins: { config: { slack: { token: secrets[2] } } },
  };
  writeFileSync(join(home, 'kora.json'), JSON.stringify(content));
  const env = {
    KORA_DATABASE_MIGRATION_URL: `postgres://o:${secrets[3]}@h/d`,
    KORA_CHECKPOINT_KEY: secrets[1],
  };
  const loaded = await loadConfiguration({ home, cwd: home, env, flags: {} });
  for (const secret of secrets) expect(JSON.stringify(loaded)).toContain(secret);
  forgetSecrets(loaded);
  for (const secret of secrets) expect(JSON.stringify(loaded)).not.toContain(secret);
  expect(loaded.config).toMatchObject({ workspace: 'house', store: { connections: 10 } });
});
