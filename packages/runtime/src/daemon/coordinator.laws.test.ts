import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CoordinatorView } from './contract.ts';
import { daemonBench } from './testing/daemons.ts';

const names = ['a', 'b', 'c', 'd', 'e'] as const;
type Name = (typeof names)[number];

/** How a daemon behaves from now on. */
interface Manner {
  readonly startMs: number;
  readonly stopMs: number;
  readonly fails: boolean;
  readonly stopThrows: boolean;
}

const stopTimeoutMs = 2_000;
const good: Manner = { startMs: 0, stopMs: 0, fails: false, stopThrows: false };

/**
 * Daemons that follow their orders and note what was asked of them against the laws: whoever starts has all it needs, whoever
 * is shut down is needed by nobody that runs, nobody is started twice, and nobody starts once the shutdown has begun.
 */
class Household {
  readonly bench = daemonBench();
  readonly broken: string[] = [];
  readonly manners = new Map<Name, Manner>();
  readonly needs = new Map<Name, readonly Name[]>();
  readonly views = new Map<Name, CoordinatorView>();
  /** Up, in the order they came up. */
  up: Name[] = [];
  readonly busy = new Set<Name>();
  /** Until when each may take for its stop. */
  readonly stopping = new Map<Name, number>();
  readonly asked: Promise<unknown>[] = [];
  isOver = false;
  /** Order of ends of what was up when the shutdown began. */
  readonly ends: Name[] = [];

  add(name: Name, needs: readonly Name[]): void {
    if (this.needs.has(name)) return;
    this.needs.set(name, needs);
    this.bench.daemon(name, {
      dependsOn: needs,
      startupTimeoutMs: 3_000,
      shutdownTimeoutMs: stopTimeoutMs,
      periodicTasks: [
        {
          name: `${name}.task`,
          cadence: { everyMs: 1_000 },
          purpose: 'observe',
          run: () => Promise.resolve(),
        },
      ],
      startup: (view) => this.#startup(name, view),
      shutdown: () => this.#shutdown(name),
    });
  }

  async settle(ms: number): Promise<void> {
    await this.bench.clock.advance(ms);
    const { tasks, coordinator } = this.bench;
    for (const { name, state } of coordinator.list()) {
      // A task is on the schedule while its daemon runs, and at no other time.
      if (tasks.has(`${name}.task`) !== (state === 'running'))
        this.broken.push(`the task of ${name}, ${state}`);
    }
  }

  #stops(name: Name): boolean {
    return this.bench.clock.monotonic() < (this.stopping.get(name) ?? 0);
  }

  #law(holds: boolean, what: string): void {
    if (!holds) this.broken.push(`${what} at ${this.bench.clock.monotonic()} ms`);
  }

  async #startup(name: Name, view: CoordinatorView): Promise<void> {
    this.#law(!this.isOver, `${name} starts after the shutdown`);
    this.#law(!this.busy.has(name) && !this.up.includes(name), `${name} starts twice`);
    const missing = (this.needs.get(name) ?? []).filter((need) => !this.up.includes(need));
    this.#law(missing.length === 0, `${name} starts without ${missing.join()}`);
    this.busy.add(name);
    this.views.set(name, view);
    const { startMs, fails } = this.manners.get(name) ?? good;
    if (startMs > 0) await this.bench.clock.sleep(startMs, view.signal);
    this.busy.delete(name);
    if (fails || view.signal.aborted) throw new Error(`${name} did not start`);
    this.up.push(name);
  }

  async #shutdown(name: Name): Promise<void> {
    const dependents = [...this.needs].filter(([, needs]) => needs.includes(name)).map(([other]) => other);
    const living = dependents.filter(
      (other) => this.up.includes(other) || this.busy.has(other) || this.#stops(other),
    );
    this.#law(living.length === 0, `${name} is stopped while ${living.join()} needs it`);
    const { stopMs, stopThrows } = this.manners.get(name) ?? good;
    if (this.isOver && this.up.includes(name)) this.ends.push(name);
    this.up = this.up.filter((other) => other !== name);
    this.busy.delete(name);
    this.stopping.set(name, this.bench.clock.monotonic() + Math.min(stopMs, stopTimeoutMs));
    if (stopMs > 0) await this.bench.clock.sleep(stopMs);
    this.stopping.delete(name);
    if (stopThrows) throw new Error(`${name} does not stop well`);
  }
}

