import { describe, expect, it } from 'vitest';
import { KoraError } from '@kora/runtime/plugin';
import type { CoordinatorView, EngineSpec, ProbeSpec } from '@kora/runtime/plugin';
import { ModelServer } from '../../../../e2e/model-server/server.ts';
import { question } from '../../fixtures/house.ts';
import type { ReasoningConfig } from '../config.ts';
import { LearnedRouter, routerFor, routerSchema } from '../router/index.ts';
import { reasoningEngine } from './daemon.ts';
import type { EngineHost } from './daemon.ts';

const calls = { outputTokens: 512, retries: 0, firstTokenMs: 1_000, silenceMs: 1_000 };

/** A runtime as the daemon meets it, with a clock that a test moves. */
function runtime(config: Partial<ReasoningConfig> = {}) {
  const standing: string[] = [];
  const parameters = new LearnedRouter(routerSchema.parse(undefined), {});
  const engines: EngineSpec[] = [];
  const probes: ProbeSpec[] = [];
  const keys = new Map<string, string | Error>();
  const died: unknown[] = [];
  let wake: (whole: boolean) => void = () => undefined;
  const ending = new AbortController();
  const keep = (name: string) => {
    standing.push(name);
    return Promise.resolve({
      dispose: () => {
        standing.splice(standing.indexOf(name), 1);
        return Promise.resolve();
      },
    });
  };
  const host: EngineHost = {
    secret: (name) => {
      const said = keys.get(name);
      return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
    },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    clock: {
      now: () => Date.now(),
      sleep: (_ms, signal) =>
        new Promise((resolve) => {
          wake = resolve;
          signal?.addEventListener('abort', () => resolve(false), { once: true });
        }),
    },
    chain: { append: () => Promise.resolve(), read: () => Promise.resolve([]) },
    engine: {
      beginCall: () => Promise.resolve({ allow: true }),
      endCall: () => Promise.resolve({ costMicroUsd: 1, estimated: false }),
      callTool: () => Promise.resolve({ status: 'not_advertised', text: '' }),
    },
    registerEngine: (engine) => {
      engines.push(engine);
      return keep(`engine ${engine.name}`);
    },
    registerProbe: (probe) => {
      probes.push(probe);
      return keep(`probe ${probe.name}`);
    },
  };
  let beside = () => keep('agent');
  const daemon = reasoningEngine(host, {
    config: { providers: {}, models: [], calls, ...config },
    routerFor: ({ models }, route) => {
      const { config: now, ...learned } = parameters.parametersFor(route);
      return routerFor(models, now, learned);
    },
    beside: () => beside(),
  });
  const view = { signal: ending.signal, died: (error: unknown) => void died.push(error) };
  return {
    daemon,
    parameters,
    standing,
    engines,
    probes,
    keys,
    died,
    start: () => daemon.startup(view as unknown as CoordinatorView),
    stop: async () => {
      ending.abort();
      await daemon.shutdown();
    },
    later: () => wake(true),
    withoutAgent: () => {
      beside = () => Promise.reject(new KoraError('KORA_TICKET_HANDLER_TAKEN', 'taken'));
    },
  };
}

