import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { KoraError } from '../../fault/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { sideEffects } from '../contract.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';
import { ModelAttempt } from '../testing/ledger-model.ts';
import type { ModelEnd, ModelOperation } from '../testing/ledger-model.ts';
import { hold, ledgerOver, lose } from '../testing/ledger.ts';
import type { HeldTicket } from '../testing/ledger.ts';
import { Mortal } from '../testing/mortal.ts';

let bench: TicketBench;
beforeAll(async () => {
  const { database, drop } = await fileDatabase();
  bench = await ticketBench({ database });
  return drop;
});

/** What was asked of the world outside, by key. */
class World {
  readonly calls = new Map<string, number>();

  async call(key: string): Promise<string> {
    this.calls.set(key, this.of(key) + 1);
    return `did ${key}`;
  }

  of(key: string): number {
    return this.calls.get(key) ?? 0;
  }
}

interface Kind {
  readonly sideEffects: ModelOperation['sideEffects'];
  readonly inspects: boolean;
}

/** One attempt at all operations, in order, by a process that may stop anywhere. */
async function attempt(
  { work }: HeldTicket,
  mortal: Mortal,
  world: World,
  kinds: readonly Kind[],
): Promise<ModelEnd> {
  try {
    for (const [n, { sideEffects, inspects }] of kinds.entries()) {
      const look = (key: string) =>
        mortal.step(async () =>
          world.of(key) > 0
            ? ({ happened: true, result: `did ${key}` } as const)
            : ({ happened: false } as const),
        );
      const spec = {
        id: `op-${n}`,
        tool: 'world',
        sideEffects,
        request: n,
        ...(inspects && { inspect: look }),
      };
      const answer = await work.operation(spec, (key) => mortal.step(() => world.call(key)));
      expect(answer).toMatch(new RegExp(`^did kora-.*-op-${n}$`));
    }
    return 'done';
  } catch (error) {
    if (error instanceof KoraError && error.code === 'KORA_OPERATION_UNKNOWN') return 'unknown';
    if (error instanceof KoraError && error.code === 'KORA_TICKET_STALE_FENCE') return 'stale';
    throw error;
  }
}

const kind: fc.Arbitrary<Kind> = fc.record({
  sideEffects: fc.constantFrom(...sideEffects),
  inspects: fc.boolean(),
});
/** One that wakes goes on when the ticket has another holder, before or after that one's attempt. */
const stop = fc.record({
  step: fc.nat({ max: 9 }),
  landed: fc.boolean(),
  end: fc.constantFrom(...(['dies', 'wakes before', 'wakes after'] as const)),
});

/** Compares what the ledger and the world say with the reference, and with the promise of each kind. */
async function agree(ticketId: number, world: World, model: readonly ModelOperation[]): Promise<void> {
  const rows = await ledgerOver(bench.database, bench.owner.workspaceId).ledger.list(ticketId);
  expect(
    rows.map(({ operationId, status, dispatches, key }) => [operationId, status, dispatches, world.of(key)]),
  ).toEqual(
    model
      .filter(({ status }) => status !== 'none')
      .map(({ id, status, dispatches, calls }) => [id, status, dispatches, calls]),
  );
  for (const { sideEffects, status, dispatches, key } of rows) {
    const calls = world.of(key);
    expect(calls).toBeLessThanOrEqual(sideEffects === 'once' ? 1 : dispatches);
    // All calls carry one key, so that a receiver that knows it did the thing exactly once.
    expect(status === 'committed' && calls === 0).toBe(false);
  }
}

interface Sleeper {
  readonly mortal: Mortal;
  readonly reference: ModelAttempt;
  readonly outcome: Promise<ModelEnd>;
  readonly wakes: 'wakes before' | 'wakes after';
}

test('a process may end or freeze at any step: each once effect happens at most once, each committed one exactly once, under one key (ticket defects 5, 13)', async () => {
  const lives = fc.array(stop, { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(kind, { minLength: 1, maxLength: 3 }), lives, async (kinds, stops) => {
      const { ticketId } = await bench.add();
      const world = new World();
      const model = kinds.map(
        (each, n): ModelOperation => ({ ...each, id: `op-${n}`, status: 'none', dispatches: 0, calls: 0 }),
      );
      let sleeper: Sleeper | undefined;
      let lastFence = 0;
      const wake = async (when: Sleeper['wakes']): Promise<void> => {
        if (sleeper?.wakes !== when) return;
        sleeper.mortal.thaw();
        expect(await sleeper.outcome).toBe(sleeper.reference.thaw());
        sleeper = undefined;
        await agree(ticketId, world, model);
      };
      for (const fate of [...stops, undefined]) {
        const mortal = new Mortal(fate);
        const holder = await hold(bench, ticketId, { database: mortal.over(bench.database) });
        expect(holder.claim.fence).toBeGreaterThan(lastFence);
        lastFence = holder.claim.fence;
        await wake('wakes before');
        const reference = new ModelAttempt(model);
        const expected = reference.run(fate);
        const outcome = attempt(holder, mortal, world, kinds);
        expect(await Promise.race([outcome, mortal.stopped.then(() => 'stopped')])).toBe(expected);
        await agree(ticketId, world, model);
        await wake('wakes after');
        if (expected !== 'stopped') return;
        await lose(bench, holder);
        // Who inspects must know that nothing is under way any more, and a process that wakes says the opposite.
        if (fate === undefined || fate.end === 'dies' || kinds.some(({ inspects }) => inspects)) continue;
        sleeper = { mortal, reference, outcome, wakes: fate.end };
      }
    }),
    { numRuns: 60 },
  );
});
