import type { ChangePlace, HistoryLook, Measure, ProposalDraft } from '@kora/runtime/plugin';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookAt, momentOf, pastOf } from '../testing/past.ts';
import type { Happened } from '../testing/past.ts';
import { place, question, spread, toolCall } from '../testing/rows.ts';
import { snapshotExpand } from './loop.ts';
import { snapshotExpandSettings } from './settings.ts';

const { signal } = new AbortController();
const settings = snapshotExpandSettings.parse({});

function toolPlace(
  tool: string,
  facts: Partial<ChangePlace['facts']> = {},
  value: unknown = null,
): ChangePlace {
  return place(`learned.${tool}`, value, {
    tool,
    sideEffects: 'none',
    untrusted: false,
    backedBy: null,
    ...facts,
  });
}

/** Runs that each ask one tool once and answer with what it said. */
function asking(
  count: number,
  {
    tool = 'queue',
    input = () => ({}),
    says = () => ({ open: 7, limit: 100, as_of: 'x' }),
    answer = () => 'there are 7 open',
    tools = [tool],
    days = 30,
    fromDay = 0,
  }: {
    readonly tool?: string;
    readonly input?: (n: number) => unknown;
    readonly says?: (n: number) => unknown;
    readonly answer?: (n: number) => string;
    readonly tools?: readonly string[];
    readonly days?: number;
    readonly fromDay?: number;
  } = {},
): Required<Pick<Happened, 'questions' | 'toolCalls'>> {
  return {
    questions: spread(count, { days, fromDay }, ({ at, n }) =>
      question({
        runId: `${tool}-${fromDay}-${n}`,
        at,
        tools,
        answer: answer(n),
        text: 'how many are open?',
      }),
    ),
    toolCalls: spread(count, { days, fromDay }, ({ at, n }) =>
      toolCall({ runId: `${tool}-${fromDay}-${n}`, at, tool, input: input(n), says: says(n) }),
    ),
  };
}

async function cycle(happened: Happened): Promise<{
  readonly drafts: readonly ProposalDraft[];
  readonly passed: readonly boolean[];
}> {
  const loop = snapshotExpand(pastOf(happened), settings);
  const { drafts } = await loop.observe(lookAt('shown'), signal);
  const passed: boolean[] = [];
  for (const draft of drafts) passed.push((await loop.examine(draft, lookAt('held_out'), signal)).passed);
  return { drafts, passed };
}

const places = (...of: ChangePlace[]): Happened => ({ places: { 'snapshot.field': of } });

