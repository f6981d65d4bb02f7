import type { ChangePlace, PastEvent, PastQuestion } from '@kora/runtime/plugin';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookAt, momentOf, pastOf } from '../testing/past.ts';
import type { Happened } from '../testing/past.ts';
import { escalation, place, question, spread } from '../testing/rows.ts';
import { routerTuning } from './loop.ts';
import { routerTuningSettings } from './settings.ts';

const { signal } = new AbortController();
const settings = routerTuningSettings.parse({});
const kind = 'router.parameters';

function routed(
  route: string,
  given: { readonly weight?: number; readonly learned?: unknown } = {},
): ChangePlace {
  const { weight = 0, learned = null } = given;
  return place(
    route,
    { standardFrom: 3, largeFrom: 6, unsureBelow: 0.4, weight },
    {
      weights: { decision_language: 3, verdict: 2, long_question: 2, acting_tools: 1 },
      prefixes: { '/small': 'small', '/large': 'large' },
      learned,
    },
  );
}

let made = 0;

/** Requests that were routed like this, from this day on. */
function requests(
  count: number,
  given: Partial<PastQuestion> & { readonly fromDay?: number },
): PastQuestion[] {
  const { fromDay = 0, ...rest } = given;
  made += 1;
  return spread(count, { fromDay }, ({ at, n }) => question({ runId: `${made}-${n}`, at, ...rest }));
}

/** Escalations, with the one request that each is. */
function escalated(
  count: number,
  {
    route = 'slack_dm',
    cost = 6_000,
    ...payload
  }: Readonly<Record<string, unknown>> & { readonly route?: PastQuestion['route']; readonly cost?: number },
): { readonly questions: PastQuestion[]; readonly events: PastEvent[] } {
  const questions = requests(count, {
    route,
    tier: 'standard',
    routing: 'escalated:low_confidence',
    costMicroUsd: cost,
  });
  const events = questions.map(({ runId, at }, n) => ({
    ...escalation(n, { run_id: runId, route, ...payload }),
    at,
  }));
  return { questions, events };
}

async function cycle(happened: Happened, ...places: ChangePlace[]) {
  const loop = routerTuning(pastOf({ ...happened, places: { [kind]: places } }), settings);
  const { drafts } = await loop.observe(lookAt('shown'), signal);
  const examined = [];
  for (const draft of drafts) examined.push(await loop.examine(draft, lookAt('held_out'), signal));
  return { drafts, examined };
}

/** First answers of the small model that the larger one did not agree with, nine of ten; the larger costs 4 000. */
function tooSmall(route: PastQuestion['route'] = 'slack_dm') {
  const weak = escalated(90, { route });
  return { questions: [...weak.questions, ...requests(10, { route })], events: weak.events };
}

/** A route that earns the standard model by deciding words, where the operator keeps asking for the small one. */
function tooLarge({
  down = 20,
  status = 'answered',
}: {
  readonly down?: number;
  readonly status?: PastQuestion['status'];
} = {}): Happened {
  return {
    questions: [
      ...requests(60, { tier: 'standard', routing: 'earned:decision_language', costMicroUsd: 5_000 }),
      ...requests(20, {
        tier: 'standard',
        routing: 'earned:decision_language+acting_tools',
        costMicroUsd: 5_000,
      }),
      ...requests(10, {
        tier: 'large',
        routing: 'earned:decision_language+verdict+acting_tools',
        costMicroUsd: 20_000,
      }),
      ...requests(20, { costMicroUsd: 1_000 }),
      ...requests(down, { tier: 'small', routing: 'operator_override:/small', costMicroUsd: 1_000, status }),
    ],
  };
}

