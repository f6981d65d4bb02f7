import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import type { Queryable } from '../../store/index.ts';
import { StageFloor } from './floor.ts';

/** A store with transactions that take numbers, commit late or never, and a sealer that takes what it can see. */
class Store {
  #transactions = 10;
  #numbers = 0;
  readonly #open = new Map<number, number[]>();
  readonly staged = new Set<number>();

  begin(): void {
    this.#transactions += 1;
    this.#open.set(this.#transactions, []);
  }

  take(which: number): void {
    this.#numbers += 1;
    this.#at(which)?.[1].push(this.#numbers);
  }

  end(which: number, commits: boolean): void {
    const open = this.#at(which);
    if (open === undefined) return;
    this.#open.delete(open[0]);
    if (commits) for (const number of open[1]) this.staged.add(number);
  }

  /** Takes up to so many from there on; answers the first that was met. */
  seal(from: number, most: number): number | null {
    const met = [...this.staged].filter((number) => number >= from).sort((a, b) => a - b);
    for (const number of met.slice(0, most)) this.staged.delete(number);
    return met[0] ?? null;
  }

  /** Numbers that are on the stage, or may come to be. */
  get alive(): number[] {
    return [...this.staged, ...[...this.#open.values()].flat()];
  }

  query(): Promise<unknown[]> {
    const oldest = Math.min(this.#transactions + 1, ...this.#open.keys());
    return Promise.resolve([
      { upto: this.#numbers, oldest: String(oldest), next: String(this.#transactions + 1) },
    ]);
  }

  #at(which: number): [number, number[]] | undefined {
    const open = [...this.#open];
    return open[which % Math.max(1, open.length)];
  }
}

const step = fc.oneof(
  fc.constant({ do: 'begin' as const }),
  fc.record({ do: fc.constant('take' as const), which: fc.nat(9) }),
  fc.record({ do: fc.constant('end' as const), which: fc.nat(9), commits: fc.boolean() }),
  fc.record({ do: fc.constant('seal' as const), most: fc.integer({ min: 1, max: 4 }), ms: fc.nat(4_000) }),
);

test('law: nothing that is staged, or that a running transaction may still stage, is below the floor', async () => {
  let risen = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
      const store = new Store();
      const clock = new FakeClock();
      const floor = new StageFloor(store as unknown as Queryable, clock);
      let at = 0;
      for (const one of steps) {
        if (one.do === 'begin') store.begin();
        if (one.do === 'take') store.take(one.which);
        if (one.do === 'end') store.end(one.which, one.commits);
        if (one.do === 'seal') {
          await clock.advance(one.ms);
          at = await floor.at();
          if (store.alive.some((number) => number < at)) throw new Error(`a number below ${at} is alive`);
          floor.met(store.seal(at, one.most));
        }
      }
      risen = Math.max(risen, at);
    }),
  );
  expect(risen).toBeGreaterThan(0);
});
