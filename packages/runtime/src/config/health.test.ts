import { expect, test } from 'vitest';
import { testFolder } from '../home/testing/folder.ts';
import { loadConfiguration } from './index.ts';

async function cadence(value?: string): Promise<number> {
  const home = testFolder();
  const env = value === undefined ? {} : { KORA_HEALTH_PROBE_CADENCE_SECONDS: value };
  const { config } = await loadConfiguration({ home, cwd: home, env, flags: {} });
  return config.health.cadenceSeconds;
}

test('the health cadence is five minutes, or what the environment says', async () => {
  expect([await cadence(), await cadence('20'), await cadence(' ')]).toEqual([300, 20, 300]);
});

test.each(['0', '-5', '1.5', 'often', '86401'])(
  'a health cadence of %s is refused by its name, and no default takes its place',
  async (value) => {
    await expect(cadence(value)).rejects.toMatchObject({
      code: 'KORA_CONFIG_INVALID',
      message: expect.stringContaining('health.cadenceSeconds') as string,
    });
  },
);
