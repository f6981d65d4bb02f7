import { isStoreAway } from '../../store/index.ts';

interface Asked<Ask, Answer> {
  readonly ask: Ask;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface GatherOptions<Ask, Answer> {
  /** One statement for all of them; answers in their order. */
  readonly send: (asks: readonly Ask[]) => Promise<readonly Answer[]>;
  /** How long the first one waits for others. */
  readonly rest: () => Promise<unknown>;
}

const mostAtOnce = 1_000;

/** Questions to the store that come together go in one statement; while one is under way the next ones gather. */
export class Gather<Ask, Answer> {
  readonly #options: GatherOptions<Ask, Answer>;
  readonly #waiting: Asked<Ask, Answer>[] = [];
  #going = false;

  constructor(options: GatherOptions<Ask, Answer>) {
    this.#options = options;
  }

  /** Rejects with what the store said: of a bad question to it alone, of a store that is away to all of them. */
  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ask, resolve, reject });
      if (!this.#going) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#going = true;
    while (this.#waiting.length > 0) {
      await this.#options.rest();
      await this.#send(this.#waiting.splice(0, mostAtOnce));
    }
    this.#going = false;
  }

  async #send(batch: readonly Asked<Ask, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.send(batch.map(({ ask }) => ask));
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] as Answer);
    } catch (error) {
      if (batch.length === 1 || isStoreAway(error)) for (const { reject } of batch) reject(error);
      // One of them is bad, and which one only shows alone.
      else for (const each of batch) await this.#send([each]);
    }
  }
}
