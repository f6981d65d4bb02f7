import type { Acts } from './acts.ts';
import type { Deed } from './laws.ts';
import type { World } from './world.ts';

/** One atomic step from a known state, and what it makes of the world outside the store. */
export interface Step {
  readonly name: string;
  run(acts: Acts): Promise<{ readonly world: World; readonly deed: Deed }>;
}
