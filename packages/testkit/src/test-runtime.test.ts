import { definePlugin, KoraError } from '@kora/runtime/plugin';
import type { EventType, Plugin, PluginContext } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTestRuntime } from './index.ts';
import type { TestRuntimeOptions } from './index.ts';

const hourMs = 3_600_000;
const measured: EventType<{ metres: number }> = {
  type: 'tide.measured',
  version: 1,
  payload: z.object({ metres: z.number() }),
  means: 'A tide was measured.',
};

type Register = (context: PluginContext<unknown>) => Promise<unknown>;

const pluginOf = (register: Register): Plugin =>
  definePlugin({ id: 'tide', register: async (context) => void (await register(context)) });

const runtimeOf = (register: Register, options: Partial<TestRuntimeOptions> = {}) =>
  createTestRuntime({ plugin: pluginOf(register), ...options });

const measuring: Register = async (context) => {
  await context.registerEventTypes([measured]);
  await context.registerPeriodicTask({
    name: 'tide.measure',
    cadence: { everyMs: hourMs },
    purpose: 'act',
    run: () => context.chain.append({ type: 'tide.measured', payload: { metres: 3.5 } }),
  });
};

describe('time', () => {
  it('stands until it is moved; what is due then runs, once an occurrence', async () => {
    await using runtime = await runtimeOf(measuring);
    expect(runtime.runs).toEqual([]);
    await runtime.advance(24 * hourMs);
    expect(runtime.runs).toHaveLength(25);
    expect(runtime.events.at(-1)).toMatchObject({ seq: 25, occurredAt: '2026-01-02T00:00:00.000000Z' });
  });

  it('a run that sleeps on the clock ends when the clock gets there, and is not run again meanwhile', async () => {
    let ends = 0;
    await using runtime = await runtimeOf((context) =>
      context.registerPeriodicTask({
        name: 'slow',
        cadence: { everyMs: 1_000 },
        purpose: 'act',
        run: async ({ signal }) => {
          await context.clock.sleep(2_500, signal);
          ends += 1;
        },
      }),
    );
    await runtime.advance(2_400);
    expect(ends).toBe(0);
    await runtime.advance(200);
    expect(ends).toBe(1);
  });

  it('a task that outlasts its time is aborted and has failed', async () => {
    await using runtime = await runtimeOf((context) =>
      context.registerPeriodicTask({
        name: 'endless',
        cadence: { everyMs: hourMs },
        purpose: 'act',
        timeoutMs: 1_000,
        run: async ({ signal }) => void (await context.clock.sleep(hourMs, signal)),
      }),
    );
    await runtime.advance(2_000);
    expect(runtime.runs).toMatchObject([{ task: 'endless', outcome: 'failed' }]);
  });
});

describe('the chain', () => {
  it('is sealed with the hash of the real one: a changed event no longer proves', async () => {
    await using runtime = await runtimeOf(measuring);
    await runtime.advance(2 * hourMs);
    expect(runtime.chainDamagedAt).toBeUndefined();
    Object.assign(runtime.events[1]?.payload ?? {}, { metres: 9 });
    expect(runtime.chainDamagedAt).toBe(2);
  });

  it.each([
    ['a payload that does not fit', 'tide.measured', { metres: 'much' }, 'KORA_EVENT_INVALID'],
    ['a type that was not registered', 'tide.turned', {}, 'KORA_EVENT_UNKNOWN'],
    ['a type of the house', 'kora.daemon.started', {}, 'KORA_EVENT_UNKNOWN'],
  ])('refuses %s, as a real one does', async (_what, type, payload, code) => {
    await using runtime = await runtimeOf(measuring);
    const { chain } = await runtime.context();
    await expect(chain.append({ type, payload })).rejects.toMatchObject({ code });
  });

  it('a reaction lands all of what it answers or nothing, and an event it cannot take is parked', async () => {
    await using runtime = await runtimeOf(async (context) => {
      await context.registerEventTypes([measured]);
      await context.subscribe({
        consumer: 'reader',
        types: ['probe'],
        react: () =>
          Promise.resolve({
            tickets: [{ kind: 'measure', title: 'again' }],
            events: [{ type: 'tide.measured', payload: { metres: 'much' } }],
          }),
      });
    });
    await runtime.raise({
      type: 'probe.incident_reopened',
      payload: { incident_id: 1, wake_id: 'w', probe: 'p', times: 1 },
    });
    expect(runtime.tickets).toEqual([]);
    expect(runtime.parked).toMatchObject([{ consumer: 'reader', seq: 1 }]);
  });
});

