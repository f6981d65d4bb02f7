import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import { PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import { testDatabase } from './store/testing/database.ts';

const probesPlugin = fileURLToPath(new URL('../../plugin-probes/', import.meta.url));
const soon = { timeout: 30_000, interval: 50 };

test('a canary flies from a probe to the operator and back, over the rows, tickets and messages of a real house', async () => {
  const packages = await PackagesOnDisk.create();
  onTestFinished(() => packages[Symbol.asyncDispose]());
  const text = readFileSync(join(probesPlugin, 'package.json'), 'utf8');
  const { kora: block } = JSON.parse(text) as { readonly kora: object };
  const entry = `export { default } from ${JSON.stringify(join(probesPlugin, 'src/index.ts'))};\n`;
  const folder = await packages.plugin('probes', { ...block, configSchema: undefined }, entry);
  const { url } = await testDatabase({ empty: true });
  const home = testFolder();
  const config = { plugins: { config: { probes: { builtin: false, probes: [] } } } };
  await writeFile(join(home, 'kora.json'), JSON.stringify(config));
  const env = { KORA_DATABASE_URL: url };
  const kora = await createKora({ home, cwd: home, env, port: 0, bundled: [folder] });
  onTestFinished(() => kora.stop('the test ends'));
  const { token } = await openHome(home, systemClock());
  const api = createKoraClient({ url: kora.ready.url, token });
  const events = async (type: string) => api.events({ type, limit: 10 });

  await expect.poll(async () => (await api.tasks()).map(({ name }) => name), soon).toContain('probe_canary');
  await api.runTask('probe_canary', 'a test');
  await expect.poll(async () => (await events('probe.canary_completed')).length, soon).toBe(1);
  expect(await events('probe.canary_missed')).toEqual([]);
  const incidents = await api.incidents({ limit: 10 });
  expect(incidents).toMatchObject([{ status: 'resolved', endedBy: 'recovered' }]);
  const thread = `incident:${incidents[0]?.incidentId ?? 0}`;
  const told = (await api.messages({ limit: 50 })).filter((each) => each.thread === thread);
  expect(told.map(({ status }) => status)).toEqual(told.map(() => 'delivered'));
  expect(told[0]?.title).toMatch(/^ℹ️ Probe alert · /);
  expect(told.at(-1)?.title).toMatch(/^✅ Recovered · /);
  // It asks nobody for a word: nothing is wrong.
  expect(await api.decisions()).toEqual([]);
}, 60_000);
