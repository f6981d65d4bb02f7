import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { testFolder } from '../home/testing/folder.ts';
import { takeHot } from './hot.ts';
import { readKeys } from './key-write.ts';
import { loadConfiguration } from './load.ts';

test('what is hot is taken from the file at once; what is not, and what a variable says, stays', async () => {
  const home = testFolder();
  const env = { KORA_LOG_LEVEL: 'warn' };
  const loaded = await loadConfiguration({ home, cwd: home, env, flags: {} });
  const file = join(home, 'kora.json');
  writeFileSync(
    file,
    '{ "alerts": { "burst": 9, "routes": { "direct": ["inbox"] } }, "log": { "level": "debug" }, "spend": { "poolUsd": 1 } }',
  );
  const { config } = await readKeys(file);
  const keys = ['alerts.burst', 'alerts.routes.direct', 'log.level', 'spend.poolUsd', 'alerts.digestHour'];
  const said = keys.map((key) => ({ key, isSaid: key !== 'alerts.digestHour' }));
  if (config === undefined) throw new TypeError('it is a configuration');
  expect(takeHot(loaded, config, said)).toEqual(['alerts.burst', 'alerts.routes.direct']);
  expect(loaded.config).toMatchObject({
    alerts: { burst: 9, routes: { direct: ['inbox'] } },
    log: { level: 'warn' },
    spend: { poolUsd: 200 },
  });
  expect(loaded.origins).toMatchObject({ 'alerts.burst': 'file', 'log.level': 'environment' });
  expect(Object.isFrozen(loaded.config.alerts)).toBe(true);
});
