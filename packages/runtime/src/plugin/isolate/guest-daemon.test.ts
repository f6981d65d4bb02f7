import assert from 'node:assert/strict';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { coordinatorView } from '../../daemon/testing/view.ts';
import { Scope } from '../../scope/index.ts';
import { buildContext } from '../context.ts';
import type { BackgroundDaemonEntry, CoordinatorView } from '../contract.ts';
import { Contributions } from '../contributions.ts';
import { ScriptedHouse } from '../testing/scripted-house.ts';
import { loopback } from './loopback.ts';

/** A guest's daemon as the house has it, and what the guest is told at each start; both ends are in this process. */
async function guestDaemon(entry: Partial<BackgroundDaemonEntry> = {}) {
  const house = new ScriptedHouse();
  const owner = { id: 'tide', version: '1.0.0', packageName: 'tide', trusted: false };
  const context = buildContext({
    owner,
    workspace: house.workspace,
    config: undefined,
    log: house.log,
    services: house.services(owner),
    scope: new Scope('tide'),
    contributions: new Contributions(),
  });
  const facts = { id: 'tide', workspace: 'default', config: undefined, signal: new AbortController().signal };
  const { context: guest, close } = loopback(facts, context, { clock: new FakeClock() });
  onTestFinished(close);
  const told: CoordinatorView[] = [];
  await guest.registerBackgroundDaemon({
    name: 'ticker',
    startup: (view) => {
      told.push(view);
      return Promise.resolve();
    },
    shutdown: () => Promise.resolve(),
    ...entry,
  });
  const daemon = house.daemons.get('ticker') ?? assert.fail('it was not registered');
  return { daemon, told: (at = 0): CoordinatorView => told[at] ?? assert.fail('it was not started') };
}

test('a guest’s daemon is told what any daemon is, and its scope and liveness are known', async () => {
  const { daemon, told } = await guestDaemon({ scope: 'fleet', livenessMs: 5_000 });
  expect(daemon).toMatchObject({ scope: 'fleet', livenessMs: 5_000 });
  const status = (): Promise<{ primaryState: string; uptimeMs: number; stopLevel: number }> =>
    Promise.resolve({ primaryState: 'paused', uptimeMs: 7, stopLevel: 2 });
  await daemon.startup(coordinatorView({ timeoutMs: 3_000, fence: 4, status }));
  expect(told()).toMatchObject({ timeoutMs: 3_000, deadline: '2026-01-01T00:00:10.000Z', fence: 4 });
  expect(await told().status()).toEqual({ primaryState: 'paused', uptimeMs: 7, stopLevel: 2 });
});

test('its signal aborts when the daemon is to end, long after the start', async () => {
  const { daemon, told } = await guestDaemon();
  await daemon.startup(coordinatorView());
  expect(told().signal.aborted).toBe(false);
  await daemon.shutdown();
  expect(told().signal.aborted).toBe(true);
  await expect(told().status()).rejects.toMatchObject({ code: 'KORA_PLUGIN_GONE' });
});

test('its death and its beats arrive, those of an earlier life do not', async () => {
  const { daemon, told } = await guestDaemon({ livenessMs: 60_000 });
  const views = [0, 1].map(() => ({ died: vi.fn<(error: unknown) => void>(), beat: vi.fn<() => void>() }));
  await daemon.startup(coordinatorView(views[0]));
  await daemon.shutdown();
  await daemon.startup(coordinatorView(views[1]));
  told(0).died(new Error('old news'));
  told(0).beat();
  told(1).beat();
  told(1).beat();
  told(1).died(Object.assign(new Error('lost its socket'), { code: 'ECONNRESET' }));
  await vi.waitFor(() => expect(views[1]?.died).toHaveBeenCalledTimes(1));
  expect(views[1]?.died.mock.calls[0]?.[0]).toMatchObject({ code: 'ECONNRESET', message: 'lost its socket' });
  expect(views[1]?.beat).toHaveBeenCalledTimes(1);
  expect(views[0]?.died).not.toHaveBeenCalled();
  expect(views[0]?.beat).not.toHaveBeenCalled();
});

test('of many beats a few cross, and the last of them does', async () => {
  const { daemon, told } = await guestDaemon({ livenessMs: 400 });
  const beat = vi.fn<() => void>();
  await daemon.startup(coordinatorView({ beat }));
  for (let n = 0; n < 1_000; n += 1) told().beat();
  await vi.waitFor(() => expect(beat).toHaveBeenCalledTimes(2));
  await daemon.shutdown();
});

test('nobody watches a daemon without livenessMs, and nothing crosses for it', async () => {
  const { daemon, told } = await guestDaemon();
  const beat = vi.fn<() => void>();
  await daemon.startup(coordinatorView({ beat }));
  told().beat();
  await told().status();
  expect(beat).not.toHaveBeenCalled();
});
