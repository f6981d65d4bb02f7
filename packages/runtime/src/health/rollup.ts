import type { Readings } from './readings.ts';
import { subsignalRows } from './subsignals.ts';
import type { Question, Subsignal, SubsignalName, SubsignalRow } from './subsignals.ts';

export const overallStates = ['healthy', 'degraded', 'stopped', 'outage'] as const;
export type Overall = (typeof overallStates)[number];

export const canAnswers = ['yes', 'partly', 'no'] as const;
export const mayAnswers = ['yes', 'critical_only', 'no'] as const;
export const isAnswers = ['working', 'idle', 'stalled', 'no', 'unknown'] as const;

/** An answer, and everything it is so for. */
export interface Answer<Word extends string> {
  readonly answer: Word;
  readonly because: readonly string[];
}

/** How the runtime is, in three answers and one word. */
export interface Rollup {
  readonly overall: Overall;
  /** The actual cause of an overall state that is not healthy; null when it is. */
  readonly reason: string | null;
  /** People or the budget said so: that is no fault, and changes nothing about `overall`. */
  readonly intentionallyLimited: boolean;
  readonly canWork: Answer<(typeof canAnswers)[number]>;
  readonly mayWork: Answer<(typeof mayAnswers)[number]>;
  readonly isWorking: Answer<(typeof isAnswers)[number]>;
  readonly subsignals: Readonly<Record<SubsignalName, Subsignal>>;
}

interface Judged {
  readonly name: SubsignalName;
  readonly row: SubsignalRow;
  readonly signal: Subsignal;
}

/** Everything follows from the readings: asked twice about the same ones, it answers the same. */
export function rollup(readings: Readings): Rollup {
  const judged = subsignalRows.map(([name, row]): Judged => ({ name, row, signal: row.judge(readings) }));
  const faults = judged.filter(({ row, signal }) => row.limit !== true && signal.status !== 'fresh');
  const { overall, reason } = overallOf(readings, faults);
  const of = (question: Question): string[] =>
    faults.filter(({ row }) => row.question === question).map(wordsOf);
  const limits = limitsOf(readings);
  return {
    overall,
    reason,
    intentionallyLimited: limits.length > 0,
    canWork: { answer: canWork(readings, faults), because: of('can') },
    mayWork: { answer: mayWork(readings), because: [...unreadyWords(readings), ...limits, ...of('may')] },
    isWorking: { answer: isWorking(readings, of('is')), because: of('is') },
    subsignals: Object.fromEntries(judged.map(({ name, signal }) => [name, signal])) as Rollup['subsignals'],
  };
}

function overallOf({ state }: Readings, faults: readonly Judged[]): Pick<Rollup, 'overall' | 'reason'> {
  // Kept with the transition that stopped it: what happened afterwards is not why.
  if (state.primaryState === 'stopped')
    return { overall: 'stopped', reason: state.stopCause ?? 'the cause was not recorded' };
  const vital = faults.find(isOutage);
  if (vital !== undefined) return { overall: 'outage', reason: wordsOf(vital) };
  // A definite failure explains more than what is merely late or unknown.
  const fault = faults.find(({ signal }) => signal.status === 'degraded') ?? faults[0];
  if (fault !== undefined) return { overall: 'degraded', reason: wordsOf(fault) };
  if (state.primaryState === 'booting') return { overall: 'degraded', reason: 'it is still booting' };
  return { overall: 'healthy', reason: null };
}

function isOutage({ row, signal }: Judged): boolean {
  return row.vital === true && signal.status === 'degraded';
}

function wordsOf({ name, signal }: Pick<Judged, 'name' | 'signal'>): string {
  const { status, expectation, value, elapsedSeconds } = signal;
  const measured = [
    ...(value === undefined || value === null ? [] : [String(value)]),
    ...(elapsedSeconds === undefined ? [] : [`${elapsedSeconds} s`]),
  ];
  const found = measured.length === 0 ? '' : `: ${measured.join(', ')}`;
  return `${name} is ${status}${found} (normal: ${expectation})`;
}

function canWork({ state }: Readings, faults: readonly Judged[]): (typeof canAnswers)[number] {
  if (state.primaryState === 'stopped' || faults.some(isOutage)) return 'no';
  return faults.some(({ row }) => row.question === 'can') ? 'partly' : 'yes';
}

function mayWork({ state }: Readings): (typeof mayAnswers)[number] {
  return mayByPermission[state.claimPermission];
}

const mayByPermission = { normal: 'yes', critical_only: 'critical_only', none: 'no' } as const;

function unreadyWords({ state }: Readings): string[] {
  if (state.primaryState === 'stopped') return ['it has stopped'];
  return state.primaryState === 'booting' ? ['it is still booting'] : [];
}

/** What people and the budget ordered, strictest first. */
function limitsOf({ state, spend }: Readings): string[] {
  const stop = state.stopLevel > 0 ? [`a stop of level ${state.stopLevel} is in force`] : [];
  const held = state.holds
    .filter(({ cause }) => cause === 'operator' || cause === 'cost')
    .map(({ holdId, cause, reason }) => `hold #${holdId} (${cause}): ${reason}`);
  const spent = spend?.rung === 'hard_stop_100' && held.length === 0 ? ['the pool is spent'] : [];
  return [...stop, ...held, ...spent];
}

function isWorking({ state, work }: Readings, stalls: readonly string[]): (typeof isAnswers)[number] {
  if (state.primaryState === 'stopped' || state.primaryState === 'booting') return 'no';
  if (work === null) return 'unknown';
  if (stalls.length > 0) return 'stalled';
  return work.live > 0 ? 'working' : 'idle';
}
