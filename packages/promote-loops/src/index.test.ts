import { readFile } from 'node:fs/promises';
import type {
  BackgroundDaemonEntry,
  ChainEvent,
  EventDraft,
  NewMessage,
  PluginContext,
  Registration,
  SubscriptionSpec,
} from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import plugin from './index.ts';
import { promotionProposed } from './proposal.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.parse('2026-11-01T00:00:00Z');

/** The plugin on a scripted chain: time, incidents and runs of the loop happen when the test says so. */
async function house(config: unknown = {}) {
  const standing: string[] = [];
  const chain: ChainEvent[] = [];
  const messages: NewMessage[] = [];
  const warnings: string[] = [];
  const daemons: BackgroundDaemonEntry[] = [];
  const subscriptions: SubscriptionSpec[] = [];
  let now = start;
  let incidents = 0;
  const stand = (...names: string[]): Promise<Registration> => {
    standing.push(...names);
    return Promise.resolve({ dispose: () => Promise.resolve() });
  };
  const append = async (draft: EventDraft): Promise<void> => {
    const event = eventOf(chain.length + 1, draft, now);
    chain.push(event);
    for (const { types, react } of subscriptions) {
      if (!types.includes(draft.type)) continue;
      for (const message of (await react(event))?.messages ?? []) {
        // As the outbox does: the same key is never told twice.
        if (!messages.some(({ key }) => key === message.key)) messages.push(message);
      }
    }
  };
  const context: Partial<PluginContext<unknown>> = {
    config: plugin.config?.parse(config),
    log: { info: () => {}, warn: (message) => void warnings.push(message), error: () => {} },
    clock: { now: () => now, sleep: () => Promise.resolve(true) },
    registerEventTypes: (types) => stand(...types.map(({ type }) => `events/${type}`)),
    registerBackgroundDaemon: (daemon) => {
      daemons.push(daemon);
      return stand(
        `daemons/${daemon.name}`,
        ...(daemon.periodicTasks ?? []).map(({ name }) => `tasks/${name}`),
      );
    },
    subscribe: (subscription) => {
      subscriptions.push(subscription);
      return stand();
    },
    chain: {
      append,
      read: ({ type, limit = 100 }) =>
        Promise.resolve(
          chain
            .filter((event) => event.type === type)
            .toReversed()
            .slice(0, limit),
        ),
    },
  };
  await plugin.register(context as PluginContext<unknown>);
  const [task] = daemons[0]?.periodicTasks ?? [];
  return {
    standing,
    chain,
    messages,
    warnings,
    task,
    append,
    pass: (ms: number) => (now += ms),
    run: (signal = new AbortController().signal) =>
      task?.run({ signal, scheduledAt: new Date(now).toISOString() }),
    incident: (given: Record<string, unknown> = {}) =>
      append({
        type: 'probe.incident_resolved',
        payload: resolved({ incident_id: (incidents += 1), ...given }),
      }),
    proposals: () =>
      chain
        .filter(({ type }) => type === promotionProposed.type)
        .map(({ payload }) => promotionProposed.payload.parse(payload)),
  };
}

function resolved(given: Record<string, unknown>): Record<string, unknown> {
  return {
    wake_id: 'wake',
    probe: 'shop',
    target: 'http://127.0.0.1:4100/health',
    category: 'unreachable',
    failures: 4,
    opened_at: '2026-11-01T00:00:00Z',
    resolved_at: '2026-11-01T00:02:00Z',
    duration_ms: 120_000,
    ...given,
  };
}

function eventOf(seq: number, draft: EventDraft, now: number): ChainEvent {
  return {
    seq,
    eventId: `event-${seq}`,
    type: draft.type,
    schemaVersion: 1,
    actorId: 'kora',
    runtimeId: 'runtime',
    sessionId: null,
    correlationId: null,
    causationId: null,
    ticketId: null,
    fence: null,
    occurredAt: new Date(now).toISOString(),
    hash: '00',
    payload: draft.payload,
  };
}