const name = fc.constantFrom(...names);
const manner = fc.record<Manner>({
  startMs: fc.constantFrom(0, 0, 500, 10_000),
  stopMs: fc.constantFrom(0, 0, 500, 10_000),
  fails: fc.boolean(),
  stopThrows: fc.boolean(),
});

interface Model {
  readonly registered: Set<Name>;
}

type Command = fc.AsyncCommand<Model, Household>;

function command(label: string, run: (house: Household, model: Model) => Promise<void> | void): Command {
  return {
    check: () => true,
    run: async (model, house) => {
      await run(house, model);
      await house.settle(0);
      expect(house.broken).toEqual([]);
    },
    toString: () => label,
  };
}

const later = names.map((each, at) => [each, names.slice(0, at)] as const);

// What one needs comes before it in the alphabet: circles are another test's.
const needy = later.map(([each, before]) => fc.subarray([...before]).map((needs) => ({ each, needs })));

const commands = [
  fc.oneof(...needy).map(({ each, needs }) =>
    command(`add ${each} needing [${needs.join()}]`, (house, { registered }) => {
      if (house.needs.has(each)) return;
      house.add(each, needs);
      registered.add(each);
      house.asked.push(house.bench.coordinator.startAdded(each));
    }),
  ),
  fc
    .tuple(name, manner)
    .map(([each, next]) =>
      command(`${each} is ${JSON.stringify(next)}`, (house) => void house.manners.set(each, next)),
    ),
  name.map((each) => command(`${each} dies`, (house) => house.views.get(each)?.died(new Error('dead')))),
  name.map((each) =>
    command(`restart ${each}`, (house) => {
      house.asked.push(house.bench.coordinator.restart(each).catch(() => undefined));
    }),
  ),
  name.map((each) =>
    command(`remove ${each}`, async (house, { registered }) => {
      registered.delete(each);
      const gone = house.bench.coordinator.remove(each).then(() => house.needs.delete(each));
      house.asked.push(gone);
      await house.bench.clock.advance(120_000);
      await gone;
    }),
  ),
  fc
    .integer({ min: 0, max: 30_000 })
    .map((ms) => command(`${ms} ms pass`, (house) => house.bench.clock.advance(ms))),
];

async function begun(
  first: readonly { readonly each: Name; readonly needs: readonly Name[] }[],
): Promise<Household> {
  const house = new Household();
  for (const { each, needs } of first) house.add(each, needs);
  await house.bench.coordinator.startRest();
  return house;
}

test('law: whatever dies, hangs, comes and goes, needs stand, nobody runs twice, and a shutdown is the reverse of the start', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(...needy), fc.commands(commands, { maxCommands: 40 }), async (first, steps) => {
      const house = await begun(first);
      const { coordinator, clock } = house.bench;
      await fc.asyncModelRun(() => ({ model: { registered: new Set<Name>(names) }, real: house }), steps);
      const standing = [...house.up];
      house.isOver = true;
      const stopped = coordinator.stopAll('the end');
      await clock.advance(600_000);
      await stopped;
      await Promise.all(house.asked);
      expect(house.broken).toEqual([]);
      expect(house.up).toEqual([]);
      expect(house.ends).toEqual(standing.toReversed().filter((each) => house.ends.includes(each)));
      expect(house.bench.tasks.size).toBe(0);
      expect(clock.sleeping).toBe(0);
    }),
    { numRuns: 150 },
  );
});

test('law: once all is well, everything that can run does, or waits for people to look at it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(...needy), fc.commands(commands, { maxCommands: 25 }), async (first, steps) => {
      const house = await begun(first);
      const { coordinator, clock } = house.bench;
      const model = { registered: new Set<Name>(names) };
      await fc.asyncModelRun(() => ({ model, real: house }), steps);
      house.manners.clear();
      await clock.advance(120_000);
      for (const each of names) {
        if (!model.registered.has(each)) continue;
        const restarted = coordinator.restart(each).catch(() => undefined);
        await clock.advance(60_000);
        await restarted;
      }
      await clock.advance(120_000);
      for (const { name: each, state, dependsOn } of coordinator.list()) {
        const can = dependsOn.every((need) => house.up.includes(need as Name));
        expect([each, state]).toEqual([each, can ? 'running' : 'failed']);
      }
      const stopped = coordinator.stopAll();
      await clock.advance(60_000);
      await stopped;
    }),
    { numRuns: 75 },
  );
});