describe('tickets', () => {
  it('are worked, with what follows; a payload that does not fit ends one; a throw is tried again later', async () => {
    let attempts = 0;
    await using runtime = await runtimeOf((context) =>
      context.registerTicketHandler({
        kind: 'measure',
        payload: z.object({ place: z.string() }),
        work: async (ticket) => {
          attempts += 1;
          if (attempts === 1) throw new Error('the gauge is wet');
          await ticket.note(`at ${ticket.payload.place}`);
          const key = await ticket.operation({ id: 'send', tool: 'mail', sideEffects: 'once' }, (given) =>
            Promise.resolve(given),
          );
          return {
            resolution: 'completed',
            summary: key,
            messages: [
              { key: 'k', thread: 't', severity: 'info', title: 'Done', body: '', source: 'tide' },
              { key: 'k', thread: 't', severity: 'info', title: 'Done', body: '', source: 'tide' },
            ],
          };
        },
      }),
    );
    runtime.addTicket({ kind: 'measure', title: 'good', payload: { place: 'Brest' } });
    runtime.addTicket({ kind: 'measure', title: 'bad', payload: {} });
    await runtime.workTickets();
    expect(runtime.tickets.map(({ status }) => status)).toEqual(['failed_retryable', 'failed_terminal']);
    await runtime.advance(60_000);
    expect(runtime.tickets[0]).toMatchObject({ status: 'completed', attempts: 2, notes: ['at Brest'] });
    expect(runtime.messages).toHaveLength(1);
  });
});

describe('the doors', () => {
  const capability = { id: 'cap_send_mail', title: 'send mail', risk: 'low', defaultVerdict: 'ask' } as const;
  const call = {
    door: 'tool_call',
    callId: 'c',
    tool: 'mail',
    capability: capability.id,
    argumentsHash: 'aa',
  } as const;

  it('a call that asks waits for the operator, is let through once, and then asks again', async () => {
    await using runtime = await runtimeOf((context) => context.registerCapability(capability));
    const context = await runtime.context();
    const refused = await context.admit(call);
    expect(refused).toMatchObject({ allow: false, cause: 'approval_pending', approvalId: 1 });
    const answered = context.approvals.wait(1);
    await runtime.decide(1, 'approved');
    await expect(answered).resolves.toBe('approved');
    await expect(context.admit({ ...call, approvalId: 1 })).resolves.toEqual({ allow: true });
    await expect(context.admit({ ...call, approvalId: 1 })).resolves.toMatchObject({ approvalId: 2 });
  });

  it('what a model call cost is counted once; a call that was never let through cannot be settled', async () => {
    const refuses = () => ({ allow: false, blockKind: 'budget', cause: 'budget_spent' }) as const;
    await using runtime = await runtimeOf(() => Promise.resolve(), {
      calls: (request) => (request.callId === 'no' ? refuses() : undefined),
    });
    const context = await runtime.context();
    for (const callId of ['yes', 'no'])
      await context.admit({ door: 'model_call', callId, route: 'small', estimateMicroUsd: 100 });
    await context.settle('yes', { costMicroUsd: 42 });
    await context.settle('yes', { costMicroUsd: 42 });
    expect(runtime.spentMicroUsd).toBe(42);
    await expect(context.settle('no', { costMicroUsd: 1 })).rejects.toMatchObject({
      code: 'KORA_SPEND_CALL_UNKNOWN',
    });
  });
});

it('a mount answers as it would, below its own path', async () => {
  await using runtime = await runtimeOf((context) =>
    context.registerHttpMount({
      path: '/tides',
      handle: ({ path, body }) =>
        Promise.resolve({ status: 201, body: `${path} ${Buffer.from(body).toString()}` }),
    }),
  );
  expect(await runtime.request('/tides/brest', { method: 'POST', body: 'high' })).toMatchObject({
    status: 201,
    body: '/brest high',
  });
  await expect(runtime.request('/elsewhere')).rejects.toMatchObject({ code: 'KORA_NOT_FOUND' });
});

