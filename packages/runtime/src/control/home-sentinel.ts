import type { EventDraft } from '../chain/index.ts';
import type { StopCommand } from '../state/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { Keeper } from './keeper/index.ts';
import { commandIdOf, issueSentinel } from './sentinel-command.ts';
import { readSentinel, removeSentinel } from './sentinel.ts';
import type { Sentinel } from './sentinel.ts';

export interface HomeSentinelOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly home: string;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly keeper: Pick<Keeper, 'level' | 'sentinel' | 'effective'>;
  /** Tells all held work to stop and gives its claims back; how many went back. */
  readonly abort: (reason: string) => Promise<number>;
  readonly failed: (error: unknown) => void;
}

/** The sentinel of this home: it becomes a command once, goes when that command is reset, and is obeyed without either. */
export class HomeSentinel {
  readonly #options: HomeSentinelOptions;
  /** The one that is a row already, and the one for which work was aborted. */
  #issued = '';
  #aborted = '';

  constructor(options: HomeSentinelOptions) {
    this.#options = options;
  }

  async issue(): Promise<void> {
    const { database, workspaceId, stage } = this.#options;
    const sentinel = this.#now();
    if (sentinel === undefined || commandIdOf(sentinel) === this.#issued) return;
    await database.transaction((tx) => issueSentinel(tx, { workspaceId, stage }, sentinel));
    this.#issued = commandIdOf(sentinel);
  }

  /** A reset by any runtime of the workspace ended the command that the sentinel became: then it goes as well. */
  liftUnless(inForce: readonly StopCommand[]): void {
    const sentinel = this.#now();
    if (sentinel === undefined || commandIdOf(sentinel) !== this.#issued) return;
    if (!inForce.some(({ commandId }) => commandId === this.#issued)) removeSentinel(this.#options.home);
  }

  /** Work stops for it also where no row can be written. */
  obey(): void {
    const { keeper, abort, failed } = this.#options;
    const sentinel = keeper.sentinel();
    const id = sentinel === undefined ? '' : commandIdOf(sentinel);
    if (id === this.#aborted || sentinel === undefined || keeper.level() < 3) return;
    this.#aborted = id;
    abort(`STOP-KORA L${sentinel.level}: ${sentinel.reason}`).then(
      () => keeper.effective('sentinel'),
      (error: unknown) => {
        this.#aborted = '';
        failed(error);
      },
    );
  }

  /** As it lies there: what the keeper last told may be gone, and must not come back as a row. */
  #now(): Sentinel | undefined {
    const { keeper, home } = this.#options;
    return keeper.sentinel() === undefined ? undefined : readSentinel(home);
  }
}
