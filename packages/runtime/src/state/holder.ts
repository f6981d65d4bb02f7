import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { KoraError } from '../fault/index.ts';
import { causeTable } from './causes.ts';
import type { Cause } from './causes.ts';
import { derive } from './derive.ts';
import type { DerivedState, PrimaryState, StateInputs } from './derive.ts';
import { transitioned } from './events.ts';

export interface Transition extends DerivedState {
  /** Counts this runtime's transitions from 1. */
  readonly n: number;
  readonly at: string;
  readonly from: PrimaryState;
  readonly cause: Cause;
  readonly trigger: string;
  readonly note: string | null;
}

export interface TransitionOptions {
  /** Free text for people; never parsed. */
  readonly note?: string;
  /** Particulars of the cause; the extra event's payload. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface HolderOptions {
  readonly clock: Clock;
  readonly runtimeId: string;
  /** Stages the events of one transition, in the order of `n`. */
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

/** A transition happened and could not be recorded. */
export class OperationalStateEmitError extends KoraError {
  override readonly name = 'OperationalStateEmitError';
  readonly eventType: string;

  constructor(eventType: string, cause: unknown) {
    super('KORA_STATE_EMIT', `the state changed but ${eventType} could not be recorded`, {
      cause,
      fix: 'kora doctor',
    });
    this.eventType = eventType;
  }
}

const historyLength = 200;
const start: StateInputs = {
  boot: 'running',
  holds: [],
  stopLevel: 0,
  killed: false,
  liveClaims: 0,
  failing: new Set(),
};

/**
 * The state as this process sees it: the inputs, what they derive to, and who wants to know. A change is one numbered
 * transition; observers and recording come after it and can never undo it.
 */
export class OperationalStateHolder {
  readonly #options: HolderOptions;
  #inputs: StateInputs = start;
  #state: DerivedState = derive(start);
  #since: string;
  #n = 0;
  readonly #history: Transition[] = [];
  readonly #listeners = new Map<string, (transition: Transition) => void>();
  readonly #untold: Transition[] = [];
  #recorded: Promise<void> = Promise.resolve();

  constructor(options: HolderOptions) {
    this.#options = options;
    this.#since = new Date(options.clock.now()).toISOString();
  }

  get inputs(): StateInputs {
    return this.#inputs;
  }

  get state(): DerivedState {
    return this.#state;
  }

  /** When the primary state became what it is, ISO 8601. */
  get since(): string {
    return this.#since;
  }

  /** The latest transitions, oldest first. */
  get history(): readonly Transition[] {
    return this.#history;
  }

  /** Registers an observer; a second one under the name replaces the first. */
  listen(name: string, listener: (transition: Transition) => void): void {
    this.#listeners.set(name, listener);
  }

  /**
   * Takes changed inputs and derives. Without a change nothing is recorded. Resolves when the transition's events are
   * staged; rejects with OperationalStateEmitError when they cannot be: the state has changed all the same.
   */
  transition(cause: Cause, change: Partial<StateInputs>, options: TransitionOptions = {}): Promise<void> {
    const from = this.#state;
    // Terminal: a process that stopped claims nothing more, whatever is said to it afterwards.
    if (from.primaryState === 'stopped') return this.#recorded;
    this.#inputs = { ...this.#inputs, ...change };
    const to = derive(this.#inputs);
    if (same(from, to)) return this.#recorded;
    this.#state = to;
    const at = new Date(this.#options.clock.now()).toISOString();
    if (from.primaryState !== to.primaryState) this.#since = at;
    this.#n += 1;
    const transition: Transition = {
      ...to,
      n: this.#n,
      at,
      from: from.primaryState,
      cause,
      trigger: causeTable[cause].trigger,
      note: options.note ?? null,
    };
    this.#history.push(transition);
    if (this.#history.length > historyLength) this.#history.shift();
    // Before the listeners, one of which may change the state again: its transition comes after this one, everywhere.
    const recorded = this.#record(transition, options.detail ?? {});
    this.#untold.push(transition);
    if (this.#untold.length === 1) this.#tell();
    return recorded;
  }

  #tell(): void {
    for (let [next] = this.#untold; next !== undefined; [next] = this.#untold) {
      for (const [name, listener] of this.#listeners) this.#tellOne(name, () => listener(next));
      this.#untold.shift();
    }
  }

  #tellOne(name: string, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#options.onError(`state listener ${name}`, error);
    }
  }

  /** Chained, so that events land in the order of `n` whatever the store's timing. */
  #record(transition: Transition, detail: Readonly<Record<string, unknown>>): Promise<void> {
    const drafts = this.#drafts(transition, detail);
    const recorded = this.#recorded.then(() => this.#options.record(drafts));
    // The next transition is recorded even when this one could not be.
    this.#recorded = recorded.catch(() => undefined);
    return recorded.catch((error: unknown) => {
      throw new OperationalStateEmitError(transitioned.type, error);
    });
  }

  #drafts(transition: Transition, detail: Readonly<Record<string, unknown>>): EventDraft[] {
    const { cause, from, primaryState: to, note } = transition;
    const generic = draft(transitioned, {
      from_primary_state: from,
      to_primary_state: to,
      claim_permission: transition.claimPermission,
      degradation_reasons: [...transition.degradationReasons],
      trigger: transition.trigger,
      cause,
      runtime_id: this.#options.runtimeId,
      n: transition.n,
      ...(note === null ? {} : { note }),
    });
    const { extra, detail: detailSchema } = causeTable[cause];
    if (extra === undefined || extra.from !== from || extra.to !== to) return [generic];
    const particulars = detailSchema.safeParse(detail);
    if (particulars.success) return [generic, { type: extra.type, payload: particulars.data }];
    // A transition is recorded whatever became of its particulars.
    this.#options.onError(`particulars of ${cause}`, particulars.error);
    return [generic];
  }
}

function same(a: DerivedState, b: DerivedState): boolean {
  return (
    a.primaryState === b.primaryState &&
    a.claimPermission === b.claimPermission &&
    a.degradationReasons.join() === b.degradationReasons.join()
  );
}
