import { readFile } from 'node:fs/promises';
import type { PluginContext, ProbeSpec, Registration } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import plugin from './index.ts';

interface Standing {
  readonly kind: string;
  readonly name: string;
  readonly spec: unknown;
}

/** Records what stands, as the runtime does; any other door would be undefined and throw. */
async function registered(config: unknown = {}): Promise<Standing[]> {
  const standing: Standing[] = [];
  const stand = (kind: string, name: string, spec: unknown): Promise<Registration> => {
    const entry = { kind, name, spec };
    standing.push(entry);
    return Promise.resolve({
      dispose: () => {
        if (standing.includes(entry)) standing.splice(standing.indexOf(entry), 1);
        return Promise.resolve();
      },
    });
  };
  const context: Partial<PluginContext<unknown>> = {
    config: plugin.config?.parse(config),
    clock: {
      now: () => Date.now(),
      sleep: (_ms, signal) => new Promise((done) => signal?.addEventListener('abort', () => done(false))),
    },
    registerEventTypes: async (types) => {
      const all = await Promise.all(types.map((type) => stand('events', type.type, type)));
      return { dispose: async () => void (await Promise.all(all.map((one) => one.dispose()))) };
    },
    registerPeriodicTask: (task) => stand('tasks', task.name, task),
    registerTicketHandler: (handler) => stand('ticketKinds', handler.kind, handler),
    registerProbe: (probe) => stand('probes', probe.name, probe),
    registerBackgroundDaemon: (daemon) => stand('daemons', daemon.name, daemon),
    subscribe: (subscription) => stand('subscriptions', subscription.consumer, subscription),
  };
  await plugin.register(context as PluginContext<unknown>);
  return standing;
}

const named = (standing: readonly Standing[], kind: string): string[] =>
  standing.filter((entry) => entry.kind === kind).map(({ name }) => name);

const probesOf = (standing: readonly Standing[]): ProbeSpec[] =>
  standing.filter(({ kind }) => kind === 'probes').map(({ spec }) => spec as ProbeSpec);

describe('the probes plugin', () => {
  it('registers exactly what its manifest declares', async () => {
    const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
    const { kora } = JSON.parse(text) as { kora: { id: string; contributes: Record<string, string[]> } };
    const standing = await registered();
    expect(plugin.id).toBe(kora.id);
    for (const [kind, names] of Object.entries(kora.contributes)) {
      expect(named(standing, kind).toSorted(), kind).toEqual(names.toSorted());
    }
  });

  it('watches this machine without any configuration', async () => {
    const probes = probesOf(await registered());
    for (const probe of probes) {
      const snapshot = await probe.check(new AbortController().signal);
      // Whatever state this machine is in, each look measured something.
      expect(['healthy', 'degraded', 'unhealthy']).toContain(snapshot.status);
      expect(Object.keys(snapshot.details).length).toBeGreaterThan(0);
    }
    expect(probes.map(({ kind }) => kind)).toEqual(['disk', 'memory', 'process']);
  });

  it('adds what is configured, and lets it replace a built-in probe', async () => {
    const probes = probesOf(
      await registered({
        probes: [
          {
            kind: 'http',
            name: 'shop',
            url: 'http://u@127.0.0.1:1/?k=s3cret',
            everyMs: 500,
            timeoutMs: 200,
            consecutive: 3,
            severity: 'warning',
          },
          { kind: 'tcp', name: 'db', host: '127.0.0.1', port: 1 },
          { kind: 'disk', name: 'disk', path: '/tmp' },
          { kind: 'memory', name: 'ram' },
          { kind: 'process', name: 'worker', match: 'worker.js' },
        ],
      }),
    );
    expect(probes.map(({ name, target }) => `${name} ${target}`).toSorted()).toEqual([
      'db 127.0.0.1:1',
      'disk /tmp',
      'memory this machine',
      'process kora runtime',
      'ram this machine',
      'shop http://127.0.0.1:1/?…',
      'worker "worker.js"',
    ]);
    const shop = probes.find(({ name }) => name === 'shop');
    // The runtime waits longer than the look and its place at the host, whose sentences are the better ones.
    expect(shop).toMatchObject({
      kind: 'http',
      everyMs: 500,
      timeoutMs: 1_400,
      consecutive: 3,
      severity: 'warning',
    });
    expect(await shop?.check(new AbortController().signal)).toMatchObject({
      error: 'GET http://127.0.0.1:1/?… : connection refused',
    });
  });

  it('watches only what is configured when built-in probes are off', async () => {
    const probes = [{ kind: 'memory', name: 'ram' }];
    expect(named(await registered({ builtin: false, probes }), 'probes')).toEqual(['ram']);
  });

  it('gives back probes and subscription when its daemons shut down, and takes them again', async () => {
    const standing = await registered();
    const before = standing.map(({ name }) => name).toSorted();
    const daemons = standing
      .filter(({ kind }) => kind === 'daemons')
      .map(({ spec }) => spec as { startup(): Promise<void>; shutdown(): Promise<void> });
    for (const daemon of daemons) await daemon.shutdown();
    expect([...named(standing, 'probes'), ...named(standing, 'subscriptions')]).toEqual([]);
    for (const daemon of daemons) await daemon.startup();
    expect(standing.map(({ name }) => name).toSorted()).toEqual(before);
  });
});
