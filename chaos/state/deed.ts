import fc from 'fast-check';
import type { Judge } from './laws.ts';
import type { Reference } from './reference.ts';
import type { Town } from './town.ts';

/** One thing that happens: to the town, and in the reference. */
export interface Deed {
  readonly name: string;
  /** Whether it can happen now. */
  may?(model: Readonly<Reference>): boolean;
  real(town: Town, model: Readonly<Reference>): Promise<unknown>;
  /** `made` is what the town made, where the reference cannot know its name. */
  model(model: Reference, made: unknown): void;
}

/** A runtime that has looked at nothing for so many deeds has its next look: a second is over. */
const looksWithin = 3;

/** A heartbeat, and a look of the control loop. */
export async function beat(town: Town, who: number): Promise<void> {
  const { rooms } = town.process(who);
  const hasPassed = rooms.holder.inputs.boot === 'passed';
  // As the heartbeat does: a store that is away is the control loop's to tell.
  if (hasPassed) await rooms.beat().catch(() => undefined);
  await rooms.controller.look();
  await endKilled(town, who);
}

/** What a kill leads to, and a boot that failed: the process ends, in order. */
export async function endKilled(town: Town, who: number): Promise<void> {
  const { process } = town.house(who);
  await town.quiet();
  if (process?.rooms.holder.state.primaryState === 'stopped') await process.end();
}

export class DeedCommand implements fc.AsyncCommand<Reference, Judge> {
  readonly #deed: Deed;

  constructor(deed: Deed) {
    this.#deed = deed;
  }

  check(model: Readonly<Reference>): boolean {
    return this.#deed.may?.(model) ?? true;
  }

  async run(model: Reference, judge: Judge): Promise<void> {
    const { town } = judge;
    const made = await this.#deed.real(town, model);
    for (const runtime of model.runtimes) runtime.sinceLook += 1;
    this.#deed.model(model, made);
    await town.turn();
    await judge.after(this.#deed.name);
    for (const [who, runtime] of model.runtimes.entries()) {
      if (!model.isUp(who) || runtime.sinceLook < looksWithin) continue;
      await beat(town, who);
      model.beat(who);
      await town.turn();
      await judge.after(`a second of ${who}`);
    }
  }

  toString(): string {
    return this.#deed.name;
  }
}

export const whoever: fc.Arbitrary<number> = fc.constantFrom(0, 1);
export const isThere = (model: Readonly<Reference>, who: number): boolean =>
  model.isUp(who) && !model.at(who).away;
export const isWorking = (model: Readonly<Reference>, who: number): boolean =>
  model.at(who).life === 'passed' && !model.at(who).away;
