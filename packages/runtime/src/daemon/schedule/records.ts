import type { Clock } from '../../clock/index.ts';
import type { Database } from '../../store/index.ts';
import { Gather } from './gather.ts';
import { rememberTasks, replanTasks } from './memory.ts';
import type { Replan, TaskEntry, TaskKnown } from './memory.ts';
import { closeOccurrences, openOccurrences } from './occurrences.ts';
import type { Closing, Opened, Opening } from './occurrences.ts';

export interface RecordsOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  readonly gatherMs?: number;
}

const defaultGatherMs = 5;

/** What the schedule writes, each kind in statements of many. Rejects as the store does. */
export class Records {
  readonly #remembering: Gather<TaskEntry, TaskKnown>;
  readonly #replanning: Gather<Replan, Date>;
  readonly #openings: Gather<Opening, Opened>;
  readonly #closings: Gather<Closing, undefined>;

  constructor(options: RecordsOptions) {
    const { database, workspaceId, clock, gatherMs = defaultGatherMs } = options;
    const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
    // Nobody waits for the end of a run but the next one of the same task: ends may gather a little.
    const rest = gatherMs > 0 ? () => clock.sleep(gatherMs) : turn;
    this.#remembering = new Gather({
      rest: turn,
      send: (asks) => rememberTasks(database, workspaceId, asks),
    });
    this.#replanning = new Gather({ rest: turn, send: (asks) => replanTasks(database, workspaceId, asks) });
    this.#openings = new Gather({ rest: turn, send: (asks) => openOccurrences(database, options, asks) });
    this.#closings = new Gather({
      rest,
      send: async (asks) => {
        await closeOccurrences(database, options, asks);
        return asks.map(() => undefined);
      },
    });
  }

  remember(entry: TaskEntry): Promise<TaskKnown> {
    return this.#remembering.ask(entry);
  }

  /** Answers the due time that holds. */
  replan(plan: Replan): Promise<Date> {
    return this.#replanning.ask(plan);
  }

  open(opening: Opening): Promise<Opened> {
    return this.#openings.ask(opening);
  }

  async close(closing: Closing): Promise<void> {
    await this.#closings.ask(closing);
  }
}
