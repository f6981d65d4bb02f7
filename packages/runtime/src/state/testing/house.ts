import type { EventDraft } from '../../chain/index.ts';
import { FakeClock } from '../../clock/index.ts';
import { degradationReasons, OperationalStateHolder } from '../index.ts';
import type {
  ControlView,
  Hold,
  HoldCause,
  HolderOptions,
  StateInputs,
  StopCommand,
  StopLevel,
} from '../index.ts';
import { stopKinds } from '../index.ts';

export interface HeldHouse {
  readonly holder: OperationalStateHolder;
  readonly clock: FakeClock;
  /** One entry a transition, in the order they were recorded. */
  readonly recorded: (readonly EventDraft[])[];
  readonly errors: string[];
}

/** A holder that records into a list, after whatever `record` does with it. */
export function heldHouse(
  record: HolderOptions['record'] = () => Promise.resolve(),
  numbers: HolderOptions['numbers'] = counting(),
): HeldHouse {
  const clock = new FakeClock();
  const recorded: (readonly EventDraft[])[] = [];
  const errors: string[] = [];
  const holder = new OperationalStateHolder({
    clock,
    runtimeId: 'r1',
    numbers,
    record: async (drafts) => {
      await record(drafts);
      recorded.push(drafts);
    },
    onError: (where, error) => errors.push(`${where}: ${String(error)}`),
  });
  return { holder, clock, recorded, errors };
}

/** Numbers as a home gives them. */
export function counting(after = 0): HolderOptions['numbers'] {
  let n = after;
  return {
    next: () => {
      n += 1;
      return n;
    },
  };
}

export const typesOf = (recorded: HeldHouse['recorded']): string[][] =>
  recorded.map((drafts) => drafts.map(({ type }) => type));

const particulars: Readonly<Record<HoldCause, Readonly<Record<string, unknown>> | null>> = {
  operator: null,
  chain: null,
  dr: { observed_epoch: 2, known_epoch: 1 },
  cost: { spent_usd: 200, pool_usd: 200 },
};

export function aHold(cause: HoldCause, holdId = 1, more: Partial<Hold> = {}): Hold {
  return {
    holdId,
    cause,
    owner: 'x',
    reason: 'x',
    since: '',
    expiresAt: null,
    particulars: particulars[cause],
    ...more,
  };
}

export function aStop(level: StopLevel, sequence = 1, more: Partial<StopCommand> = {}): StopCommand {
  return {
    commandId: '01990000-0000-7000-8000-000000000001',
    sequence,
    level,
    kind: stopKinds[level],
    reason: 'x',
    issuerActor: 'operator',
    issuerKind: 'operator',
    via: 'api',
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: null,
    ...more,
  };
}

/** What the store would say with these in force, seen `at` seconds after noon. */
export function aView(
  holds: readonly Hold[],
  commands: readonly StopCommand[] = [],
  { at = 0, ended = [] }: { readonly at?: number; readonly ended?: NonNullable<ControlView['ended']> } = {},
): ControlView {
  const asOf = new Date(Date.UTC(2026, 0, 1, 12) + at * 1_000).toISOString();
  const stopLevel = Math.max(0, ...commands.map(({ level }) => level));
  return { holds, commands, stopLevel, asOf, ended };
}

const holdCauses = ['operator', 'cost', 'dr', 'chain'] as const;
const boots = ['running', 'passed', 'failed'] as const;

/** Takes digits off a number, each to its own base. */
function digits(of: number): (base: number) => number {
  let rest = of;
  return (base) => {
    const digit = rest % base;
    rest = Math.floor(rest / base);
    return digit;
  };
}

/** Numbers below it are inputs: every boot, up to three holds, every stop level, some claims, every set of reasons. */
export const inputsCount: number = 3 * 4 * 4 ** 3 * 6 * 2 * 3 * 2 ** degradationReasons.length;

/** The inputs of a number, so that a law over numbers is one over all of them. */
export function inputsOf(number: number): StateInputs {
  const next = digits(number);
  const held = next(4);
  const causes = [next(4), next(4), next(4)].slice(0, held).map((at) => holdCauses[at] ?? 'operator');
  return {
    boot: boots[next(3)] ?? 'running',
    holds: causes.map((cause, at) => aHold(cause, at + 1)),
    stopLevel: next(6),
    killed: next(2) === 1,
    liveClaims: next(3),
    failing: new Set(degradationReasons.filter(() => next(2) === 1)),
  };
}

/** Numbers below it are views. */
export const viewsCount: number = 2 ** 4 * 6 * 6;

/** The view of a number: of four holds any, and up to two stops. The same id is always the same hold. */
export function viewOf(number: number): ControlView {
  const next = digits(number);
  const holds = holdCauses.map((cause, at) => aHold(cause, at + 1)).filter(() => next(2) === 1);
  const levels = [next(6), next(6)].filter((level) => level > 0) as StopLevel[];
  const commands = levels.map((level, at) => aStop(level, at + 1));
  return aView(
    holds,
    commands.sort((a, b) => b.level - a.level),
  );
}
