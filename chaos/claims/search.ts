import type { Database } from '../../packages/runtime/src/store/index.ts';
import { Acts } from './acts.ts';
import { openHouse } from './house.ts';
import type { House } from './house.ts';
import { judge, judgeMove } from './laws.ts';
import { likenessOf, literalOf } from './likeness.ts';
import { Broken, look } from './look.ts';
import type { Seen } from './look.ts';
import type { Lens } from './planted.ts';
import { stepsFrom } from './steps.ts';
import type { Step } from './step.ts';
import { threadOf } from './thread.ts';
import type { Thread } from './thread.ts';
import type { Left, World } from './world.ts';

export interface Bounds extends Left {
  readonly workers: number;
  readonly tickets: number;
}

export interface Found {
  readonly states: number;
  readonly transitions: number;
  /** Steps of the longest history that was followed. */
  readonly depth: number;
  /** How often each kind of step was taken. */
  readonly taken: ReadonlyMap<string, number>;
  /** The law that broke, and the steps to it. */
  readonly broken?: { readonly law: string; readonly history: readonly string[] };
}

export interface SearchOptions {
  readonly bounds: Bounds;
  readonly lens: Lens;
  readonly onState?: (states: number, transitions: number) => void;
}

/**
 * Everything that workers, weather and operator can do within the bounds, in every order: each step runs the statement
 * that ships, in one transaction that goes back by savepoints. States that are alike are gone on from once.
 */
export async function search(database: Database, options: SearchOptions): Promise<Found> {
  const house = await openHouse(database);
  return database.session(async (session) => {
    await session.query('begin');
    const run = new Run(threadOf(session, options.lens), house, options);
    const found = await run.all();
    await session.query('rollback');
    return found;
  });
}

class Run {
  readonly #thread: Thread;
  readonly #house: House;
  readonly #acts: Acts;
  readonly #options: SearchOptions;
  readonly #known = new Set<string>();
  /** States as they were met, each known by its likeness. */
  readonly #met = new Set<string>();
  readonly #taken = new Map<string, number>();
  readonly #history: string[] = [];
  #transitions = 0;
  #depth = 0;

  constructor(thread: Thread, house: House, options: SearchOptions) {
    this.#thread = thread;
    this.#house = house;
    this.#acts = new Acts(thread, house);
    this.#options = options;
  }

  async all(): Promise<Found> {
    const { bounds } = this.#options;
    for (let n = 0; n < bounds.tickets; n += 1) await this.#acts.add();
    const workers: World['workers'][number][] = [];
    while (workers.length < bounds.workers)
      workers.push({ sessionId: await this.#acts.begin(), beliefs: [] });
    const { grants, faults, operations } = bounds;
    const world: World = { workers, grants: [], left: { grants, faults, operations } };
    const broken = await this.#from(world, await look(this.#thread, this.#house.workspaceId));
    return {
      states: this.#known.size,
      transitions: this.#transitions,
      depth: this.#depth,
      taken: this.#taken,
      ...(broken === undefined ? {} : { broken: { law: broken, history: this.#history } }),
    };
  }

  #isNew(world: World, seen: Seen): boolean {
    const literal = literalOf(world, seen);
    if (this.#met.has(literal)) return false;
    this.#met.add(literal);
    const likeness = likenessOf(world, seen);
    if (this.#known.has(likeness)) return false;
    this.#known.add(likeness);
    return true;
  }

  /** The law that breaks from here on, with the history up to it, or undefined. */
  async #from(world: World, seen: Seen): Promise<string | undefined> {
    if (!this.#isNew(world, seen)) return undefined;
    this.#options.onState?.(this.#known.size, this.#transitions);
    const depth = this.#history.length;
    this.#depth = Math.max(this.#depth, depth);
    await this.#thread.mark(depth);
    for (const step of stepsFrom(world, seen)) {
      this.#history.push(step.name);
      const broken = await this.#take(step, seen);
      if (broken !== undefined) return broken;
      this.#history.pop();
      await this.#thread.back(depth);
    }
    return undefined;
  }

  async #take(step: Step, seen: Seen): Promise<string | undefined> {
    this.#transitions += 1;
    const kind = step.name.replaceAll(/\d+/g, 'n');
    this.#taken.set(kind, (this.#taken.get(kind) ?? 0) + 1);
    let after: Seen;
    let world: World;
    try {
      const done = await step.run(this.#acts);
      world = done.world;
      after = await look(this.#thread, this.#house.workspaceId);
      judge(world, after);
      judgeMove(seen, after, done.deed);
    } catch (error) {
      if (error instanceof Broken) return error.message;
      // The store keeps some laws itself, by its keys.
      if (error instanceof Error && 'constraint' in error && error.constraint !== undefined)
        return error.message;
      throw error;
    }
    return this.#from(world, after);
  }
}
