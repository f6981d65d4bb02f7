import { modelTiers } from '@kora/runtime/plugin';
import type { EngineRequest, ModelSpec, ModelTier } from '@kora/runtime/plugin';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseModel } from './choose.ts';
import { routerSchema } from './config.ts';
import type { Choice } from './contract.ts';
import { model, request, threeModels, tool } from './testing/request.ts';
import { compareTiers } from './tiers.ts';

const config = routerSchema.parse(undefined);

function choose(given: Partial<EngineRequest> = {}, models = threeModels): Choice {
  return chooseModel(request(given), models, config);
}

describe('money comes first', () => {
  it('calls nobody at the hard stop, whoever asks', () => {
    const halted = choose({
      rung: 'hard_stop_100',
      highestTier: null,
      text: '/large decide',
      critical: true,
    });
    expect(halted).toMatchObject({ model: null, tier: null, reason: 'cost_ladder_halted' });
  });

  it('calls nobody where the ladder leaves no tier, and says at which rung', () => {
    expect(choose({ rung: 'warn_75', highestTier: null })).toMatchObject({
      model: null,
      reason: 'cost_deferred:warn_75',
    });
  });

  it('calls nobody at a hard stop even where a tier is said to be left', () => {
    expect(choose({ rung: 'hard_stop_100', highestTier: 'large' }).model).toBeNull();
  });

  it('clamps what was earned and what the operator asked for', () => {
    const clamped = { tier: 'small', wanted: 'large', reason: 'cost_clamp:downshift_90' };
    const under = { rung: 'downshift_90', highestTier: 'small' } as const;
    expect(choose({ ...under, text: '/large what now?' })).toMatchObject(clamped);
    expect(choose({ ...under, text: '/model large what now?' })).toMatchObject(clamped);
    expect(choose({ ...under, text: 'Should we roll back?', critical: true })).toMatchObject(clamped);
  });

  it('leaves the smallest model there is where the ladder leaves a tier that nobody configured', () => {
    const only = [model('large')];
    const answer = choose({ rung: 'downshift_90', highestTier: 'small' }, only);
    expect(answer).toMatchObject({ tier: 'large', reason: 'default_small' });
  });
});

describe('the operator may ask for a model', () => {
  it.each([
    ['/large why is it slow?', 'large'],
    ['  /LARGE\twhy is it slow?', 'large'],
    ['/standard why is it slow?', 'standard'],
    ['/small should we decide on the strategy for it?', 'small'],
  ])('%j', (text, tier) => {
    const { text: sent, ...choice } = choose({ text });
    expect(choice).toMatchObject({ tier, reason: `operator_override:/${tier}` });
    expect(sent).not.toContain('/');
  });

  it('by its name, in any case, and is told by the reason when there is none of it', () => {
    const models = [...threeModels, model('small', 'tiny')];
    expect(choose({ text: '/model TINY how many?' }, models)).toMatchObject({
      model: { name: 'tiny' },
      reason: 'operator_override:/model',
      text: 'how many?',
    });
    expect(choose({ text: '/model nemo how many?' }, models)).toMatchObject({
      tier: 'small',
      reason: 'override_unknown',
      override: { model: 'nemo' },
      text: 'how many?',
    });
  });

  it.each(['/large', '/model', '/model large', '/larger why?', 'use /large why?'])(
    'and %j is a question like any other',
    (text) => {
      expect(choose({ text })).toMatchObject({ override: null, text });
    },
  );

  it.each(['email_inbound', 'probe_investigation', 'ticket', 'mcp_tool'] as const)(
    'but nobody speaks for the operator on the route %s',
    (route) => {
      expect(choose({ route, text: '/large why?' })).toMatchObject({ override: null, text: '/large why?' });
    },
  );
});

describe('larger models are earned', () => {
  it('by what a question is about, how it is asked, and what hangs on it', () => {
    expect(choose()).toMatchObject({ tier: 'small', reason: 'default_small', score: 0 });
    expect(choose({ text: 'Is it safe to drop the index?' })).toMatchObject({
      tier: 'standard',
      reason: 'earned:decision_language',
    });
    expect(choose({ text: 'Is it safe to drop the index?', critical: true })).toMatchObject({
      tier: 'large',
      reason: 'earned:decision_language+critical',
    });
    expect(choose({ text: 'x'.repeat(1_500), verdict: true })).toMatchObject({
      tier: 'standard',
      reason: 'earned:verdict+long_question',
    });
    expect(choose({ quoted: [{ source: 'log', text: 'x'.repeat(6_000) }], critical: true })).toMatchObject({
      reason: 'earned:critical+long_quoted',
    });
    expect(choose({ route: 'ticket', tools: [tool('act', 'once')] })).toMatchObject({
      tier: 'standard',
      reason: 'earned:acting_tools+route',
    });
  });

  it.each(['Can you list the open tickets?', 'Do you know what time it is?', 'Could you show me the log?'])(
    'and not by a polite beginning: %s (daemon defect W51)',
    (text) => {
      expect(choose({ text })).toMatchObject({ tier: 'small', signals: [] });
    },
  );

  it('and not by tools that may be used, however many there are (daemon defect W51)', () => {
    const tools = Array.from({ length: 40 }, (_, at) => tool(`read_${at}`, 'none'));
    expect(choose({ tools })).toMatchObject({ tier: 'small', reason: 'default_small' });
    expect(choose({ tools: [...tools, tool('act', 'once')] })).toMatchObject({ tier: 'small' });
    expect(choose({ route: 'tool_loop_iteration', tools })).toMatchObject({ tier: 'small' });
  });

  it('and where the tier is not configured the smaller neighbour is taken, else the larger', () => {
    const text = 'Is it safe to drop the index?';
    expect(choose({ text }, [model('large'), model('small')])).toMatchObject({ tier: 'small' });
    expect(choose({ text }, [model('large')])).toMatchObject({ tier: 'large' });
    expect(choose({ text }, [])).toMatchObject({ model: null, reason: 'no_model' });
  });
});

const anyRequest = fc.record({
  text: fc.oneof(fc.string({ maxLength: 300 }), fc.constantFrom('/large x', '/model large x', 'decide it')),
  route: fc.constantFrom('cli', 'ticket', 'email_inbound', 'unknown'),
  rung: fc.constantFrom('normal', 'warn_75', 'downshift_90', 'hard_stop_100', 'unknown'),
  highestTier: fc.constantFrom(...modelTiers, null),
  critical: fc.boolean(),
  verdict: fc.boolean(),
});
const anyModels = fc.array(
  fc.constantFrom(...modelTiers).map((tier) => model(tier)),
  { maxLength: 4 },
);

/** Among which models a choice may fall: said in another way than the router says it. */
function allowed(
  models: readonly ModelSpec[],
  rung: string,
  highestTier: ModelTier | null,
): readonly (ModelSpec | null)[] {
  if (rung === 'hard_stop_100' || highestTier === null || models.length === 0) return [null];
  const left = models.filter((each) => compareTiers(each.tier, highestTier) <= 0);
  const least = (model: ModelSpec) => models.every((each) => compareTiers(model.tier, each.tier) <= 0);
  return left.length > 0 ? left : models.filter(least);
}

it('whatever is asked, nothing dearer than the ladder leaves is chosen while something cheaper is there', () => {
  fc.assert(
    fc.property(anyRequest, anyModels, (given, models) => {
      const { model: chosen, tier, reason } = choose(given, models);
      expect(reason).not.toBe('');
      expect(tier).toBe(chosen?.tier ?? null);
      expect(allowed(models, given.rung, given.highestTier)).toContain(chosen);
    }),
  );
});
