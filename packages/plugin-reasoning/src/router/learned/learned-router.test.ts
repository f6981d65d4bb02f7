import type { EngineRequest, Overlay } from '@kora/runtime/plugin';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chooseModel } from '../choose.ts';
import { routerSchema } from '../config.ts';
import { routerFor } from '../router.ts';
import { request, threeModels } from '../testing/request.ts';
import { compareTiers } from '../tiers.ts';
import { LearnedRouter } from './learned-router.ts';
import { parameterKeys } from './value.ts';

const base = routerSchema.parse(undefined);

function overlay(key: string, value: unknown, revision = 1): Overlay {
  const since = '2026-01-01T00:00:00.000Z';
  return { kind: 'router.parameters', key, value, proposalId: 7, revision, since, trialUntil: null };
}

async function taught(overlays: readonly Overlay[], written: unknown = {}): Promise<LearnedRouter> {
  const router = new LearnedRouter(routerSchema.parse(written), written);
  await router.changes().take(overlays);
  return router;
}

function tierOf(learned: LearnedRouter, given: Partial<EngineRequest>): string | null {
  const asked = request(given);
  const { config, ...rest } = learned.parametersFor(asked.route);
  return routerFor(threeModels, config, rest).choose(asked).model?.tier ?? null;
}

it('is routed by what was learned at once, for every route and for one over it, and as before once it is taken back', async () => {
  const question = { text: 'Should we roll back?' };
  const router = await taught([]);
  expect(tierOf(router, question)).toBe('standard');
  await router.changes().take([overlay('default', { standardFrom: 4 }, 2)]);
  expect(tierOf(router, question)).toBe('small');
  await router.changes().take([overlay('default', { standardFrom: 4 }, 2), overlay('cli', { weight: 1 }, 5)]);
  expect(tierOf(router, question)).toBe('standard');
  expect(tierOf(router, { ...question, route: 'slack_dm' })).toBe('small');
  expect(router.parametersFor('cli').learned).toMatchObject([
    { kind: 'router.parameters', key: 'default', revision: 2, as: 'used' },
    { key: 'cli', revision: 5 },
  ]);
  await router.changes().take([]);
  expect(tierOf(router, question)).toBe('standard');
  expect(router.parametersFor('cli')).toEqual({ config: base, floor: base, learned: [] });
});

it.each([
  ['what holds already', 'default', { standardFrom: 3 }, {}, /already/],
  ['a key that is no route', 'fax', { standardFrom: 4 }, {}, /no route/],
  ['a weight of no route', 'default', { weight: 4 }, {}, /key names none/],
  ['thresholds that cross', 'default', { standardFrom: 7 }, {}, /above largeFrom 6/],
  ['less for what is critical', 'cli', { weights: { critical: 2 } }, {}, /keep what they have/],
  ['less for a verdict', 'default', { weights: { verdict: 0 } }, {}, /keep what they have/],
  ['less doubt in a verdict', 'default', { unsureBelow: 0.1 }, {}, /keep what they have/],
  [
    'what the operator wrote',
    'default',
    { standardFrom: 4 },
    { standardFrom: 3 },
    /operator wrote router.standardFrom 3/,
  ],
  [
    'a weight that they wrote',
    'cli',
    { weights: { long_question: 9 } },
    { weights: { long_question: 2 } },
    /operator wrote/,
  ],
  [
    'a route that they wrote',
    'cli',
    { weight: 9 },
    { routes: { cli: 0 } },
    /operator wrote router.routes.cli/,
  ],
] as const)('refuses %s, and does not act by it either', async (_what, key, value, written, why) => {
  const router = await taught([overlay(key, value)], written);
  const { refusal } = await router.changes().examine({ key, value });
  expect(refusal).toMatch(why);
  expect(router.parametersFor('cli').learned).toEqual([]);
});

it.each([
  ['high', { standardFrom: 4 }],
  ['high', { weights: { acting_tools: 0 } }],
  ['high', { shortAnswer: { below: 10 } }],
  ['low', { standardFrom: 2 }],
  ['low', { unsureBelow: 0.6, shortAnswer: { toMoreThan: 100 } }],
] as const)('is a %s risk: %j', async (risk, value) => {
  const router = await taught([]);
  expect(await router.changes().examine({ key: 'default', value })).toMatchObject({ risk, refusal: null });
});

it('says what there is now, with what was learned in it', async () => {
  const router = await taught([overlay('cli', { weight: 2 })]);
  const places = (await router.changes().places?.()) ?? [];
  expect(places.map(({ key }) => key)).toEqual(parameterKeys);
  expect(places.find(({ key }) => key === 'cli')).toMatchObject({
    value: { standardFrom: 3, largeFrom: 6, unsureBelow: 0.4, weight: 2 },
    facts: { weights: { critical: 3 }, prefixes: { '/small': 'small' }, learned: { weight: 2 } },
  });
});

it('never gives what is critical, or asks for a verdict, a smaller model than what ships', async () => {
  const from = fc.integer({ min: 1, max: 1_000 });
  const weight = fc.integer({ min: 0, max: 100 });
  const value = fc.record(
    {
      standardFrom: from,
      largeFrom: from,
      weight,
      weights: fc.record(
        { critical: weight, acting_tools: weight, decision_language: weight },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  const asked = fc.record({
    text: fc.constantFrom('Should we?', 'Which are open?'),
    route: fc.constantFrom('cli', 'ticket', 'alert_investigation'),
    critical: fc.boolean(),
    verdict: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(value, value, asked, async (all, one, given) => {
      const router = await taught([overlay('default', all), overlay(given.route, one)]);
      const now = tierOf(router, given);
      const before = chooseModel(request(given), threeModels, base).tier;
      const { config } = router.parametersFor(given.route);
      expect(config.standardFrom).toBeLessThanOrEqual(config.largeFrom);
      const isFloored = given.critical || given.verdict;
      expect(
        !isFloored || (now !== null && before !== null && compareTiers(now as 'small', before) >= 0),
      ).toBe(true);
    }),
    { numRuns: 300 },
  );
});
