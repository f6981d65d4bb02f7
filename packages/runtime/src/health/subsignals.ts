import type { Readings } from './readings.ts';

export const subsignalStatuses = ['fresh', 'stale', 'missing', 'degraded'] as const;
export type SubsignalStatus = (typeof subsignalStatuses)[number];

/** One thing that was looked at, beside what would be normal in the state that the runtime is in. */
export interface Subsignal {
  readonly status: SubsignalStatus;
  readonly expectation: string;
  readonly thresholdSeconds?: number;
  readonly elapsedSeconds?: number;
  /** What was measured; null when it is not known. */
  readonly value?: string | number | null;
}

/** Can it work, may it work, is it working: three questions, and none answers another. */
export type Question = 'can' | 'may' | 'is';

export interface SubsignalRow {
  readonly question: Question;
  /** Without it nothing works at all: its failure is an outage and not a degradation. */
  readonly vital?: true;
  /** Said, and no fault: what people or the budget limit is as it should be. */
  readonly limit?: true;
  readonly judge: (readings: Readings) => Subsignal;
}

const day = 86_400_000;
const tokenEndsSoonMs = 7 * day;
const keeperLooksWithinMs = 5_000;
const beatWithinMs = 15_000;
const claimedWithinMs = 60_000;
const writeWithinMs = 300_000;
const sealedWithinMs = 5_000;
const creditThreshold = 0.9;
/** A look takes its own time, and its schedule is spread. */
const lookSlackMs = 60_000;

const fresh = (expectation: string, value?: string | number): Subsignal =>
  value === undefined ? { status: 'fresh', expectation } : { status: 'fresh', expectation, value };
const missing = (expectation: string): Subsignal => ({ status: 'missing', expectation, value: null });

/** Every subsignal, in the order in which they are told. The predecessor's names stay where it had one. */
export const subsignalTable = {
  store_answers: {
    question: 'can',
    vital: true,
    judge: ({ storeAnswers }) => ({
      status: storeAnswers ? 'fresh' : 'degraded',
      expectation: 'the store answers',
      value: storeAnswers ? 'yes' : 'no',
    }),
  },
  sealer: { question: 'can', vital: true, judge: sealer },
  chain_verified: {
    question: 'can',
    judge: ({ chain: { damage, verifiedThrough } }) => ({
      status: damage === null ? 'fresh' : 'degraded',
      expectation: 'every event that was looked at proves',
      value: damage ?? verifiedThrough,
    }),
  },
  daemons: {
    question: 'can',
    judge: ({ daemons: { failed, running } }) =>
      failed.length === 0
        ? fresh('no daemon has failed', running)
        : { status: 'degraded', expectation: 'no daemon has failed', value: failed.join(', ') },
  },
  escalation_watcher_liveness: { question: 'can', judge: keeper },
  auth_validity_window: { question: 'can', judge: tokens },
  spool: { question: 'can', judge: spool },
  checks: {
    question: 'can',
    judge: ({ state: { degradationReasons } }) => {
      // What people and the budget limit is asked by the second question.
      const failing = degradationReasons.filter((reason) => reason !== 'cost' && reason !== 'operator');
      const expectation = 'no check of the runtime fails';
      return failing.length === 0
        ? fresh(expectation)
        : { status: 'degraded', expectation, value: failing.join(', ') };
    },
  },
  holds: { question: 'may', judge: holds },
  stop_level: {
    question: 'may',
    limit: true,
    judge: ({ state: { stopLevel } }) => fresh('whatever people ordered', stopLevel),
  },
  claim_permission: {
    question: 'may',
    limit: true,
    judge: ({ state: { claimPermission } }) => fresh('what state, holds and stops leave', claimPermission),
  },
  credit_burn: { question: 'may', limit: true, judge: creditBurn },
  breaker_state: { question: 'may', limit: true, judge: breaker },
  claim_state: { question: 'is', judge: claimState },
  dispatch_reachable: { question: 'is', judge: dispatch },
  last_heartbeat: { question: 'is', judge: heartbeat },
  last_resolve: { question: 'is', judge: lastResolve },
  last_successful_write: { question: 'is', judge: lastWrite },
  tasks_on_time: { question: 'is', judge: tasksOnTime },
  channels_listening: { question: 'is', judge: channelsListening },
  probes_looking: { question: 'is', judge: probesLooking },
} as const satisfies Record<string, SubsignalRow>;

