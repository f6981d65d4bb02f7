import { fault } from '../fault/index.ts';
import type { HistoryLook, HistoryPage, HistoryQuery, LoopHistory } from './contract.ts';
import type { HistoryReads, HistoryWindow, PageQuery } from './ports.ts';

interface OpenLook {
  readonly plugin: string;
  readonly window: HistoryWindow;
}

/**
 * Who may look at which part of the past now: a look is one plugin's, covers one window and one part, and ends with the call
 * it came with. So that nothing is judged by what it was made from.
 */
export class Looks {
  readonly #reads: HistoryReads;
  readonly #open = new Map<string, OpenLook>();
  #last = 0;

  constructor(reads: HistoryReads) {
    this.#reads = reads;
  }

  /** Lets the plugin look for as long as `work` takes, and no longer than until it is given up. */
  async during<T>(
    plugin: string,
    windows: readonly HistoryWindow[],
    work: (looks: readonly HistoryLook[]) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const looks = windows.map((window): HistoryLook => {
      const lookId = `look-${(this.#last += 1)}`;
      this.#open.set(lookId, { plugin, window });
      return { lookId, ...window };
    });
    const close = (): void => {
      for (const { lookId } of looks) this.#open.delete(lookId);
    };
    signal?.addEventListener('abort', close, { once: true });
    try {
      return await work(looks);
    } finally {
      signal?.removeEventListener('abort', close);
      close();
    }
  }

  /** What a plugin may read. Each throws KORA_LOOK_OVER, and what `leave` throws, which is asked each time. */
  historyFor(plugin: string, leave: () => Promise<void> = () => Promise.resolve()): LoopHistory {
    const reads = this.#reads;
    const windowOf = async (query: HistoryQuery): Promise<HistoryWindow> => {
      await leave();
      return this.#window(plugin, query);
    };
    const through =
      <Row>(read: (window: HistoryWindow, page: PageQuery) => Promise<HistoryPage<Row>>) =>
      async (query: HistoryQuery): Promise<HistoryPage<Row>> =>
        read(await windowOf(query), pageOf(query));
    return {
      questions: async (query) =>
        reads.questions(await windowOf(query), {
          ...pageOf(query),
          with: query.with,
          runs: query.runs,
        }),
      toolCalls: through((window, page) => reads.toolCalls(window, page)),
      incidents: through((window, page) => reads.incidents(window, page)),
      attempts: through((window, page) => reads.attempts(window, page)),
      events: async (query) => {
        const { types, splitBy } = query;
        return reads.events(await windowOf(query), { ...pageOf(query), types, splitBy });
      },
    };
  }

  // What was opened counts, not what the plugin says of it.
  #window(plugin: string, { look }: HistoryQuery): HistoryWindow {
    const found = this.#open.get(look.lookId);
    if (found?.plugin === plugin) return found.window;
    throw fault('KORA_LOOK_OVER', `${look.lookId} is no look that plugin ${plugin} has now`, {
      fix: 'read the past within observe, examine or measure, by the look that was handed in',
    });
  }
}

function pageOf({ after, limit }: HistoryQuery): PageQuery {
  return { after, limit };
}
