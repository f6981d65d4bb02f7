import fc from 'fast-check';
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

const holdCause = fc.constantFrom<HoldCause>('operator', 'cost', 'dr', 'chain');

/** Any inputs, with up to three holds of ids of their own. */
export const anyInputs: fc.Arbitrary<StateInputs> = fc.record({
  boot: fc.constantFrom('running', 'passed', 'failed'),
  holds: fc
    .array(holdCause, { maxLength: 3 })
    .map((causes) => causes.map((cause, at) => aHold(cause, at + 1))),
  stopLevel: fc.integer({ min: 0, max: 5 }),
  killed: fc.boolean(),
  liveClaims: fc.nat(3),
  failing: fc.uniqueArray(fc.constantFrom(...degradationReasons)).map((reasons) => new Set(reasons)),
});

/** Any view of at most four holds and two stops; the same id is always the same hold. */
export const anyView: fc.Arbitrary<ControlView> = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(1, 2, 3, 4), { maxLength: 4 }),
    fc.array(fc.constantFrom<StopLevel>(1, 2, 3, 4, 5), { maxLength: 2 }),
  )
  .map(([ids, levels]) => {
    const causes = ['operator', 'cost', 'dr', 'chain'] as const;
    const holds = [...ids].sort((a, b) => a - b).map((id) => aHold(causes[id - 1] ?? 'operator', id));
    return aView(
      holds,
      levels.map((level, at) => aStop(level, at + 1)).sort((a, b) => b.level - a.level),
    );
  });