export type SubsignalName = keyof typeof subsignalTable;

/** In order, for whoever walks the table. */
export const subsignalRows: readonly (readonly [SubsignalName, SubsignalRow])[] = Object.entries(
  subsignalTable,
) as [SubsignalName, SubsignalRow][];

function sealer({ storeAnswers, sealStaleMs, unsealed }: Readings): Subsignal {
  const expectation = 'what is staged is sealed at once';
  // Not known is no second fault: the store's silence is one already.
  if (!storeAnswers) return missing(expectation);
  if (sealStaleMs === null) return { ...fresh(expectation), value: unsealed };
  return { status: 'degraded', expectation, ...elapsed(sealStaleMs, sealedWithinMs), value: unsealed };
}

function keeper({ keeper: beside }: Readings): Subsignal {
  const expectation = 'the keeper looks four times a second, also while the main thread hangs';
  if (beside === null) return missing(expectation);
  const silent = beside.silentForMs > keeperLooksWithinMs;
  const measured = elapsed(beside.silentForMs, keeperLooksWithinMs);
  return { status: silent ? 'degraded' : 'fresh', expectation, ...measured };
}

function tokens({ tokens: registered }: Readings): Subsignal {
  const expectation = 'every service token answers; one that knows no end is good until it is refused';
  // Not asked yet is no fault of a token.
  if (registered === null) return { ...fresh(expectation), value: null };
  if (registered.length === 0) return fresh('no plugin registered a service token', 0);
  const bad = registered.filter(({ state, endsInMs }) => state === 'refused' || isOver(endsInMs));
  if (bad.length > 0)
    return { status: 'degraded', expectation, value: bad.map(({ name }) => `${name} refused`).join(', ') };
  const late = registered.filter(({ state }) => state !== 'ok');
  const ends = registered.flatMap(({ endsInMs }) => (endsInMs === null ? [] : [endsInMs]));
  const limit = ends.length === 0 ? {} : { thresholdSeconds: seconds(tokenEndsSoonMs) };
  const value =
    late.length === 0 ? registered.length : late.map(({ name, state }) => `${name} ${state}`).join(', ');
  return { status: late.length === 0 ? 'fresh' : 'stale', expectation, ...limit, value };
}

function isOver(endsInMs: number | null): boolean {
  return endsInMs !== null && endsInMs <= 0;
}

function spool({ spool: { waiting, lost } }: Readings): Subsignal {
  const expectation = 'no event waits in the home for the store';
  if (lost > 0) return { status: 'degraded', expectation, value: `${lost} lost, ${waiting} waiting` };
  return { status: waiting > 0 ? 'stale' : 'fresh', expectation, value: waiting };
}

/** Operator and cost holds are orders; a store in another life or a log that does not prove is a question to people. */
function holds({ state }: Readings): Subsignal {
  const questions = state.holds.filter(({ cause }) => cause === 'dr' || cause === 'chain');
  const expectation = 'no hold waits for somebody to look at store or log';
  if (questions.length === 0) return fresh(expectation, state.holds.length);
  const value = questions.map(({ holdId, cause, reason }) => `#${holdId} ${cause}: ${reason}`).join('; ');
  return { status: 'degraded', expectation, value };
}

function creditBurn({ spend }: Readings): Subsignal {
  const expectation = `below ${creditThreshold * 100} % of the pool`;
  if (spend === null) return missing(expectation);
  const share = spend.poolUsd > 0 ? spend.spentUsd / spend.poolUsd : 1;
  const value = `${Math.round(share * 1_000) / 10} %`;
  return { status: share >= creditThreshold ? 'degraded' : 'fresh', expectation, value };
}

function breaker({ spend }: Readings): Subsignal {
  const expectation = 'closed: the pool is not spent';
  if (spend === null) return missing(expectation);
  const open = spend.rung === 'hard_stop_100';
  return { status: open ? 'degraded' : 'fresh', expectation, value: open ? 'open' : 'closed' };
}

