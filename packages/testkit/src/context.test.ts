import { definePlugin } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { createTestRuntime } from './index.ts';
import type { TestRuntime } from './index.ts';

const runtimeOf = (secrets: Readonly<Record<string, string>> = {}): Promise<TestRuntime> =>
  createTestRuntime({ plugin: definePlugin({ id: 'tide', register: () => Promise.resolve() }), secrets });

describe('the context', () => {
  // A member that is added to the contract and not here does not compile; one that is missing at run time is seen below.
  const members: Record<keyof PluginContext<unknown>, true> = {
    admit: true,
    approvals: true,
    artifacts: true,
    chain: true,
    clock: true,
    config: true,
    engine: true,
    id: true,
    identity: true,
    log: true,
    mcp: true,
    notify: true,
    probes: true,
    promotion: true,
    reason: true,
    registerBackgroundDaemon: true,
    registerBootGate: true,
    registerCapability: true,
    registerChannel: true,
    registerCockpitPanel: true,
    registerEngine: true,
    registerChangeKind: true,
    registerEventTypes: true,
    registerFix: true,
    registerHttpMount: true,
    registerIdentityProvider: true,
    registerLoop: true,
    registerMigrations: true,
    registerPeriodicTask: true,
    registerProbe: true,
    registerServiceToken: true,
    registerTicketHandler: true,
    registerTool: true,
    secret: true,
    settle: true,
    signal: true,
    store: true,
    subscribe: true,
    tickets: true,
    workspace: true,
    written: true,
  };

  it('has every member that a real one has', async () => {
    await using runtime = await runtimeOf();
    expect(Object.keys(await runtime.context()).toSorted()).toEqual(Object.keys(members).toSorted());
  });

  it('answers a declared secret, and refuses another', async () => {
    await using runtime = await runtimeOf({ API_TOKEN: 's' });
    const context = await runtime.context();
    await expect(context.secret('API_TOKEN')).resolves.toBe('s');
    await expect(context.secret('OTHER')).rejects.toMatchObject({ code: 'KORA_SECRET_UNDECLARED' });
  });

  it('serves nothing more when the plugin has gone', async () => {
    const runtime = await runtimeOf();
    const context = await runtime.context();
    await runtime.dispose();
    await runtime.dispose();
    expect(runtime.leftovers()).toEqual([]);
    await expect(context.chain.read({})).rejects.toMatchObject({ code: 'KORA_PLUGIN_GONE' });
  });
});
