import { KoraError } from '../fault/index.ts';
import type { Cycle } from './cycle.ts';
import { cycleTask } from './loops.ts';
import type { RegisteredLoop } from './loops.ts';
import type { PromotionPorts } from './ports.ts';

const hourMs = 3_600_000;
/** A loop may read a month of a busy house. */
export const cycleMs = 1_800_000;
/** Nothing may act now, another runtime is at it, or this one is ending. */
const leftToOthers: ReadonlySet<string> = new Set([
  'KORA_ADMISSION_DENIED',
  'KORA_TASK_BUSY',
  'KORA_TASK_UNKNOWN',
]);

interface Turn {
  readonly loop: RegisteredLoop;
  leave: () => Promise<void>;
}

type Ports = Pick<PromotionPorts, 'schedule' | 'runNow' | 'blocked' | 'onError'>;

/**
 * When each loop has its turn. They come on the schedule once the house is ready: a cycle that was due meanwhile would be
 * turned away as everything is in a boot, and have to wait for its next day.
 */
export class Rota {
  readonly #ports: Ports;
  readonly #cycle: Cycle;
  readonly #turns = new Set<Turn>();
  #begun = false;

  constructor(ports: Ports, cycle: Cycle) {
    this.#ports = ports;
    this.#cycle = cycle;
  }

  /** Throws KORA_TASK_DUPLICATE. */
  async add(loop: RegisteredLoop): Promise<() => Promise<void>> {
    const turn: Turn = { loop, leave: () => Promise.resolve() };
    if (this.#begun) await this.#schedule(turn);
    this.#turns.add(turn);
    return async () => {
      this.#turns.delete(turn);
      await turn.leave();
    };
  }

  /** From now on loops have their turns. */
  async begin(): Promise<void> {
    const waiting = [...this.#turns];
    this.#begun = true;
    for (const turn of waiting) {
      if (!this.#turns.has(turn)) continue;
      await this.#schedule(turn).catch((error: unknown) => {
        this.#ports.onError(`loop ${turn.loop.spec.name}`, error);
      });
      // Its plugin went meanwhile.
      if (!this.#turns.has(turn)) await turn.leave();
    }
  }

  /**
   * Makes up for the turns that came while nothing could act: each cycle once, however many of its turns those were. Answers
   * how many there were.
   */
  async makeUp(signal: AbortSignal): Promise<number> {
    const blocked = await this.#ports.blocked();
    const missed = [...this.#turns]
      .map(({ loop }) => cycleTask(loop.spec.name))
      .filter((task) => blocked.has(task));
    for (const task of missed) {
      signal.throwIfAborted();
      await this.runIfMay(task).catch((error: unknown) => this.#ports.onError(task, error));
    }
    return missed.length;
  }

  /** Runs a task now, where that may be. */
  async runIfMay(task: string): Promise<void> {
    await this.#ports.runNow(task).catch((error: unknown) => {
      if (!(error instanceof KoraError) || !leftToOthers.has(error.code)) throw error;
    });
  }

  async #schedule(turn: Turn): Promise<void> {
    const { spec, plugin } = turn.loop;
    turn.leave = await this.#ports.schedule(
      {
        name: cycleTask(spec.name),
        cadence: { everyMs: spec.settings.everyHours * hourMs },
        purpose: 'act',
        timeoutMs: cycleMs,
        run: async ({ signal }) => {
          const run = await this.#cycle.run(turn.loop, signal);
          return run.drafts > 0 ? 'ok' : 'noop';
        },
      },
      plugin,
    );
  }
}
