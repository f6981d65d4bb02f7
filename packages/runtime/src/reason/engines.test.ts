import { expect, test } from 'vitest';
import type { EngineSpec, ModelSpec } from './contract.ts';
import { Engines } from './engines.ts';

const models: readonly ModelSpec[] = [
  { name: 'm', provider: 'p', tier: 'small', contextTokens: 10, maxOutputTokens: 5, price: null },
];
const spec = (name: string, more: Partial<EngineSpec> = {}): EngineSpec => ({
  name,
  models,
  respond: () => Promise.resolve({ status: 'answered', text: 'yes' }),
  ...more,
});

const a = { id: 'a', trusted: true };
const b = { id: 'b', trusted: true };

function enginesOf(chosen?: string): { readonly engines: Engines; readonly offered: string[] } {
  const offered: string[] = [];
  const offer = (given: readonly ModelSpec[]): void =>
    void offered.push(given.map(({ name }) => name).join());
  return { engines: new Engines({ chosen, offer }), offered };
}

test('one engine serves; its models are what may be called', () => {
  const { engines, offered } = enginesOf();
  expect(engines.choice()).toMatchObject({ engine: null, error: 'unconfigured' });
  const undo = engines.register(spec('one'), a);
  const { engine } = engines.choice();
  expect(engine).toMatchObject({ owner: 'a', spec: { name: 'one' } });
  undo();
  undo();
  expect(engine?.signal.aborted).toBe(true);
  expect(engines.choice()).toMatchObject({ error: 'unconfigured' });
  expect(offered).toEqual(['m', '']);
});

test('with several, the configuration says which; without its word nobody serves, and both are named', () => {
  const { engines, offered } = enginesOf();
  engines.register(spec('one'), a);
  const undo = engines.register(spec('two'), b);
  const choice = engines.choice();
  expect(choice).toMatchObject({ engine: null, error: 'engine_unavailable' });
  expect('why' in choice ? choice.why : '').toContain('one and two');
  expect(engines.list().map(({ name, serves }) => [name, serves])).toEqual([
    ['one', false],
    ['two', false],
  ]);
  undo();
  expect(offered).toEqual(['m', '', 'm']);
  const chosen = enginesOf('two').engines;
  chosen.register(spec('one'), a);
  expect(chosen.choice()).toMatchObject({ engine: null, error: 'engine_unavailable' });
  chosen.register(spec('two'), b);
  expect(chosen.choice().engine?.spec.name).toBe('two');
});

test.each([
  spec('One'),
  spec(''),
  spec('one', { models: [...models, ...models] }),
  spec('one', { models: models.map((model) => ({ ...model, contextTokens: 0 })) }),
  spec('one', { models: models.map((model) => ({ ...model, tier: 'huge' as 'large' })) }),
  spec('one', {
    models: models.map((model) => ({
      ...model,
      price: { input: -1, output: 0, cacheRead: 0, cacheWrite: 0 },
    })),
  }),
])('a malformed engine is refused', (odd) => {
  const { engines } = enginesOf();
  expect(() => engines.register(odd, a)).toThrow(expect.objectContaining({ code: 'KORA_PLUGIN_INVALID' }));
});

test('a name is one engine’s', () => {
  const { engines } = enginesOf();
  engines.register(spec('one'), a);
  expect(() => engines.register(spec('one'), b)).toThrow('engine one of plugin b');
});

test('an engine of an untrusted plugin serves only where the configuration names it', () => {
  const stranger = { id: 'stranger', trusted: false };
  const { engines } = enginesOf();
  engines.register(spec('strange'), stranger);
  const choice = engines.choice();
  expect(choice).toMatchObject({ engine: null, error: 'unconfigured' });
  expect('why' in choice ? choice.why : '').toContain('reason.engine must name strange');
  engines.register(spec('one'), a);
  expect(engines.choice().engine?.spec.name).toBe('one');
  const chosen = enginesOf('strange').engines;
  chosen.register(spec('one'), a);
  chosen.register(spec('strange'), stranger);
  expect(chosen.choice().engine?.owner).toBe('stranger');
});