describe('the daemon reasoning_engine', () => {
  it('is up without a provider, and registers nothing', async () => {
    const { start, stop, standing, daemon } = runtime();
    await start();
    expect(standing).toEqual([]);
    expect(daemon).toMatchObject({ name: 'reasoning_engine', fatalOnStartupFailure: true });
    await stop();
  });

  it('begins to think when it is given a key, without a new start', async () => {
    const { start, stop, standing, keys, later } = runtime();
    keys.set('ANTHROPIC_API_KEY', new Error('locked'));
    await start();
    keys.set('ANTHROPIC_API_KEY', 'sk-test');
    later();
    await expect.poll(() => standing).toEqual(['probe model_anthropic', 'engine reasoning', 'agent']);
    await stop();
    expect(standing).toEqual([]);
  });

  it('chooses by what was learned from the next question on, says so, and as before once it is taken back', async () => {
    const { start, stop, engines, keys, parameters } = runtime();
    keys.set('ANTHROPIC_API_KEY', 'sk-test');
    await start();
    const decide = () => engines[0]?.decide?.(question({ text: 'Should we roll back?' }));
    const before = await decide();
    expect(before).toMatchObject({ tier: 'standard', routing: 'earned:decision_language' });
    const overlay = { kind: 'router.parameters', key: 'default', value: { standardFrom: 4 }, proposalId: 7 };
    const since = '2026-01-01T00:00:00.000Z';
    const { take } = parameters.changes();
    await take([{ ...overlay, revision: 2, since, trialUntil: null }]);
    expect(await decide()).toMatchObject({
      tier: 'small',
      routing: 'default_small',
      learned: [{ kind: 'router.parameters', key: 'default', revision: 2, as: 'used', wouldHave: null }],
    });
    await take([]);
    expect(await decide()).toEqual(before);
    await stop();
  });

  it('answers questions also where somebody else works the tickets', async () => {
    const { start, stop, standing, keys, withoutAgent } = runtime();
    keys.set('ANTHROPIC_API_KEY', 'sk-test');
    withoutAgent();
    await start();
    expect(standing).toEqual(['probe model_anthropic', 'engine reasoning']);
    await stop();
  });

  it('does not start on a configuration that contradicts itself', async () => {
    const { start } = runtime({ models: [{ provider: 'nowhere', id: 'm', tier: 'small' }] });
    await expect(start()).rejects.toMatchObject({ code: 'PLUGIN_REASONING_CONTRADICTION' });
  });

  it('starts while its provider is away, and says so by a probe', async () => {
    const server = await ModelServer.open({ script: [] });
    const baseUrl = server.url;
    await server[Symbol.asyncDispose]();
    const { start, stop, keys, probes, engines } = runtime({
      providers: { anthropic: { kind: 'anthropic', baseUrl, headers: {} } },
    });
    keys.set('ANTHROPIC_API_KEY', 'sk-test');
    await start();
    expect(engines).toHaveLength(1);
    expect(await probes[0]?.check(new AbortController().signal)).toMatchObject({
      status: 'degraded',
      category: 'unreachable',
      error: `GET ${baseUrl}/models: ECONNREFUSED`,
    });
    await stop();
  });

  it('starts while its key is refused or missing, says so, and is good again by itself', async () => {
    const server = await ModelServer.open({ script: [], key: 'sk-right' });
    const { start, stop, keys, probes } = runtime({
      providers: { anthropic: { kind: 'anthropic', baseUrl: server.url, headers: {} } },
    });
    await start();
    const look = () => probes[0]?.check(new AbortController().signal);
    expect(await look()).toMatchObject({
      status: 'degraded',
      category: 'auth',
      error: expect.stringContaining('no key'),
    });
    keys.set('ANTHROPIC_API_KEY', 'sk-wrong');
    const refused = await look();
    expect(refused).toMatchObject({
      status: 'degraded',
      category: 'auth',
      error: expect.stringContaining('401'),
    });
    expect(JSON.stringify(refused)).not.toContain('sk-wrong');
    keys.set('ANTHROPIC_API_KEY', 'sk-right');
    expect(await look()).toMatchObject({ status: 'healthy' });
    await stop();
    await server[Symbol.asyncDispose]();
  });

  it('asks nobody how a provider is that has just answered', async () => {
    const usage = { input: 10, output: 5 };
    const server = await ModelServer.open({
      script: [{ text: 'All is well, and has been for hours.', usage }],
    });
    const { start, stop, keys, probes, engines } = runtime({
      providers: { anthropic: { kind: 'anthropic', baseUrl: server.url, headers: {} } },
    });
    keys.set('ANTHROPIC_API_KEY', 'sk-test');
    await start();
    const [engine] = engines;
    expect(await engine?.decide?.(question())).toEqual({
      model: 'claude-haiku-5-5',
      tier: 'small',
      routing: 'default_small',
    });
    await engine?.respond(question(), new AbortController().signal, () => undefined);
    expect(await probes[0]?.check(new AbortController().signal)).toMatchObject({ status: 'healthy' });
    expect(server.looks).toBe(0);
    await stop();
    await server[Symbol.asyncDispose]();
  });
});
