import { definePlugin } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { createTestRuntime } from './index.ts';
import type { TestRuntime } from './index.ts';

const hourMs = 3_600_000;

type Register = (context: PluginContext<unknown>) => Promise<void>;

const runtimeOf = (register: Register, trusted: boolean): Promise<TestRuntime> =>
  createTestRuntime({ plugin: definePlugin({ id: 'tide', register }), trusted });

describe('a fix', () => {
  /** A gauge that stands still until it is opened again. */
  function gauge(helps = true): { readonly deeds: string[]; readonly register: Register } {
    const deeds: string[] = [];
    let moving = false;
    const register: Register = async (context) => {
      await context.registerProbe({
        name: 'gauge',
        kind: 'gauge',
        target: 'Brest',
        everyMs: hourMs,
        consecutive: 1,
        check: () =>
          Promise.resolve({ status: moving ? 'healthy' : 'unhealthy', details: { gauge: 'brest' } }),
      });
      await context.registerFix({
        probe: 'gauge',
        fixName: 'reopen_gauge',
        title: 'opens it again',
        mode: 'approve',
        capability: 'cap_autofix',
        limits: { perTargetPerHour: 2 },
        timeoutMs: 1_000,
        verifyMs: 5_000,
        targets: ({ details }) => [{ id: `gauge:${String(details['gauge'])}`, title: 'the gauge' }],
        conditions: ({ before }) => [
          { name: 'stuck', holds: before['moving'] === false, saw: `moving: ${String(before['moving'])}` },
        ],
        observe: () => Promise.resolve({ moving }),
        execute: ({ id }, { key }) => {
          deeds.push(`${id} ${key}`);
          moving = helps;
          return Promise.resolve();
        },
        rollback: ({ id }) => {
          deeds.push(`back ${id}`);
          return Promise.resolve();
        },
      });
    };
    return { deeds, register };
  }

  it('is tried at what the look named, held against its conditions, and looked at afterwards', async () => {
    const { deeds, register } = gauge();
    await using runtime = await runtimeOf(register, true);
    expect(await runtime.tryFix('gauge')).toMatchObject({ outcome: 'rejected', code: 'no_open_incident' });
    await runtime.lookAt('gauge');
    expect(await runtime.tryFix('gauge', { target: 'gauge:nantes' })).toMatchObject({
      code: 'target_not_in_snapshot',
    });
    expect(await runtime.tryFix('gauge')).toMatchObject({
      outcome: 'mended',
      target: 'gauge:brest',
      before: { moving: false },
      after: { moving: true },
      conditions: [{ name: 'stuck', holds: true }],
    });
    expect(deeds).toEqual(['gauge:brest test-fix-1']);
    expect(runtime.incidents).toMatchObject([{ status: 'resolved' }]);
  });

  it('is taken back where it does not help', async () => {
    const { deeds, register } = gauge(false);
    await using runtime = await runtimeOf(register, true);
    await runtime.lookAt('gauge');
    expect(await runtime.tryFix('gauge')).toMatchObject({ outcome: 'rolled_back', code: 'not_verified' });
    expect(deeds).toEqual(['gauge:brest test-fix-1', 'back gauge:brest']);
  });

  it('of a stranger is refused', async () => {
    await expect(runtimeOf(gauge().register, false)).rejects.toThrow('is not trusted with a fix');
  });
});
