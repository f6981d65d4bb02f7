import { describe, expect, it } from 'vitest';
import type { KeyName, ReasoningConfig } from '../config.ts';
import { catalogueOf, inCatalogue } from './catalogue.ts';
import { settingsOf } from './settings.ts';

const calls = { outputTokens: 512, retries: 2, firstTokenMs: 1_000, silenceMs: 1_000 };

function settings(config: Partial<ReasoningConfig>, ...keys: KeyName[]) {
  return settingsOf({ providers: {}, models: [], calls, ...config }, new Set(keys));
}

describe('without a configuration', () => {
  it('there is no model without a key', () => {
    expect(settings({}).models).toEqual([]);
    // A key for a server that nobody named opens nothing.
    expect(settings({}, 'COMPATIBLE_API_KEY').models).toEqual([]);
  });

  it('a key alone is enough: the catalogue has its three tiers, with prices', () => {
    const { models } = settings({}, 'ANTHROPIC_API_KEY');
    expect(models.map(({ name, tier }) => `${name} ${tier}`)).toEqual([
      'claude-haiku-5-5 small',
      'claude-sonnet-5-5 standard',
      'claude-opus-5-5 large',
    ]);
    // Ten cents a million, in micro-dollars.
    expect(models[0]?.price).toEqual({
      input: 100_000,
      output: 500_000,
      cacheRead: 10_000,
      cacheWrite: 125_000,
    });
  });

  it('two keys are two providers', () => {
    const { models } = settings({}, 'ANTHROPIC_API_KEY', 'OPENAI_API_KEY');
    expect(new Set(models.map(({ provider }) => provider))).toEqual(new Set(['anthropic', 'openai']));
  });
});

describe('a configured model', () => {
  it('is filled from the catalogue, and what is said wins', () => {
    const { models } = settings({
      models: [
        { provider: 'anthropic', id: 'claude-haiku-5-5', name: 'cheap', maxOutputTokens: 2_000 },
        { provider: 'anthropic', id: 'claude-opus-5-5', tier: 'standard', price: { input: 3, output: 9 } },
      ],
    });
    expect(models).toMatchObject([
      {
        name: 'cheap',
        id: 'claude-haiku-5-5',
        tier: 'small',
        contextTokens: 100_000,
        maxOutputTokens: 2_000,
      },
      { tier: 'standard', price: { input: 3e6, output: 9e6, cacheRead: 3e6, cacheWrite: 3.75e6 } },
    ]);
  });

  it('that nobody has priced has no price, and modest bounds', () => {
    const { models, providers } = settings({
      providers: { box: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:11434/v1/', headers: {} } },
      models: [{ provider: 'box', id: 'llama', tier: 'small' }],
    });
    expect(models).toMatchObject([{ price: null, contextTokens: 32_768, maxOutputTokens: 4_096 }]);
    expect(providers.get('box')).toMatchObject({ baseUrl: 'http://127.0.0.1:11434/v1', keyNeeded: false });
  });

  it('at another address OpenAI is spoken to as everybody else who speaks like it', () => {
    const { providers } = settings({
      providers: { proxy: { kind: 'openai', baseUrl: 'http://127.0.0.1/v1', headers: {} } },
    });
    expect(providers.get('openai')?.api).toBe('responses');
    expect(providers.get('proxy')?.api).toBe('chat');
  });
});

const box = { kind: 'openai-compatible', headers: {} } as const;
const model = { provider: 'anthropic', id: 'm', tier: 'small' } as const;

describe('what contradicts itself', () => {
  it.each<[string, Partial<ReasoningConfig>, string]>([
    ['an unknown provider', { models: [{ ...model, provider: 'nowhere' }] }, 'names provider nowhere'],
    ['two of one name', { models: [model, { ...model, provider: 'openai' }] }, 'two models are called m'],
    ['a price below nothing', { models: [{ ...model, price: { input: -1, output: 1 } }] }, 'below nothing'],
    [
      'a price that is no number',
      { models: [{ ...model, price: { input: Number.NaN, output: 1 } }] },
      'below nothing',
    ],
    ['no tier', { models: [{ provider: 'anthropic', id: 'm' }] }, 'has no tier'],
    ['a fallback that is nobody', { models: [model], fallback: ['n'] }, 'fallback names n'],
    ['a server without an address', { providers: { box } }, 'has no baseUrl'],
    ['a server without models', { providers: { box: { ...box, baseUrl: 'http://h/v1' } } }, 'has no models'],
    [
      'an interface of another kind',
      { providers: { a: { kind: 'anthropic', headers: {}, api: 'chat' } } },
      'is for openai',
    ],
  ])('%s stops the start', (_, config, says) => {
    expect(() => settings(config)).toThrow(says);
  });

  it('is told all at once, with a code', () => {
    const config = { models: [{ ...model, provider: 'nowhere' }], fallback: ['n'] };
    expect(() => settings(config)).toThrow(
      expect.objectContaining({
        code: 'PLUGIN_REASONING_CONTRADICTION',
        details: { problems: [expect.stringContaining('nowhere'), expect.stringContaining('fallback')] },
      }),
    );
  });
});

it('each row of the catalogue names its page, the day it was read, and prices that can be', () => {
  const rows = (['anthropic', 'openai'] as const).flatMap(catalogueOf);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    expect(row.page).toMatch(/^https:\/\/(platform\.claude\.com|developers\.openai\.com)\//);
    expect(row.read).toMatch(/^2026-\d\d-\d\d$/);
    expect(row.price.cacheRead).toBeLessThan(row.price.input);
    expect(row.price.output).toBeGreaterThan(row.price.input);
    expect(inCatalogue(row.kind, row.id)).toBe(row);
  }
});
