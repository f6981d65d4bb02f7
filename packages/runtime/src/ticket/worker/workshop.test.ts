import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits, WorkshopScene } from '../testing/workshop.ts';

type Step =
  | { readonly do: 'add'; readonly kind: 'one' | 'two'; readonly count: number }
  | { readonly do: 'news' | 'abort' | 'lose session' }
  | { readonly do: 'store answers' | 'store is away'; readonly nth: number }
  | {
      readonly do: 'answer';
      readonly nth: number;
      readonly as: 'completed' | 'released' | 'with consequences';
    }
  | { readonly do: 'cancel and beat'; readonly nth: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'door'; readonly level: 0 | 1 };

const nth = fc.nat({ max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      kind: fc.constantFrom('one' as const, 'two' as const),
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('news' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('abort' as const, 'lose session' as const) }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('store answers' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('store is away' as const), nth }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      nth,
      as: fc.constantFrom('completed' as const, 'released' as const, 'with consequences' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel and beat' as const), nth }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 10, 600, 2_000, 70_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('door' as const),
      level: fc.constantFrom(0 as const, 1 as const),
    }),
  },
);

const consequences = { events: [{ type: 'some.event', payload: {} }] };

function answerOne(scene: WorkshopScene, { nth: at, as }: Extract<Step, { do: 'answer' }>): void {
  const work = scene.working[at % Math.max(1, scene.working.length)];
  if (as === 'with consequences') {
    work?.answer({ resolution: 'completed', summary: 'done', ...consequences });
  } else work?.answer({ resolution: as, summary: 'done' });
}

async function take(scene: WorkshopScene, at: Step): Promise<void> {
  switch (at.do) {
    case 'add':
      for (let n = 0; n < at.count; n += 1) scene.add(at.kind);
      return;
    case 'news':
      return scene.workshop.news();
    case 'abort':
      void scene.workshop.abort('a test');
      return;
    case 'lose session':
      return scene.loseSession();
    case 'store answers':
      return scene.pending[at.nth % Math.max(1, scene.pending.length)]?.answer();
    case 'store is away':
      return scene.pending[at.nth % Math.max(1, scene.pending.length)]?.lose();
    case 'answer':
      return answerOne(scene, at);
    case 'cancel and beat':
      return scene.cancelAndBeat(at.nth);
    case 'pass':
      return scene.clock.advance(at.ms);
    case 'door':
      return scene.stop(at.level);
  }
}

/** Lets what is under way in this process come to rest. */
async function settle(): Promise<void> {
  for (let n = 0; n < 4; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

function check(scene: WorkshopScene): void {
  const now = scene.clock.monotonic();
  expect(scene.wrongs).toEqual([]);
  expect(scene.busy('one')).toBeLessThanOrEqual(limits.one);
  expect(scene.busy('two')).toBeLessThanOrEqual(limits.two);
  expect(scene.busy()).toBeLessThanOrEqual(limits.runtime);
  for (const hold of scene.workshop.claims) {
    // Waiting, not worked and not on its way back.
    if (hold.place === 'waiting') expect(now - hold.since, 'an unstarted lease').toBeLessThan(limits.reachMs);
  }
  for (const { claim, ends } of scene.claims) {
    expect(ends.length, `ends of ticket ${claim.ticketId}`).toBeLessThanOrEqual(1);
  }
}

/** Everybody answers until nothing is left. */
async function finish(scene: WorkshopScene): Promise<void> {
  scene.stop(0);
  const closing = scene.workshop.close(5_000);
  for (let n = 0; n < 40; n += 1) {
    await settle();
    while (scene.pending.length > 0) scene.pending[0]?.answer();
    if (n > 20) await scene.clock.advance(1_000);
  }
  await closing;
  await settle();
}

/** Quick work for a while, so that tickets are taken ahead of hands; then more of it, in the middle of which it stays. */
async function warm(scene: WorkshopScene): Promise<void> {
  for (let n = 0; n < 60; n += 1) {
    scene.add('one');
    scene.add('two');
  }
  for (let n = 0; n < 12; n += 1) {
    scene.workshop.news();
    await settle();
    if (n < 11)
      while (scene.working.length > 0) scene.working[0]?.answer({ resolution: 'completed', summary: 'done' });
    while (scene.pending.length > 0) scene.pending[0]?.answer();
    await settle();
  }
}

async function expectLaw(steps: readonly Step[]): Promise<void> {
  const scene = new WorkshopScene();
  await warm(scene);
  for (const at of steps) {
    await take(scene, at);
    await settle();
    check(scene);
  }
  await finish(scene);
  expect([...scene.workshop.claims]).toEqual([]);
  expect(scene.told.at(-1) ?? 0).toBe(0);
  for (const { claim, sessionId, ends } of scene.claims) {
    const lease = scene.leases.get(claim.ticketId);
    const isHeld = lease?.claim.fence === claim.fence && lease.sessionId === sessionId;
    // One end, or none and the lease is gone without us.
    expect(isHeld && ends.length === 0, `ticket ${claim.ticketId} lies under a lease nobody works`).toBe(
      false,
    );
  }
}

test('whatever claims, answers, aborts, beats and lost sessions do to each other, hands are counted and claims end once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 80 }), (steps) => expectLaw(steps)),
    { numRuns: 150 },
  );
});

/** Kinds of claims that are here, by where they are. */
function places(scene: WorkshopScene, place: 'waiting' | 'worked'): number[] {
  return [...scene.workshop.claims].filter((hold) => hold.place === place).map(({ claim }) => claim.ticketId);
}

test.each([
  ['a shutdown', (scene: WorkshopScene) => void scene.workshop.close(5_000)],
  ['a stop', (scene: WorkshopScene) => void scene.workshop.abort('stop level 3')],
])('%s gives back first what was not begun, at once', async (_, end) => {
  const scene = new WorkshopScene();
  await warm(scene);
  const waiting = places(scene, 'waiting');
  expect(waiting.length).toBeGreaterThan(0);
  const before = scene.flushes.length;
  end(scene);
  await settle();
  const given = scene.flushes.slice(before).flat();
  const first = given.slice(0, waiting.length);
  expect(first.every(({ as }) => as === 'released')).toBe(true);
  expect(new Set(first.map(({ ticketId }) => ticketId))).toEqual(new Set(waiting));
});

test('a storm of news is two claims at most, and none while they are under way', async () => {
  const scene = new WorkshopScene();
  for (let n = 0; n < 1_000; n += 1) {
    scene.add('one');
    scene.workshop.news();
  }
  await settle();
  expect(scene.pending.length).toBeLessThanOrEqual(2);
});

test('news that comes while a claim is under way outlives its empty answer', async () => {
  const scene = new WorkshopScene();
  await settle();
  scene.add('one');
  scene.workshop.news();
  while (scene.pending.length > 0) scene.pending[0]?.empty();
  await settle();
  while (scene.pending.length > 0) scene.pending[0]?.answer();
  await settle();
  expect(scene.working).toHaveLength(1);
});
