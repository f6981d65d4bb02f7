import { draft } from '../chain/index.ts';
import type { EventDraft, EventLinks } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault, KoraError } from '../fault/index.ts';
import { causeTable, raisedBy } from './causes.ts';
import type { Cause, CauseDetail, Raised } from './causes.ts';
import type { ControlView, StopCommand } from './commands.ts';
import { derive } from './derive.ts';
import type { DerivedState, PrimaryState, StateInputs } from './derive.ts';
import { transitioned } from './events.ts';
import { refusedBy } from './guards.ts';
import { stepsTo } from './observe.ts';
import { startInputs } from './walk.ts';

export interface Transition extends DerivedState {
  /** This runtime's transitions in their order, also over restarts; numbers may be missing. */
  readonly n: number;
  readonly at: string;
  readonly from: PrimaryState;
  readonly cause: Cause;
  readonly trigger: string;
  readonly note: string | null;
}

export interface TransitionOptions<C extends Cause = Cause> {
  /** Free text for people; never parsed. */
  readonly note?: string;
  /** Particulars of the cause: its label and its extra event are made of them. */
  readonly detail?: CauseDetail<C>;
  /** The event that it follows from, where it is known. */
  readonly causedBy?: string | null | undefined;
}

export interface HolderOptions {
  readonly clock: Clock;
  readonly runtimeId: string;
  /** The runtime's next number: it only rises, also over restarts. */
  readonly numbers: { next(): number };
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
/** A look that began this long before another one may still arrive after it, and then says nothing any more. */
const overtakenWithinMs = 10_000;

/**
 * The state as this process sees it: the inputs, what they derive to, and who wants to know. A change is one numbered
 * transition; observers and recording come after it and can never undo it.
 */
export class OperationalStateHolder {
  readonly #options: HolderOptions;
  #inputs: StateInputs = startInputs;
  #state: DerivedState = derive(startInputs);
  #since: string;
  #stoppedBy: Transition | undefined;
  /** What the latest view of the store had in force. */
  #commands: readonly StopCommand[] = [];
  #asOf = Number.NEGATIVE_INFINITY;
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

  /** The transition that stopped this process; the first one stays. */
  get stoppedBy(): Transition | undefined {
    return this.#stoppedBy;
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
   * staged; rejects with OperationalStateEmitError when they cannot be: the state has changed all the same. Rejects with
   * KORA_STATE_CAUSE, and nothing has changed, when the cause may not change the inputs in this way.
   */
  transition<C extends Cause>(
    cause: C,
    change: Partial<StateInputs>,
    options: TransitionOptions<C> = {},
  ): Promise<void> {
    return this.#take(cause, change, options);
  }

  /**
   * Takes what the store says is in force. Each difference is a transition of its own cause, in a fixed order; resolves
   * when all are staged, and rejects as `transition` does. A view that a later one has overtaken frees nothing: of it only
   * a higher stop level is taken.
   */
  async observe(view: ControlView, options: { readonly note?: string } = {}): Promise<void> {
    const known = this.#isOvertaken(view) ? this.#stopOnly(view) : view;
    const steps = stepsTo(known, this.#inputs, this.#commands);
    this.#commands = known.commands;
    this.#asOf = Date.parse(known.asOf);
    const taken = steps.map(({ cause, change, detail, causedBy }) =>
      this.#take(cause, change, { ...options, detail, causedBy }),
    );
    // What is the same hold may have a new reason or another end.
    if (this.#state.primaryState !== 'stopped') this.#inputs = { ...this.#inputs, holds: known.holds };
    const failed = (await Promise.allSettled(taken)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** Further back than a look can take is no overtaken look: the database's clock was set. */
  #isOvertaken(view: ControlView): boolean {
    const asOf = Date.parse(view.asOf);
    return asOf < this.#asOf && asOf > this.#asOf - overtakenWithinMs;
  }

  #stopOnly(view: ControlView): ControlView {
    const { holds, stopLevel } = this.#inputs;
    const { ceiling: _, ...others } = view;
    return {
      ...others,
      holds,
      stopLevel: Math.max(view.stopLevel, stopLevel),
      commands: this.#commands,
      asOf: new Date(this.#asOf).toISOString(),
    };
  }

  #take(
    cause: Cause,
    change: Partial<StateInputs>,
    { note = null, detail, causedBy = null }: Particulars,
  ): Promise<void> {
    const from = this.#state;
    // Terminal: a process that stopped claims nothing more, whatever is said to it afterwards.
    if (from.primaryState === 'stopped') return this.#recorded;
    const inputs = { ...this.#inputs, ...change };
    const refused = refusedBy(causeTable[cause].guard, this.#inputs, inputs);
    if (refused.length > 0) return Promise.reject(misuse(cause, refused));
    this.#inputs = inputs;
    const to = derive(inputs);
    if (same(from, to)) return this.#recorded;
    return this.#move({ cause, from: from.primaryState, to, note, detail, causedBy });
  }

  #move(change: Change): Promise<void> {
    const { cause, from, to, note, detail, causedBy } = change;
    this.#state = to;
    const at = new Date(this.#options.clock.now()).toISOString();
    if (from !== to.primaryState) this.#since = at;
    const raised = raisedBy(cause, { from, to: to.primaryState }, detail);
    // A transition is recorded whatever became of its particulars.
    if (raised.misfit !== undefined) this.#options.onError(`particulars of ${cause}`, raised.misfit);
    const n = this.#options.numbers.next();
    const transition: Transition = { ...to, n, at, from, cause, trigger: raised.trigger, note };
    if (to.primaryState === 'stopped') this.#stoppedBy = transition;
    this.#history.push(transition);
    if (this.#history.length > historyLength) this.#history.shift();
    // Before the listeners, one of which may change the state again: its transition comes after this one, everywhere.
    const recorded = this.#record(transition, raised, causedBy === null ? {} : { causationId: causedBy });
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
  #record(transition: Transition, { extra }: Raised, links: EventLinks): Promise<void> {
    const raised = [this.#generic(transition), ...(extra === undefined ? [] : [extra])];
    const drafts = raised.map((event) => ({ ...links, ...event }));
    const recorded = this.#recorded.then(() => this.#options.record(drafts));
    // The next transition is recorded even when this one could not be.
    this.#recorded = recorded.catch(() => undefined);
    return recorded.catch((error: unknown) => {
      throw new OperationalStateEmitError(transitioned.type, error);
    });
  }

  #generic({ cause, from, primaryState: to, note, ...transition }: Transition): EventDraft {
    return draft(transitioned, {
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
  }
}

interface Change {
  readonly cause: Cause;
  readonly from: PrimaryState;
  readonly to: DerivedState;
  readonly note: string | null;
  readonly detail: object | undefined;
  readonly causedBy: string | null;
}

interface Particulars {
  readonly note?: string | null | undefined;
  readonly detail?: object | undefined;
  readonly causedBy?: string | null | undefined;
}

function misuse(cause: Cause, fields: readonly string[]): KoraError {
  return fault('KORA_STATE_CAUSE', `${cause} may not change ${fields.join(', ')} in this way`, {
    details: { cause, fields },
  });
}

function same(a: DerivedState, b: DerivedState): boolean {
  return (
    a.primaryState === b.primaryState &&
    a.claimPermission === b.claimPermission &&
    a.degradationReasons.join() === b.degradationReasons.join()
  );
}