function claimState({ work }: Readings): Subsignal {
  const expectation = 'active while there is work, idle otherwise';
  if (work === null) return { ...fresh(expectation), value: null };
  return fresh(expectation, work.live > 0 ? `active, ${work.live} held` : 'idle');
}

function dispatch({ state, work }: Readings): Subsignal {
  if (state.claimPermission !== 'normal') return fresh('nothing is taken that may not be');
  const expectation = 'work that waits is taken, or other work is under way';
  if (work === null) return missing(expectation);
  if (work.oldestWaitingMs === null) return fresh('no work waits', 0);
  const measured = { ...elapsed(work.oldestWaitingMs, claimedWithinMs), value: work.waiting };
  const late = work.live === 0 && work.oldestWaitingMs > claimedWithinMs;
  return { status: late ? 'stale' : 'fresh', expectation, ...measured };
}

function heartbeat({ state, work }: Readings): Subsignal {
  if (state.primaryState === 'booting') return fresh('the worker has not begun');
  const expectation = 'the worker says that it lives, with work or without';
  if (work === null || work.sinceBeatMs === null) return missing(expectation);
  const late = work.sinceBeatMs > beatWithinMs;
  return { status: late ? 'stale' : 'fresh', expectation, ...elapsed(work.sinceBeatMs, beatWithinMs) };
}

/** Long work is normal, and so is none: how long ago the last result was is told, and nothing is made of it. */
function lastResolve({ work }: Readings): Subsignal {
  const expectation = 'as old as it is: no work, or long work, is no fault';
  if (work === null || work.sinceResolveMs === null) return { ...fresh(expectation), value: null };
  return { ...fresh(expectation), elapsedSeconds: seconds(work.sinceResolveMs) };
}

function lastWrite({ state, storeAnswers, sinceWriteMs, unsealed, cadenceMs }: Readings): Subsignal {
  const busy = state.primaryState === 'active' || (unsealed ?? 0) > 0;
  if (!busy) {
    const idle = fresh('old writes are normal: nothing is under way');
    return sinceWriteMs === null
      ? { ...idle, value: null }
      : { ...idle, elapsedSeconds: seconds(sinceWriteMs) };
  }
  // The health probe itself is a write, and comes once in a cadence.
  const within = Math.max(writeWithinMs, 2 * cadenceMs);
  const expectation = 'work is under way, so something is written';
  if (!storeAnswers || sinceWriteMs === null) return missing(expectation);
  return {
    status: sinceWriteMs > within ? 'stale' : 'fresh',
    expectation,
    ...elapsed(sinceWriteMs, within),
  };
}

function tasksOnTime({ lateTasks }: Readings): Subsignal {
  const expectation = 'each periodic task ran when it was due';
  if (lateTasks === null) return missing(expectation);
  if (lateTasks.length === 0) return fresh(expectation, 0);
  return { status: 'stale', expectation, value: lateTasks.join(', ') };
}

function channelsListening({ deafChannels }: Readings): Subsignal {
  const expectation = 'each channel that listens hears';
  if (deafChannels.length === 0) return fresh(expectation, 0);
  return { status: 'degraded', expectation, value: deafChannels.join(', ') };
}

function probesLooking({ state, probes }: Readings): Subsignal {
  if (state.primaryState === 'stopped') return fresh('a runtime that has stopped looks at nothing');
  const expectation = 'each probe looked within twice its cadence';
  if (probes === null) return missing(expectation);
  const blind = probes.filter(
    ({ sinceLookMs, everyMs }) => sinceLookMs !== null && sinceLookMs > 2 * everyMs + lookSlackMs,
  );
  if (blind.length === 0) return fresh(expectation, probes.length);
  return { status: 'stale', expectation, value: blind.map(({ name }) => name).join(', ') };
}

function elapsed(ms: number, thresholdMs: number): { elapsedSeconds: number; thresholdSeconds: number } {
  return { elapsedSeconds: seconds(ms), thresholdSeconds: seconds(thresholdMs) };
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
