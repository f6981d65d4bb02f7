import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GuestBench, pidOf } from '../testing/guest-bench.ts';
import { entryOf } from '../testing/packages-on-disk.ts';

const never = new AbortController().signal;
const patience = { timeout: 20_000, interval: 20 };
// Real processes start here, on whatever machine this is.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

let bench: GuestBench;
beforeEach(async () => {
  bench = await GuestBench.create();
});
afterEach(() => bench[Symbol.asyncDispose]());

const busy = entryOf(
  'busy',
  `const hold = (ms) => { const until = performance.now() + ms; while (performance.now() < until); };
   await context.registerProbe({ name: 'busy', kind: 'x', target: 't', everyMs: 1000,
     check: async () => { hold(300); console.log('held'); return { status: 'healthy', details: {} }; } });
   await context.registerProbe({ name: 'bad', kind: 'x', target: 't', everyMs: 1000,
     check: async () => { throw new Error('no'); } });`,
);

test('a guest’s processor time, memory, stalls, lines, calls and errors are measured, and stay counted when it dies', async () => {
  await bench.disk.plugin('busy', { id: 'busy', contributes: { probes: ['busy'] } }, busy);
  await bench.disk.plugin('calm', { id: 'calm' }, entryOf('calm', ''));
  const host = await bench.hostOf(['busy', 'calm'], { guests: { lookMs: 200 } });
  await host.loadAll(never);
  await bench.house.probes.get('busy')?.check(never);
  await expect(bench.house.probes.get('bad')?.check(never)).rejects.toThrow('no');

  await vi.waitFor(
    () => expect(host.get('busy').usage?.eventLoopDelayMs?.max).toBeGreaterThan(100),
    patience,
  );
  await vi.waitFor(() => expect(host.get('busy').usage?.cpuMs).toBeGreaterThan(250), patience);
  const usage = host.get('busy').usage;
  expect(usage).toMatchObject({ loopMs: null, calls: 2, errors: 1, crashes: 0, restarts: 0 });
  expect(usage?.residentMb).toBeGreaterThan(10);
  await vi.waitFor(() => expect(host.get('busy').usage?.logLines).toBeGreaterThan(0), patience);
  // Whose they are is no guess: the other one did nothing.
  expect(host.get('calm').usage).toMatchObject({ calls: 0, errors: 0, logLines: 0 });

  process.kill(pidOf(host, 'busy'), 'SIGKILL');
  await vi.waitFor(
    () => expect(host.get('busy').usage).toMatchObject({ crashes: 1, residentMb: null }),
    patience,
  );
  expect(host.get('busy').usage?.cpuMs).toBeGreaterThan(250);
  await vi.waitFor(() => expect(host.get('busy').usage?.restarts).toBe(1), patience);
});

const identity = (name: string): string =>
  entryOf(
    'who',
    `let asked = 0;
   await context.registerIdentityProvider({ name: '${name}', provide: async ({ workspace }) => {
     asked += 1;
     if (workspace === 'broken') throw new Error('no such text');
     if (workspace === 'other') return null;
     return { soulMd: '# who', systemPrompt: 'You are ' + workspace + ' ' + asked, metadata: { agentName: 'Who', agentVersion: '1', pluginName: 'who' } };
   } });`,
  );

test('a guest that brings identities alone is asked once for each workspace, and no process stays', async () => {
  await bench.disk.plugin('who', { id: 'who', contributes: { identities: ['who'] } }, identity('who'));
  const host = await bench.hostOf(['who']);
  await host.loadAll(never);
  expect(host.get('who')).toMatchObject({
    state: 'proven',
    pid: undefined,
    registered: { identities: ['who'] },
  });
  const provider = bench.house.identities.get('who');
  for (let n = 0; n < 3; n += 1)
    expect(await provider?.provide({ workspace: 'default' })).toMatchObject({
      systemPrompt: 'You are default 1',
    });
  expect(host.get('who').usage).toMatchObject({ calls: 1, restarts: 0, crashes: 0 });

  expect(await provider?.provide({ workspace: 'other' })).toBeNull();
  expect(await provider?.provide({ workspace: 'other' })).toBeNull();
  expect(host.get('who').usage).toMatchObject({ calls: 2, restarts: 1, residentMb: null });
  // What failed is asked again.
  for (let n = 0; n < 2; n += 1)
    await expect(provider?.provide({ workspace: 'broken' })).rejects.toThrow('no such text');
  expect(host.get('who').usage).toMatchObject({ calls: 4, errors: 2 });
  await host.dispose();
  expect(bench.house.identities.size).toBe(0);
  expect(bench.house.statesOf('who')).toEqual(['loading', 'proven', 'draining', 'stopped']);
});

test('an identity that is not the one declared is shown as the difference; one that cannot be loaded as its reason', async () => {
  await bench.disk.plugin('who', { id: 'who', contributes: { identities: ['she'] } }, identity('who'));
  await bench.disk.plugin(
    'exits',
    { id: 'exits', contributes: { identities: ['exits'] } },
    `process.exit(4);`,
  );
  const host = await bench.hostOf(['who', 'exits']);
  await host.loadAll(never);
  expect(host.get('who')).toMatchObject({ state: 'degraded', reason: { code: 'declared_mismatch' } });
  expect(host.get('exits').reason).toMatchObject({
    code: 'guest_crashed',
    message: expect.stringContaining('4'),
  });
});