describe('probes', () => {
  it('open an incident after two bad looks, with a wake and a message, and resolve it after two good ones', async () => {
    let status: 'healthy' | 'unreachable' = 'unreachable';
    await using runtime = await runtimeOf((context) =>
      context.registerProbe({
        name: 'gauge',
        kind: 'made-up',
        target: 'the harbour',
        everyMs: 1_000,
        check: () => Promise.resolve({ status, details: {} }),
      }),
    );
    await runtime.advance(0);
    expect(runtime.incidents).toEqual([]);
    await runtime.advance(1_000);
    expect(runtime.incidents).toMatchObject([{ probe: 'gauge', status: 'open', category: 'unreachable' }]);
    expect(runtime.events.map(({ type }) => type)).toContain('probe.wake_requested');
    status = 'healthy';
    await runtime.advance(2_000);
    expect(runtime.incidents).toMatchObject([{ status: 'resolved', failures: 2 }]);
    expect(runtime.messages.map(({ title }) => title)).toEqual(['Probe alert · gauge', 'Recovered · gauge']);
  });

  it('tell once of what goes back and forth, and of a consequence only when its cause is well', async () => {
    const seen = new Map<string, 'healthy' | 'unhealthy'>();
    const probe = (name: string, dependsOn: readonly string[] = []) => ({
      name,
      kind: 'made-up',
      target: name,
      everyMs: 60_000,
      dependsOn,
      check: () => Promise.resolve({ status: seen.get(name) ?? 'healthy', details: {} }),
    });
    await using runtime = await runtimeOf(async (context) => {
      await context.registerProbe(probe('db'));
      await context.registerProbe(probe('shop', ['db']));
      await context.registerProbe(probe('flap'));
    });
    const looks = async (name: string, ...statuses: readonly ('healthy' | 'unhealthy')[]): Promise<void> => {
      for (const status of statuses) {
        seen.set(name, status);
        await runtime.lookAt(name);
      }
    };
    const titles = (): readonly string[] => runtime.messages.map(({ title }) => title);
    await looks('db', 'unhealthy', 'unhealthy');
    await looks('shop', 'unhealthy', 'unhealthy');
    expect(titles()).toEqual(['Probe alert · db']);
    expect(runtime.incidents).toMatchObject([
      { probe: 'db' },
      { probe: 'shop', causedBy: 'db', consequenceOf: 1 },
    ]);
    await looks('db', 'healthy', 'healthy');
    await looks('shop', 'unhealthy');
    expect(titles()).toEqual(['Probe alert · db', 'Recovered · db', 'Probe alert · shop']);
    await looks(
      'flap',
      'healthy',
      ...Array.from({ length: 6 }, () => ['unhealthy', 'healthy'] as const).flat(),
    );
    expect(titles().slice(3)).toEqual(['Probe alert · flap']);
    expect(runtime.incidents.at(-1)).toMatchObject({ status: 'open', title: 'flap flapping' });
    await expect(
      runtimeOf(async (context) => {
        await context.registerProbe(probe('db', ['shop']));
        await context.registerProbe(probe('shop', ['db']));
      }),
    ).rejects.toMatchObject({ code: 'KORA_PROBE_CYCLE' });
  });
});

describe('daemons', () => {
  const daemon = (name: string, more: object = {}) => ({
    name,
    startup: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    ...more,
  });

  it('start after what they need and stop before it; one that fails keeps no other from starting', async () => {
    const order: string[] = [];
    const told = (name: string, more: object = {}) =>
      daemon(name, {
        startup: () => Promise.resolve(void order.push(`+${name}`)),
        shutdown: () => Promise.resolve(void order.push(`-${name}`)),
        ...more,
      });
    const runtime = await runtimeOf(async (context) => {
      await context.registerBackgroundDaemon(told('second', { dependsOn: ['first'] }));
      await context.registerBackgroundDaemon(told('first'));
      await context.registerBackgroundDaemon(
        daemon('broken', { startup: () => Promise.reject(new KoraError('PLUGIN_TIDE_DRY', 'no water')) }),
      );
    });
    expect(runtime.daemons).toContainEqual({ name: 'broken', state: 'failed', error: 'no water' });
    await runtime.dispose();
    expect(order).toEqual(['+first', '+second', '-second', '-first']);
  });

  it('one that owes a sign of life is dead when it gives none', async () => {
    await using runtime = await runtimeOf((context) =>
      context.registerBackgroundDaemon(daemon('watcher', { livenessMs: 1_000 })),
    );
    await runtime.advance(999);
    expect(runtime.daemons[0]?.state).toBe('running');
    await runtime.advance(1);
    expect(runtime.daemons[0]).toMatchObject({ state: 'failed', error: 'no sign of life for 1000 ms' });
  });
});

it('a register that throws is undone and rejects with what it threw', async () => {
  const register: Register = async (context) => {
    await measuring(context);
    throw new KoraError('PLUGIN_TIDE_DRY', 'no water');
  };
  await expect(runtimeOf(register)).rejects.toMatchObject({ code: 'PLUGIN_TIDE_DRY' });
});

it('a stranger is refused what only trusted plugins may register', async () => {
  const gate: Register = (context) =>
    context.registerBootGate({
      gateId: 'g',
      title: 't',
      gateClass: 'transient',
      run: () => Promise.resolve({ outcome: 'pass', detail: 'fine' }),
    });
  await expect(runtimeOf(gate)).rejects.toMatchObject({ code: 'KORA_PLUGIN_INVALID' });
  await using runtime = await runtimeOf(gate, { trusted: true });
  expect(runtime.registered.gates).toEqual(['g']);
});
