import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import { testDatabase } from './store/testing/database.ts';

/** One daemon dies soon after its first start, one does not start, one is for the whole fleet. */
const keeper = entryOf(
  'keeper',
  `
  let starts = 0;
  const shutdown = async () => {};
  await context.registerBackgroundDaemon({ name: 'mortal', shutdown,
    startup: async ({ died }) => { if (starts++ === 0) setTimeout(() => died(new Error('lost its socket')), 20); } });
  await context.registerBackgroundDaemon({ name: 'broken', shutdown,
    startup: async () => { throw new Error('no port'); } });
  await context.registerBackgroundDaemon({ name: 'poller', shutdown, scope: 'fleet',
    startup: async ({ fence, status }) => { context.log.info('fence ' + fence + ' ' + (await status()).primaryState); } });
`,
);

test('in a living runtime: a death is recorded and mended, a failed start is told, a lease is held and given back', async () => {
  const made = await testDatabase({ empty: true });
  const packages = await PackagesOnDisk.create();
  onTestFinished(() => packages[Symbol.asyncDispose]());
  const manifest = { id: 'keeper', contributes: { daemons: ['mortal', 'broken', 'poller'] } };
  const bundled = [await packages.plugin('keeper', manifest, keeper)];
  const { user, password, database, host = '', port } = made.connection;
  const login = `${user}:${encodeURIComponent(String(password))}`;
  const place = new URLSearchParams({ host, port: String(port) }).toString();
  const env = { KORA_DATABASE_URL: `postgres://${login}@/${database}?${place}` };
  const home = testFolder();
  const runtime = await createKora({ home, cwd: home, env, port: 0, bundled });
  onTestFinished(() => runtime.stop('the test ends'));
  const { token, runtimeId } = await openHome(home, systemClock());
  const client = createKoraClient({ url: runtime.ready.url, token });
  const soon = { timeout: 20_000, interval: 50 };

  await vi.waitFor(async () => {
    expect(await client.daemon('mortal')).toMatchObject({ state: 'running', deaths: 1, restarts: 1 });
  }, soon);
  expect(await client.daemon('poller')).toMatchObject({ state: 'running', heldBy: runtimeId, fence: 1 });
  expect(await client.daemon('broken')).toMatchObject({ state: 'failed', error: 'no port' });
  await expect(client.daemon('nobody')).rejects.toMatchObject({ code: 'KORA_DAEMON_UNKNOWN' });
  expect((await client.status()).daemons).toEqual({ running: 2, failed: 1, quarantined: 0 });
  const keeps = (await client.plugins()).find(({ id }) => id === 'keeper');
  expect(keeps).toMatchObject({ state: 'degraded', reason: { code: 'daemon_failed' } });
  await vi.waitFor(async () => {
    const titles = (await client.messages()).map(({ title }) => title);
    expect(titles).toEqual(['Daemon broken did not start']);
  }, soon);
  await vi.waitFor(async () => {
    const [died] = await client.events({ type: 'kora.daemon.died' });
    expect(died?.payload).toMatchObject({
      daemon: 'mortal',
      plugin: 'keeper',
      recent_deaths: 1,
      restart_in_ms: 1_000,
    });
  }, soon);

  await client.restartDaemon('mortal', 'to see whether it can');
  await vi.waitFor(async () => {
    const [started] = await client.events({ type: 'kora.daemon.started', order: 'desc', limit: 1 });
    expect(started?.payload).toMatchObject({ daemon: 'mortal', reason: 'to see whether it can' });
  }, soon);
  await runtime.stop('enough');
  const leases = await made.database.query('select daemon, fence, holder from kora.daemon_lease');
  expect(leases).toEqual([{ daemon: 'poller', fence: 1, holder: null }]);
});
