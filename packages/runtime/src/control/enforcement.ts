import type { EventDraft } from '../chain/index.ts';
import { messageOf } from '../fault/index.ts';
import { acknowledgeStop, enforceStop, measureEffect, noteStopFailure, observeStop } from '../state/index.ts';
import type { EffectCounts, StopCommand, StopEffect, StopKey } from '../state/index.ts';
import type { Database, Transaction } from '../store/index.ts';

export interface EnforcementOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly counts: EffectCounts;
  /** Tells all held work to stop and gives its claims back; how many went back. */
  readonly abort: (reason: string) => Promise<number>;
  /** Whether nothing may be claimed here now. */
  readonly isClosed: () => boolean;
  /** It ends this process: it has its effect with the end, and not before. */
  readonly kills: (command: StopCommand) => boolean;
  /** The command was seen, and had its effect: what the watchdog wants to know. */
  readonly watch: (command: StopCommand) => void;
  readonly effective: (sequence: number) => void;
  /** Something came to its end that the next look must see. */
  readonly wake: () => void;
}

/** What this process did about one command so far. */
interface Progress {
  isAcknowledged: boolean;
  isEffective: boolean;
  /** The figures as they stand in the row. */
  written: string;
  abort: 'not_begun' | 'going' | 'done';
  aborting: Promise<void>;
  failure: string | undefined;
}

/** From this level on, held work is aborted. */
const abortLevel = 3;

/**
 * Does what the commands in force ask of this runtime, and keeps its row for each: seen, taken to heart, and with which
 * effect. The figures are counted anew at every look while a command is in force, and written when they changed.
 */
export class Enforcement {
  readonly #options: EnforcementOptions;
  readonly #progress = new Map<number, Progress>();

  constructor(options: EnforcementOptions) {
    this.#options = options;
  }

  /** One look at all of them. Throws what the store says; what it had begun is taken up at the next look. */
  async look(commands: readonly StopCommand[]): Promise<void> {
    this.#forgetAllBut(commands);
    for (const command of commands) await this.#seen(command);
    for (const command of commands) await this.#bringUpToDate(command, this.#options.kills(command));
  }

  /** The same when all work is over and nothing can come after it. */
  async lastLook(commands: readonly StopCommand[]): Promise<void> {
    for (const { aborting } of this.#progress.values()) await aborting;
    for (const command of commands) await this.#bringUpToDate(command, false);
  }

  /** What was in force and ended before its effect is no longer waited for. */
  #forgetAllBut(commands: readonly StopCommand[]): void {
    const inForce = new Set(commands.map(({ sequence }) => sequence));
    for (const sequence of this.#progress.keys()) {
      if (inForce.has(sequence)) continue;
      this.#progress.delete(sequence);
      this.#options.effective(sequence);
    }
  }

  async #seen(command: StopCommand): Promise<void> {
    if (this.#progress.has(command.sequence)) return;
    const { database, watch } = this.#options;
    // Before the row: what cannot be written must be done all the same.
    const progress: Progress = {
      isAcknowledged: false,
      isEffective: false,
      written: '',
      abort: 'not_begun',
      aborting: Promise.resolve(),
      failure: undefined,
    };
    this.#progress.set(command.sequence, progress);
    watch(command);
    this.#abort(command, progress);
    await observeStop(database, this.#key(command));
  }

  /** Not waited for: work that ignores its signal must not keep this runtime from seeing the next command. */
  #abort({ level, reason }: StopCommand, progress: Progress): void {
    if (level < abortLevel || progress.abort === 'going') return;
    progress.abort = 'going';
    progress.aborting = this.#options.abort(`STOP-KORA L${level}: ${reason}`).then(
      () => {
        progress.failure = undefined;
        progress.abort = 'done';
        this.#options.wake();
      },
      // The next look says so and tries again; woken at once, it would spin.
      (error: unknown) => {
        progress.failure = messageOf(error);
        progress.abort = 'done';
      },
    );
  }

  async #bringUpToDate(command: StopCommand, isPending: boolean): Promise<void> {
    const progress = this.#progress.get(command.sequence);
    const { database, stage, counts, isClosed, effective } = this.#options;
    if (progress === undefined || !isClosed()) return;
    const key = this.#key(command);
    if (!progress.isAcknowledged) {
      await database.transaction((tx) => acknowledgeStop(tx, key, stage));
      progress.isAcknowledged = true;
    }
    if (isPending) return;
    const isAborting = progress.abort === 'going';
    const effect = await measureEffect(database, key, counts);
    // Claims went back while they were counted: the end of that wakes a look that counts again.
    if (isAborting) return;
    if (!isEnforced(command, progress, effect)) return await this.#notYet(command, progress, effect);
    if (!progress.isEffective) effective(command.sequence);
    progress.isEffective = true;
    const figures = JSON.stringify(effect);
    if (figures === progress.written) return;
    await database.transaction((tx) => enforceStop(tx, key, effect, stage));
    progress.written = figures;
  }

  /** Why it has no effect yet is kept where people look; what failed is tried again. */
  async #notYet(command: StopCommand, progress: Progress, { claimsHeld }: StopEffect): Promise<void> {
    const why = progress.failure ?? `${claimsHeld} claims are still held`;
    if (progress.written !== why) await noteStopFailure(this.#options.database, this.#key(command), why);
    progress.written = why;
    this.#abort(command, progress);
  }

  #key({ sequence }: StopCommand): StopKey {
    const { workspaceId, runtimeId } = this.#options;
    return { workspaceId, runtimeId, sequence };
  }
}

/** Below level 3 held work goes on, so that nothing new comes is the whole effect. */
function isEnforced({ level }: StopCommand, progress: Progress, { claimsHeld }: StopEffect): boolean {
  if (level < abortLevel) return true;
  return progress.abort === 'done' && progress.failure === undefined && claimsHeld === 0;
}
