import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chainOn, noted, said } from '../testing/chain.ts';
import type { TestChain } from '../testing/chain.ts';
import { hastyChain, hastyClock, kept, keeping } from '../testing/consumer.ts';
import { draft } from '../index.ts';
import type { ConsumerState, EventDraft, Subscription } from '../index.ts';
import type { Scope } from '../../scope/index.ts';
import type { Database } from '../../store/index.ts';

type Step =
  | { readonly do: 'append'; readonly kinds: readonly ('good' | 'bad' | 'other')[] }
  | { readonly do: 'start' | 'stop'; readonly runtime: 0 | 1; readonly who: 0 | 1 | 2 }
  | { readonly do: 'abort'; readonly who: 0 | 1 | 2 }
  | { readonly do: 'replay'; readonly runtime: 0 | 1; readonly who: 0 | 1 | 2 };

const who = fc.constantFrom<0 | 1 | 2>(0, 1, 2);
const runtime = fc.constantFrom<0 | 1>(0, 1);
const kinds = fc.array(fc.constantFrom<'good' | 'bad' | 'other'>('good', 'good', 'good', 'other', 'bad'), {
  minLength: 1,
  maxLength: 6,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('append' as const), kinds }),
  fc.record({ do: fc.constantFrom('start' as const, 'stop' as const), runtime, who }),
  fc.record({ do: fc.constant('abort' as const), who }),
  fc.record({ do: fc.constant('replay' as const), runtime, who }),
);

const drafts = {
  good: (): EventDraft => draft(noted, { n: 1 }),
  bad: (): EventDraft => draft(noted, { n: -1 }),
  other: (): EventDraft => draft(said, { text: 'another type' }),
};

/** Three consumers on two runtimes over one chain: a small world that a run of steps is played in. */
class World {
  readonly names: readonly string[];
  readonly #chains: readonly TestChain[];
  readonly #database: Database;
  readonly #running = new Map<string, Scope>();
  /** Consumers whose next transaction breaks after its write. */
  readonly #aborting = new Set<string>();
  readonly #from: number;
  #mended = false;

  constructor(run: number, chains: readonly TestChain[], database: Database, from: number) {
    this.names = [0, 1, 2].map((n) => `run-${run}-${n}`);
    this.#chains = chains;
    this.#database = database;
    this.#from = from;
  }

  async play(step: Step): Promise<void> {
    if (step.do === 'append') {
      await this.#chain(0).append(step.kinds.map((kind) => drafts[kind]()));
      return;
    }
    const name = this.names[step.who] ?? '';
    if (step.do === 'abort') this.#aborting.add(name);
    else if (step.do === 'start') await this.#start(name, step.runtime, step.who);
    else if (step.do === 'stop') await this.#stop(`${name}@${step.runtime}`);
    // Refused when nothing is parked: as good a step as any.
    else
      await this.#chain(step.runtime)
        .replay({ consumer: name })
        .catch(() => undefined);
  }

  /** Ends the troubles: nothing fails any longer, and everybody runs. */
  async mend(): Promise<void> {
    this.#mended = true;
    this.#aborting.clear();
    for (const [at, name] of this.names.entries()) await this.#start(name, 0, at);
  }

  /** Asks for everything that is parked. */
  async replayAll(): Promise<void> {
    for (const name of this.names)
      await this.#chain(1)
        .replay({ consumer: name })
        .catch(() => undefined);
  }

  async states(): Promise<ConsumerState[]> {
    return (await this.#chain(0).consumers()).filter(({ consumer }) => this.names.includes(consumer));
  }

  async end(): Promise<void> {
    for (const key of this.#running.keys()) await this.#stop(key);
  }

  #chain(at: 0 | 1): TestChain['chain'] {
    const { chain } = this.#chains[at] ?? {};
    if (chain === undefined) throw new Error('two runtimes are there');
    return chain;
  }

  async #start(name: string, at: 0 | 1, n: number): Promise<void> {
    if (this.#running.has(`${name}@${at}`)) return;
    const subscription = {
      consumer: name,
      types: n === 0 ? [] : ['test.noted'],
      from: this.#from,
      batch: n === 2 ? 4 : 1,
      react: await this.#reacting(name),
    };
    this.#running.set(`${name}@${at}`, await this.#chain(at).subscribe(subscription));
  }

  async #stop(key: string): Promise<void> {
    await this.#running.get(key)?.dispose();
    this.#running.delete(key);
  }

  async #reacting(name: string): Promise<Subscription['react']> {
    const keep = await keeping(this.#database, name);
    return async (event, signal) => {
      if (!event.type.startsWith('test.')) return undefined;
      if (event.payload['n'] === -1 && !this.#mended) throw new Error('bad');
      const write = await keep(event, signal);
      return async (tx) => {
        await write?.(tx);
        if (this.#aborting.delete(name)) throw new Error('aborted');
      };
    };
  }
}

test('law: whatever starts, stops, aborts and is replayed, each event a consumer wants lands once, and in order but for parked ones', async () => {
  const made = await hastyChain();
  const second = await chainOn(made.database, { clock: hastyClock() });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
      run += 1;
      await expect.poll(() => made.chain.unsealed()).toBe(0);
      const { seq: before } = await made.chain.head();
      const world = new World(run, [made, second], made.database, before + 1);
      for (const each of steps) await world.play(each);
      await expect.poll(() => made.chain.unsealed()).toBe(0);
      const { seq: head } = await made.chain.head();
      await world.mend();
      await expect.poll(async () => (await world.states()).every(({ cursor }) => cursor >= head)).toBe(true);
      await world.replayAll();
      await expect.poll(async () => (await world.states()).map(({ parked }) => parked)).toEqual([0, 0, 0]);
      await world.end();
      const events = await made.chain.read({ after: before, limit: 1_000 });
      for (const [n, name] of world.names.entries()) {
        const wanted = events.filter(
          ({ type }) => type === 'test.noted' || (n === 0 && type === 'test.said'),
        );
        const landed = await kept(made.database, name);
        expect(landed.toSorted((a, b) => a - b)).toEqual(wanted.map(({ seq }) => seq));
        const good = new Set(wanted.filter(({ payload }) => payload['n'] !== -1).map(({ seq }) => seq));
        expect(landed.filter((seq) => good.has(seq))).toEqual([...good]);
      }
    }),
    // A smaller counterexample is not worth minutes of a database: the seed and the path are printed.
    { numRuns: 15, endOnFailure: true },
  );
}, 120_000);
