import fc from 'fast-check';
import type pg from 'pg';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { openPool } from '../../packages/runtime/src/store/index.ts';
import type { Database } from '../../packages/runtime/src/store/index.ts';
import { anyDeeds } from './deeds.ts';
import { Judge } from './laws.ts';
import { wrongs } from './planted.ts';
import type { PlantedBug } from './planted.ts';
import { Reference } from './reference.ts';
import { Town } from './town.ts';

export interface StateModelOptions {
  /** A database with the runtime's schema, for this check alone. */
  readonly connection: pg.ClientConfig;
  readonly runs: number;
  readonly seed: number;
  /** Repeats one run of the seed, as a failure names it. */
  readonly path?: string;
  readonly replayPath?: string;
  readonly planted?: PlantedBug;
  /** Whether a failure is made as small as it can be. */
  readonly shrinks?: boolean;
  /** Counts, by name, the deeds that happened and the states that were met. */
  readonly met?: Map<string, number>;
  readonly onRun?: () => void;
}

const longestRun = 36;

/** Plays random histories on the shipped rooms and holds them against the reference. Answers what broke, or undefined. */
export async function checkStateModel(options: StateModelOptions): Promise<string | undefined> {
  const {
    connection,
    runs,
    seed,
    path,
    replayPath,
    planted,
    shrinks = true,
    met = new Map(),
    onRun,
  } = options;
  await using database = hasty(connection);
  await Town.prepare(database);
  const wrong = planted === undefined ? {} : wrongs[planted];
  const histories = fc.commands(anyDeeds, {
    maxCommands: longestRun,
    size: 'max',
    ...(replayPath === undefined ? {} : { replayPath }),
  });
  const property = fc.asyncProperty(histories, async (history) => {
    const town = await Town.open(database, wrong);
    const model = new Reference(town.epoch);
    try {
      // A house in which nobody lives has nothing to tell: both runtimes are up when a history begins.
      await begin(town, model);
      await fc.asyncModelRun(() => ({ model, real: new Judge(town, model, met) }), history);
    } finally {
      await town.close();
      onRun?.();
    }
  });
  const details = await fc.check(property, {
    numRuns: runs,
    seed,
    ...(path === undefined ? {} : { path }),
    endOnFailure: !shrinks,
  });
  if (!details.failed) return undefined;
  const { errorInstance: error } = details;
  const law = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${await fc.asyncDefaultReportMessage(details)}\n${law}`;
}

/** Processes die here, and no server does: a commit need not wait for the disk. */
function hasty(connection: pg.ClientConfig): Database {
  return openPool({
    connection: { ...connection, options: '-c synchronous_commit=off' },
    server: { kind: 'url', description: 'the store of the model' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
}

async function begin(town: Town, model: Reference): Promise<void> {
  for (const [who, runtime] of model.runtimes.entries()) {
    await town.start(who);
    await town.process(who).pass();
    runtime.life = 'passed';
  }
  await town.quiet();
}
