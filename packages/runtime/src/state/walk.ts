import { causeTable } from './causes.ts';
import type { Cause } from './causes.ts';
import { degradationReasons, derive, primaryStates } from './derive.ts';
import type { Hold, HoldCause, PrimaryState, StateInputs } from './derive.ts';
import { refusedBy } from './guards.ts';

export const startInputs: StateInputs = {
  boot: 'running',
  holds: [],
  stopLevel: 0,
  killed: false,
  liveClaims: 0,
  failing: new Set(),
};

export interface Move {
  readonly cause: Cause;
  readonly to: StateInputs;
}

const causes = Object.keys(causeTable) as Cause[];
const holdCauses: readonly HoldCause[] = ['operator', 'cost', 'dr', 'chain'];

/**
 * Every kind of change that some cause allows from here: one of each, not every number and every hold. A claim comes only
 * where the door lets it.
 */
export function movesFrom(inputs: StateInputs): Move[] {
  const mayClaim = derive(inputs).claimPermission !== 'none';
  return changesOf(inputs).flatMap((change) => {
    const to = { ...inputs, ...change };
    return causes
      .filter((cause) => mayClaim || cause !== 'claim.acquired')
      .filter((cause) => refusedBy(causeTable[cause].guard, inputs, to).length === 0)
      .map((cause) => ({ cause, to }));
  });
}

export interface NextState {
  readonly primaryState: PrimaryState;
  readonly cause: Cause;
  readonly trigger: string;
}

/** The other primary states that a single cause can lead to from here, and which. Nothing leads out of `stopped`. */
export function validNextStates(inputs: StateInputs): NextState[] {
  const { primaryState: here } = derive(inputs);
  if (here === 'stopped') return [];
  const edges = new Set(movesFrom(inputs).map(({ cause, to }) => `${derive(to).primaryState} ${cause}`));
  return primaryStates
    .filter((primaryState) => primaryState !== here)
    .flatMap((primaryState) =>
      causes
        .filter((cause) => edges.has(`${primaryState} ${cause}`))
        .map((cause) => ({ primaryState, cause, trigger: causeTable[cause].trigger(undefined) })),
    );
}

export interface BarredState {
  readonly primaryState: PrimaryState;
  /** Why no single cause leads there from here. */
  readonly reason: string;
}

/** Every primary state that is neither here nor next, with what is in the way. */
export function barredNextStates(inputs: StateInputs): BarredState[] {
  const { primaryState: here } = derive(inputs);
  const next = new Set(validNextStates(inputs).map(({ primaryState }) => primaryState));
  return primaryStates
    .filter((primaryState) => primaryState !== here && !next.has(primaryState))
    .map((primaryState) => ({ primaryState, reason: inTheWay(inputs, primaryState) }));
}

function inTheWay({ boot, holds, stopLevel, killed, liveClaims }: StateInputs, to: PrimaryState): string {
  if (boot === 'failed') return 'the boot has failed, this process has to be started again';
  if (killed) return 'this process ends, it has to be started again';
  if (to === 'booting') return 'a process boots when it starts';
  if (boot === 'running') return 'the boot has not passed yet';
  const keeps = [
    ...(stopLevel > 0 ? [`stop L${stopLevel}`] : []),
    ...holds.map(({ cause }) => `${articles[cause]} hold`),
  ];
  if (keeps.length > 1) return `each of these has to be lifted: ${keeps.join(', ')}`;
  if (to === 'active') return liveClaims > 0 ? (keeps[0] ?? '') : 'no ticket is held, it is ready first';
  if (to === 'ready') return 'tickets are held, it is active first';
  return 'no single cause leads there';
}

const articles: Readonly<Record<HoldCause, string>> = {
  operator: 'an operator',
  cost: 'a cost',
  dr: 'a dr',
  chain: 'a chain',
};

function changesOf({
  boot,
  holds,
  stopLevel,
  killed,
  liveClaims,
  failing,
}: StateInputs): Partial<StateInputs>[] {
  return [
    ...(['running', 'passed', 'failed'] as const)
      .filter((next) => next !== boot)
      .map((next) => ({ boot: next })),
    ...holdCauses.map((cause) => ({ holds: [...holds, sample(cause, holds)] })),
    ...holds.map((gone) => ({ holds: holds.filter((hold) => hold !== gone) })),
    ...(holds.length > 1 ? [{ holds: [] }] : []),
    ...[0, 1, 2, 3, 4, 5].filter((level) => level !== stopLevel).map((level) => ({ stopLevel: level })),
    ...(killed ? [] : [{ killed: true }]),
    { liveClaims: liveClaims + 1 },
    ...(liveClaims > 0 ? [{ liveClaims: 0 }] : []),
    ...degradationReasons.map((reason) => ({ failing: toggled(failing, reason) })),
  ];
}

function sample(cause: HoldCause, beside: readonly Hold[]): Hold {
  const holdId = Math.max(0, ...beside.map((hold) => hold.holdId)) + 1;
  return { holdId, cause, owner: '', reason: '', since: '', expiresAt: null };
}

function toggled<T>(set: ReadonlySet<T>, item: T): Set<T> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}