describe('what tools are asked again and again', () => {
  it('becomes a field: the value that the answers say, read as often as it must be', async () => {
    const { drafts, passed } = await cycle({ ...asking(100), ...places(toolPlace('queue')) });
    expect(passed).toEqual([true]);
    expect(drafts).toMatchObject([
      {
        change: {
          kind: 'snapshot.field',
          key: 'learned.queue',
          value: { tool: 'queue', input: {}, pick: 'open', everyS: 300, type: 'number' },
        },
        // 100 in 30 days, each one model call of 1 000 micro-dollars and 2 s.
        expected: {
          microUsdPerDay: expect.closeTo(3_333, -3) as number,
          secondsPerDay: expect.closeTo(6.7, 0) as number,
        },
      },
    ]);
    expect(drafts[0]?.evidence.samples[0]?.ref).toMatch(/^run queue-/);
  });

  it('is the same question however its input was written, and another for another input', async () => {
    const written = [{ unit: ' shop ', all: null }, { unit: 'shop' }, { all: '', unit: 'shop' }];
    const asked = asking(100, { input: (n) => (n % 4 === 3 ? { unit: 'db' } : written[n % 4]) });
    const { drafts } = await cycle({ ...asked, ...places(toolPlace('queue')) });
    expect(drafts.map(({ change }) => (change.value as { input: unknown }).input)).toEqual([
      { unit: 'shop' },
      { unit: 'db' },
    ]);
    expect(new Set(drafts.map(({ change }) => change.key)).size).toBe(2);
  });

  it('is how many a list has, where that is what the answers say', async () => {
    const says = (n: number) => ({
      tickets: Array.from({ length: n < 50 ? 7 : 8 }, () => ({ id: n })),
      limit: 100,
    });
    const asked = asking(100, { says, answer: (n) => `${n < 50 ? 7 : 8} are open` });
    expect((await cycle({ ...asked, ...places(toolPlace('queue')) })).drafts).toMatchObject([
      { change: { value: { pick: 'tickets.length', type: 'number' } } },
    ]);
  });

  it.each([
    ['that acts', toolPlace('queue', { sideEffects: 'reversible' }), {}],
    ['that repeats strangers', toolPlace('queue', { untrusted: true }), {}],
    ['that nobody registered', toolPlace('another'), {}],
    ['that is on a field already', toolPlace('queue', {}, { tool: 'queue' }), {}],
    ['that is asked ever new things', toolPlace('queue'), { input: (n: number) => ({ id: n }) }],
    [
      'whose value is never still',
      toolPlace('queue'),
      { days: 0.1, says: (n: number) => ({ open: n }), answer: String },
    ],
    [
      'whose field changes its type',
      toolPlace('queue'),
      { says: (n: number) => ({ open: n % 2 ? 1 : '1' }) },
    ],
    ['that answers in prose', toolPlace('queue'), { says: (n: number) => `${n} are open, as it seems` }],
    ['beside others that were needed', toolPlace('queue'), { tools: ['queue', 'other'] }],
    ['whose answers say something else', toolPlace('queue'), { answer: () => 'all is well' }],
  ])('is left alone for a tool %s', async (_what, standing, given) => {
    expect((await cycle({ ...asking(100, given), ...places(standing) })).drafts).toEqual([]);
  });

  it('is not proposed for a tool that the registry says a field stands for, whatever it is called (daemon defect W64)', async () => {
    const backed = toolPlace('kora__get_state', { backedBy: 'snapshot.state.primary' });
    const asked = asking(100, { tool: 'kora__get_state' });
    expect((await cycle({ ...asked, ...places(backed) })).drafts).toEqual([]);
    expect((await cycle({ ...asked, ...places(toolPlace('kora__get_state')) })).drafts).toHaveLength(1);
  });

  it('comes to nothing where what was held out is otherwise', async () => {
    const happened = { ...asking(100), ...places(toolPlace('queue')) };
    const [draft] = (await cycle(happened)).drafts;
    const moving = asking(100, { days: 0.5, says: (n) => ({ open: n }), answer: String });
    const loop = snapshotExpand(pastOf({ ...moving, ...places(toolPlace('queue')) }), settings);
    if (draft === undefined) throw new Error('no draft');
    expect(await loop.examine(draft, lookAt('held_out'), signal)).toMatchObject({ passed: false });
    const unasked = snapshotExpand(pastOf(places(toolPlace('queue'))), settings);
    expect((await unasked.examine(draft, lookAt('held_out'), signal)).why).toMatch(/^only 0/);
  });

  it('finds nothing in traffic without a pattern', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uuid(), { minLength: 30, maxLength: 60 }), async (ids) => {
        const asked = asking(ids.length, { input: (n) => ({ id: ids[n] }) });
        expect((await cycle({ ...asked, ...places(toolPlace('queue')) })).drafts).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a field on trial', () => {
  const change = {
    kind: 'snapshot.field',
    key: 'learned.queue',
    value: { tool: 'queue', input: {}, pick: 'open', everyS: 300, type: 'number' },
  };
  const before: HistoryLook = lookAt('all', { fromDay: 0, days: 10 });
  const since: HistoryLook = lookAt('all', { fromDay: 10, days: 10 });

  async function measured(after: Happened): Promise<Measure> {
    const asked = asking(100, { days: 10 });
    const loop = snapshotExpand(
      pastOf({
        questions: [...asked.questions, ...(after.questions ?? [])],
        toolCalls: [...asked.toolCalls, ...(after.toolCalls ?? [])],
      }),
      settings,
    );
    return await loop.measure(change, { before, since }, signal);
  }

  const answered = (value: unknown): Happened => ({
    questions: spread(60, { fromDay: 10, days: 10 }, ({ at, n }) =>
      question({
        runId: `s${n}`,
        at,
        calls: 1,
        costMicroUsd: 1_000,
        durationMs: 2_000,
        snapshot: { learned: { queue: value } },
      }),
    ),
  });

  it('is better where the tool is no longer called, by what that was measured to save', async () => {
    expect(await measured(answered(7))).toMatchObject({
      verdict: 'better',
      figures: [{ name: 'calls_per_question', before: 1, after: 0 }, {}, {}, { after: 0, samples: 60 }],
      gain: { microUsdPerDay: 6_000, secondsPerDay: 12 },
    });
  });

  it('is worse where its collector brings nothing, and unclear until enough was asked', async () => {
    expect(await measured(answered(null))).toMatchObject({ verdict: 'worse' });
    expect(await measured({ questions: (answered(7).questions ?? []).slice(0, 5) })).toMatchObject({
      verdict: 'unclear',
    });
  });

  it('is no worse where everybody asks the tool as before', async () => {
    expect(await measured(asking(100, { fromDay: 10, days: 10 }))).toMatchObject({ verdict: 'no_worse' });
  });
});

it('says the same of the same past, and nothing of what it was not handed', async () => {
  const happened = { ...asking(100), ...places(toolPlace('queue')) };
  expect(await cycle(happened)).toEqual(await cycle(happened));
  const loop = snapshotExpand(pastOf(happened), settings);
  const never = { ...lookAt('shown'), since: momentOf(40), until: momentOf(50) };
  expect(await loop.observe(never, signal)).toEqual({ observed: 0, drafts: [] });
  await expect(loop.observe(lookAt('shown'), AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
});
