import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import type { TenureRow } from './cursors.ts';
import { Leases } from './leases.ts';
import type { Claimant } from './leases.ts';

const names = ['a', 'b', 'c'];
const name = fc.constantFrom(...names);

function claimant(consumer: string): Claimant {
  const subscription = { consumer, types: [], from: 'now' as const, react: () => Promise.resolve(undefined) };
  return { consumer, subscription, fresh: false, told: () => undefined };
}

function taken(consumer: string): TenureRow {
  const row = { consumer, taken: true, mine: true, kin: false, replays: false };
  return { ...row, cursor: 0, attempts: 0, retryMs: 0 };
}

/** A store that takes and frees in the order in which the scheduler lets the statements through. */
class Store {
  readonly held = new Set<string>();
  readonly #scheduler: fc.Scheduler;

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
  }

  async hold(consumers: readonly string[]): Promise<TenureRow[]> {
    await this.#scheduler.schedule(Promise.resolve(), `hold ${consumers.join(' ')}`);
    for (const consumer of consumers) this.held.add(consumer);
    return consumers.map(taken);
  }

  async release(consumer: string): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), `release ${consumer}`);
    this.held.delete(consumer);
  }
}

test('law: in whatever order the store hears of it, a consumer that was given back is held no longer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.array(name, { maxLength: 3 }), { minLength: 1, maxLength: 5 }),
      async (scheduler, stops) => {
        const store = new Store(scheduler);
        const leases = new Leases({ clock: systemClock(), cursors: store, begin: () => Promise.resolve() });
        const running = new Set(names);
        for (const consumer of names) leases.want(claimant(consumer));
        const given: Promise<void>[] = [];
        for (const some of stops) {
          const asked = leases.hold();
          for (const consumer of some) {
            if (!running.delete(consumer)) continue;
            const lastly = (): Promise<void> => scheduler.schedule(Promise.resolve(), `lastly ${consumer}`);
            given.push(leases.giveBack(consumer, lastly));
          }
          await scheduler.waitFor(asked);
        }
        await scheduler.waitFor(Promise.all(given));
        expect([...store.held].toSorted()).toEqual([...running].toSorted());
      },
    ),
  );
});

test('a statement that fails holds no consumer back, and what it named is given back behind it', async () => {
  const order: string[] = [];
  const answer = Promise.withResolvers<TenureRow[]>();
  const cursors = {
    hold: () => answer.promise.finally(() => order.push('asked')),
    release: (consumer: string) => Promise.resolve(void order.push(`released ${consumer}`)),
  };
  const leases = new Leases({ clock: systemClock(), cursors, begin: () => Promise.resolve() });
  leases.want(claimant('a'));
  const asked = leases.hold();
  const given = leases.giveBack('a', () => Promise.resolve(void order.push('lastly')));
  answer.reject(new Error('the store is away'));
  await expect(asked).rejects.toThrow('the store is away');
  await given;
  expect(order).toEqual(['lastly', 'asked', 'released a']);
});