describe('the promotion plugin', () => {
  it('registers exactly what its manifest declares', async () => {
    const { kora } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
      kora: { id: string; contributes: Record<string, string[]> };
    };
    const declared = Object.entries(kora.contributes).flatMap(([kind, names]) =>
      names.map((name) => `${kind}/${name}`),
    );
    expect(plugin.id).toBe(kora.id);
    expect((await house()).standing.toSorted()).toEqual(declared.toSorted());
  });

  it('runs daily, and stops with every hold', async () => {
    const { task } = await house();
    expect(task).toMatchObject({ cadence: { everyMs: dayMs }, purpose: 'act' });
    expect((await house({ everyHours: 6 })).task?.cadence).toEqual({ everyMs: 6 * hourMs });
  });

  it('finds nothing in a history without a pattern', async () => {
    const { incident, run, proposals, messages } = await house();
    for (const probe of ['shop', 'db', 'mail', 'disk']) await incident({ probe });
    await incident({ category: 'latency' });
    await incident({ target: 'http://other/' });
    expect(await run()).toBe('noop');
    expect([proposals(), messages]).toEqual([[], []]);
  });

  it('proposes what came back three times in a week, with its evidence, and tells the operator', async () => {
    const { incident, run, proposals, messages } = await house();
    for (const duration_ms of [60_000, 600_000, 90_000]) await incident({ duration_ms });
    expect(await run()).toBe('ok');
    expect(proposals()).toMatchObject([
      {
        loop: 'promote_probe_fix_envelopes',
        title: 'shop (http://127.0.0.1:4100/health) failed with unreachable 3 times in 7 days',
        evidence: [1, 2, 3],
        window_days: 7,
        occurrences: 3,
        median_duration_ms: 90_000,
      },
    ]);
    expect(messages).toMatchObject([{ key: `promotion:${proposals()[0]?.fingerprint}:3`, severity: 'info' }]);
    expect(messages[0]?.body).toContain('the median was 90 s');
    expect(messages[0]?.body).toContain('Nothing was changed.');
  });

  it('proposes again only when the evidence has doubled', async () => {
    const { incident, run, proposals, messages } = await house();
    for (let count = 1; count <= 13; count += 1) {
      await incident();
      await run();
    }
    expect(proposals().map(({ occurrences }) => occurrences)).toEqual([3, 6, 12]);
    expect(new Set(proposals().map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(messages).toHaveLength(3);
  });

  it('leaves out what lies before the window', async () => {
    const { incident, pass, run } = await house({ windowDays: 2 });
    await incident();
    await incident();
    pass(2 * dayMs + 1);
    await incident();
    expect(await run()).toBe('noop');
  });

  it('keeps to its thresholds', async () => {
    const { incident, run } = await house({ minOccurrences: 2 });
    await incident();
    expect(await run()).toBe('noop');
    await incident();
    expect(await run()).toBe('ok');
  });

  it('goes on past events that hold no incident', async () => {
    const { append, incident, run } = await house();
    await append({ type: 'probe.incident_resolved', payload: {} });
    for (let count = 0; count < 3; count += 1) await incident();
    expect(await run()).toBe('ok');
  });

  it('says so when the window holds more than it reads', async () => {
    const { incident, run, warnings, proposals } = await house();
    for (let count = 0; count < 1_001; count += 1) await incident();
    await run();
    expect(warnings).toHaveLength(1);
    expect(proposals()[0]?.occurrences).toBe(1_000);
  });

  it('stops when its time is over', async () => {
    const { incident, run, proposals } = await house();
    for (let count = 0; count < 3; count += 1) await incident();
    await expect(run(AbortSignal.abort(new Error('deadline')))).rejects.toThrow('deadline');
    expect(proposals()).toEqual([]);
  });

  it("is silent about other plugins' proposals", async () => {
    const { append, messages } = await house();
    const payload = {
      loop: 'other',
      fingerprint: 'a'.repeat(64),
      title: 't',
      evidence: [1],
      window_days: 7,
      occurrences: 3,
      median_duration_ms: 0,
    };
    await append({ type: promotionProposed.type, payload });
    expect(messages).toEqual([]);
  });

  it('refuses a key it does not know', () => {
    expect(plugin.config?.safeParse({ windowDay: 7 }).success).toBe(false);
    expect(plugin.config?.safeParse({ minOccurrences: 1 }).success).toBe(false);
  });
});
