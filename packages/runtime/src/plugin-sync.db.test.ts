import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import { clearOutside } from './plugin/testing/packages-on-disk.ts';
import { VersionsOnDisk } from './plugin/testing/versions-on-disk.ts';
import { testDatabase } from './store/testing/database.ts';

const daemon = (version: string): string => `
  await context.registerBackgroundDaemon({ name: 'ticker', startup: async () => {}, shutdown: async () => {},
    periodicTasks: [{ name: 'ticker.tick', cadence: { everyMs: 200 }, purpose: 'observe', run: async () => 'ok' }] });
  await context.registerProbe({ name: 'tide_${version.replaceAll('.', '_')}', kind: 'tide', target: 't', everyMs: 60000,
    check: async () => ({ status: 'healthy', details: {} }) });`;
const contributes = { daemons: ['ticker'], tasks: ['ticker.tick'], probes: ['tide'] };
const patience = { timeout: 30_000, interval: 50 };

interface Living {
  readonly client: KoraClient;
  readonly versions: VersionsOnDisk;
}

async function living(watch: boolean): Promise<Living> {
  const { connection } = await testDatabase({ empty: true });
  const versions = await VersionsOnDisk.create();
  onTestFinished(() => versions[Symbol.asyncDispose]());
  await versions.disk.write('host', { 'kora.json': JSON.stringify({ plugins: { watch } }) });
  const { user, password, database, host = '', port = 0 } = connection;
  const login = `${user}:${encodeURIComponent(String(password))}`;
  const env = {
    KORA_DATABASE_URL: `postgres://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
  };
  const home = testFolder();
  onTestFinished(() => clearOutside(home));
  const runtime = await createKora({ home, cwd: versions.directory, env, port: 0, bundled: [] });
  onTestFinished(() => runtime.stop('the test ends'));
  const { token } = await openHome(home, systemClock());
  return { versions, client: createKoraClient({ url: runtime.ready.url, token, timeoutMs: 60_000 }) };
}

const state = async (client: KoraClient, id: string): Promise<string | undefined> =>
  (await client.plugins()).find((row) => row.id === id)?.state;

test('installed, upgraded, parked, approved, removed and purged on a running runtime: what it brings follows', async () => {
  const { client, versions } = await living(false);
  const release = (version: string, capabilities: readonly string[] = []): Promise<void> =>
    versions.install({ id: 'tide', version, capabilities, register: daemon(version), contributes });
  await release('1.0.0');
  expect((await client.syncPlugins()).rows).toMatchObject([
    { id: 'tide', outcome: 'added', serving: '1.0.0' },
  ]);
  await vi.waitFor(async () => expect(await state(client, 'tide')).toBe('proven'), patience);

  await release('2.0.0');
  expect((await client.syncPlugins()).rows).toMatchObject([{ outcome: 'upgraded', serving: '2.0.0' }]);
  expect((await client.probes()).map(({ name }) => name)).toEqual(['tide_2_0_0']);
  expect((await client.daemons()).map(({ name }) => name)).toEqual(['ticker']);

  await release('3.0.0', ['cap_send_mail']);
  expect((await client.syncPlugins()).rows).toMatchObject([{ outcome: 'parked', serving: '2.0.0' }]);
  expect(await client.whyPlugin('tide')).toMatchObject({ reason: { code: 'capabilities_grown' } });
  await expect(client.approvePlugin('nobody', 'r')).rejects.toMatchObject({ code: 'KORA_PLUGIN_UNKNOWN' });
  const [shown] = await client.plugins();
  const digest = shown?.pending?.digest ?? '';
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  // What was shown is not what is installed by now.
  await release('3.0.1', ['cap_send_mail', 'cap_more']);
  await client.syncPlugins();
  await expect(client.approvePlugin('tide', 'it may', digest)).rejects.toMatchObject({
    code: 'KORA_PLUGIN_CHANGED',
  });
  await release('3.0.0', ['cap_send_mail']);
  await client.syncPlugins();
  expect(await client.approvePlugin('tide', 'it may', digest)).toMatchObject({
    outcome: 'upgraded',
    serving: '3.0.0',
  });
  await expect(client.approvePlugin('tide', 'again')).rejects.toMatchObject({
    code: 'KORA_PLUGIN_NOT_PARKED',
  });
  await expect(client.purgePlugin('tide', 'r')).rejects.toMatchObject({ code: 'KORA_PLUGIN_INSTALLED' });

  const disabled = await client.disablePlugin('tide', 'not for now');
  expect(disabled).toMatchObject({ plugin: 'tide', deny: ['tide'] });
  expect(await state(client, 'tide')).not.toBe('denied');
  await client.syncPlugins();
  expect(await state(client, 'tide')).toBe('denied');
  const { digest: read } = await client.configuration();
  await client.configure({ changes: [{ key: 'plugins.deny' }], digest: read, reason: 'again' });
  await client.syncPlugins();
  await vi.waitFor(async () => expect(await state(client, 'tide')).toBe('proven'), patience);

  await versions.uninstall('tide');
  expect((await client.syncPlugins()).rows).toMatchObject([{ outcome: 'removed', serving: null }]);
  expect([await client.probes(), await client.daemons()]).toEqual([[], []]);
  expect(await client.purgePlugin('tide', 'for good')).toMatchObject({ plugin: 'tide', tables: 0 });
  expect(await client.whyPlugin('tide')).toMatchObject({ state: 'not_installed' });
  const changes = ['added', 'removed', 'upgraded', 'parked', 'approved', 'forgotten'];
  const told = async (): Promise<string[]> => {
    const events = await client.events({ type: 'kora.plugin', limit: 200 });
    return events
      .map(({ type }) => type.replace('kora.plugin.', ''))
      .filter((name) => changes.includes(name));
  };
  await vi.waitFor(async () => {
    const arrived = ['added', 'upgraded', 'parked', 'parked', 'parked', 'approved', 'upgraded'];
    // Disabled, let in again, uninstalled.
    const left = ['removed', 'added', 'removed', 'forgotten'];
    expect(await told()).toEqual([...arrived, ...left]);
  }, patience);
}, 90_000);

test('what a package manager does is followed without a word', async () => {
  const { client, versions } = await living(true);
  await versions.install({ id: 'tide', version: '1.0.0', register: daemon('1.0.0'), contributes });
  await vi.waitFor(async () => expect(await state(client, 'tide')).toBe('proven'), patience);
  await versions.uninstall('tide');
  await vi.waitFor(async () => expect(await client.plugins()).toEqual([]), patience);
});