describe('the thresholds of a route', () => {
  it('let it begin with the larger model where the small one was hardly ever enough', async () => {
    const { drafts, examined } = await cycle(tooSmall(), routed('slack_dm', { learned: { largeFrom: 5 } }));
    expect(drafts).toMatchObject([
      {
        identity: { route: 'slack_dm', parameter: 'weight', direction: 'up' },
        // What was learned there already stays.
        change: { key: 'slack_dm', value: { weight: 3, largeFrom: 5 } },
      },
    ]);
    // 2 000 are thrown away with each of about three weak first answers a day, less what the ten cost more.
    expect(drafts[0]?.expected.microUsdPerDay).toBeGreaterThan(4_000);
    expect(examined).toMatchObject([{ passed: true }]);
  });

  it('let fewer questions earn the larger where the operator keeps asking for the small one, and is answered', async () => {
    const { drafts, examined } = await cycle(tooLarge(), routed('slack_dm'));
    expect(drafts).toMatchObject([
      { identity: { parameter: 'standardFrom', direction: 'up' }, change: { value: { standardFrom: 5 } } },
    ]);
    expect(examined).toMatchObject([{ passed: true }]);
    expect((await cycle(tooLarge({ status: 'incomplete' }), routed('slack_dm'))).drafts).toEqual([]);
    expect((await cycle(tooLarge({ down: 3 }), routed('slack_dm'))).drafts).toEqual([]);
  });

  it('leave short answers at that where the larger model said the same', async () => {
    const short = escalated(60, { why: 'short_answer', agreement: 0.8 });
    const happened = { questions: [...short.questions, ...requests(60, {})], events: short.events };
    expect((await cycle(happened, routed('slack_dm'))).drafts).toMatchObject([
      { change: { value: { shortAnswer: { below: 0 } } } },
    ]);
  });

  it('never let what asks for a verdict earn less', async () => {
    const happened = {
      questions: [
        ...requests(60, { tier: 'standard', routing: 'earned:verdict+acting_tools', costMicroUsd: 5_000 }),
        ...requests(40, { costMicroUsd: 1_000, routing: 'operator_override:/small' }),
      ],
    };
    expect((await cycle(happened, routed('slack_dm'))).drafts).toEqual([]);
  });

  it('count a request once, however many calls it took, over the whole window, and leave out what escalates by design (daemon defect W66)', async () => {
    // Nine of ten calls of these loops were escalated: that is how they are made.
    const byDesign = tooSmall('tool_loop_iteration');
    expect((await cycle(byDesign, routed('tool_loop_iteration'))).drafts).toEqual([]);
    // Each of these is ten calls and one request: 18 of 118 were too small, and that is no case for a larger one.
    const few = escalated(18, {});
    const questions = [...few.questions, ...requests(100, {})].map((row) => ({ ...row, calls: 10 }));
    expect((await cycle({ questions, events: few.events }, routed('slack_dm'))).drafts).toEqual([]);
    // An escalation that only said the same again is no sign that the first was too small.
    const wasted = escalated(90, { agreement: 0.9 });
    const same = { questions: [...wasted.questions, ...requests(10, {})], events: wasted.events };
    expect((await cycle(same, routed('slack_dm'))).drafts).toEqual([]);
  });

  it('stay where they are in traffic without a pattern', async () => {
    const row = fc.record({
      routing: fc.constantFrom('default_small', 'earned:decision_language', 'operator_override:/large'),
      tier: fc.constantFrom('small', 'standard', 'large'),
      costMicroUsd: fc.integer({ min: 500, max: 9_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 20, maxLength: 120 }), async (rows) => {
        const questions = rows.map((each, n) => question({ runId: `n${n}`, at: momentOf(n / 10), ...each }));
        expect((await cycle({ questions }, routed('slack_dm'))).drafts).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('come to nothing where what was held out says otherwise', async () => {
    const [draft] = (await cycle(tooLarge(), routed('slack_dm'))).drafts;
    if (draft === undefined) throw new Error('no draft');
    const judged = (happened: Happened) =>
      routerTuning(pastOf({ ...happened, places: { [kind]: [routed('slack_dm')] } }), settings).examine(
        draft,
        lookAt('held_out'),
        signal,
      );
    expect(await judged(tooLarge({ down: 60, status: 'incomplete' }))).toMatchObject({ passed: false });
    expect(await judged({})).toMatchObject({
      passed: false,
      why: expect.stringMatching(/^only 0/) as string,
    });
  });
});

describe('a threshold on trial', () => {
  const change = { kind, key: 'slack_dm', value: { weight: 3 } };
  const looks = { before: lookAt('all'), since: lookAt('all', { fromDay: 30 }) };
  const measured = (...since: PastQuestion[]) =>
    routerTuning(pastOf({ questions: [...tooSmall().questions, ...since] }), settings).measure(
      change,
      looks,
      signal,
    );
  const standard = { fromDay: 30, tier: 'standard', routing: 'earned:route' } as const;

  it('is better where requests cost less and fewer first answers are not enough', async () => {
    expect(await measured(...requests(100, { ...standard, costMicroUsd: 4_000 }))).toMatchObject({
      verdict: 'better',
      figures: [{ before: 5_600, after: 4_000 }, { before: 0.9, after: 0 }, {}, {}],
      gain: { microUsdPerDay: Math.round((1_600 * 100) / 30) },
    });
  });

  it.each([
    ['requests cost more', { ...standard, costMicroUsd: 9_000 }],
    ['requests are left incomplete', { ...standard, status: 'incomplete' as const }],
    [
      'the operator asks for a larger one',
      { fromDay: 30, tier: 'large' as const, routing: 'operator_override:/large' },
    ],
  ])('is worse where %s, and unclear until enough was asked', async (_what, given) => {
    expect(await measured(...requests(100, given))).toMatchObject({ verdict: 'worse' });
    expect(await measured(...requests(2, { ...standard, costMicroUsd: 5_600 }))).toMatchObject({
      verdict: 'unclear',
    });
  });
});
