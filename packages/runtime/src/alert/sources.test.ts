import { describe, expect, test } from 'vitest';
import type { AlertCondition } from './contract.ts';
import type { AlertFacts } from './facts.ts';
import { alertJudges } from './sources.ts';
import { quiet } from './testing/bench.ts';

const judging = {
  now: Date.parse('2026-01-01T12:00:00Z'),
  owner: 'here',
  thresholds: { deadLetters: 5, capabilityDenials: 10, reasoningErrors: 5, failedReplies: 3 },
};

function judged<Name extends keyof AlertFacts>(
  name: Name,
  fact: AlertFacts[Name],
): readonly AlertCondition[] {
  return alertJudges[name].judge(fact, judging);
}

function said(conditions: readonly AlertCondition[]): string[] {
  return conditions.map(({ source, key, severity }) => `${source} ${key} ${severity}`);
}

test('a quiet house has nothing to say', () => {
  const names = Object.keys(quiet) as (keyof AlertFacts)[];
  expect(names.flatMap((name) => judged(name, quiet[name]))).toEqual([]);
  expect(names.sort()).toEqual(Object.keys(alertJudges).sort());
});

test.each([
  ['normal', []],
  ['warn_75', ['cost_ladder warned warning']],
  ['downshift_90', ['cost_ladder warned warning', 'cost_ladder downshifted warning']],
  [
    'hard_stop_100',
    ['cost_ladder warned warning', 'cost_ladder downshifted warning', 'cost_ladder halted critical'],
  ],
])('of the rung %s', (rung, expected) => {
  expect(said(judged('spend', { rung, spentUsd: 9, poolUsd: 10 }))).toEqual(expected);
});

test.each([
  ['deadLetters', 5, 6, 'dead_letters 24h warning'],
  ['capabilityDenials', { count: 10, most: null }, { count: 11, most: 'x' }, 'capability_denials 24h info'],
  ['reasoningErrors', { runs: 2, tools: 3 }, { runs: 3, tools: 3 }, 'reasoning_errors 24h warning'],
  ['failedReplies', 3, 4, 'failed_replies 24h warning'],
] as const)('%s alarm above their threshold, and not at it', (name, at, above, expected) => {
  expect([said(judged(name, at as never)), said(judged(name, above as never))]).toEqual([[], [expected]]);
});

describe('of the state', () => {
  const hold = (cause: string) => ({ cause, reason: 'why', since: '2026-01-01T00:00:00.000Z' });

  test('a pause, a store in another life, each stop by its level', () => {
    const holds = [hold('operator'), hold('operator'), hold('dr')];
    const found = judged('state', { ...quiet.state, holds, stopLevel: 2, stopReason: 'a deploy' });
    expect(said(found)).toEqual(['paused operator critical', 'paused dr critical', 'stopped L2 critical']);
    expect(found.map(({ wakes }) => wakes)).toEqual([false, false, false]);
  });

  test('what the operator did is known, unless somebody else paused as well', () => {
    const own = { ...hold('operator'), known: 'it is the operator’s own command' };
    const stopKnown = { since: own.since, why: 'the operator approved it' };
    const state = { ...quiet.state, holds: [own], stopLevel: 1, stopReason: 'a deploy', stopKnown };
    const known = { at: Date.parse(own.since), by: 'operator' };
    expect(judged('state', state)).toMatchObject([
      { source: 'paused', known: { ...known, reason: own.known } },
      { source: 'stopped', known: { ...known, reason: stopKnown.why } },
    ]);
    const [paused] = judged('state', { ...state, holds: [own, hold('operator')] });
    expect(paused?.known).toBeNull();
  });

  test('a spent pool is the story of the ladder, and a hold for a damaged log that of the chain', () => {
    const holds = [hold('cost'), hold('chain')];
    expect(said(judged('state', { ...quiet.state, holds, damage: 'x' }))).toEqual([
      'chain verification critical',
    ]);
  });
});

describe('of incidents', () => {
  const incident = {
    incidentId: 7,
    probe: 'shop',
    severity: 'warning',
    title: 't',
    detail: 'd',
    acknowledgedAt: null,
    silencedUntil: null,
    silenceReason: null,
  } as const;

  test('each is in the thread of its incident, whose severity it has, and wakes nobody', () => {
    expect(judged('incidents', [incident, { ...incident, incidentId: 8, severity: 'info' }])).toMatchObject([
      { toldIn: 'incident:7', incidentId: 7, severity: 'warning', wakes: false, known: null },
    ]);
  });

  test('one that is acknowledged is known; one that is silenced is quiet for so long, and known to nobody', () => {
    const acknowledged = { acknowledgedAt: '2026-01-01T11:00:00.000Z' };
    const silenced = { silencedUntil: '2026-01-01T13:00:00.000Z', silenceReason: 'r' };
    expect(judged('incidents', [{ ...incident, ...acknowledged }])).toMatchObject([
      { known: { by: 'operator' }, quiet: null },
    ]);
    expect(judged('incidents', [{ ...incident, ...silenced }])).toMatchObject([
      { known: null, quiet: { until: Date.parse(silenced.silencedUntil), reason: 'r' } },
    ]);
  });

  test('a silence that is over says nothing any more', () => {
    const over = { silencedUntil: '2026-01-01T11:00:00.000Z', silenceReason: 'r' };
    expect(judged('incidents', [{ ...incident, ...over }])).toMatchObject([{ known: null, quiet: null }]);
  });
});

test('of daemons and plugins those that are down for good, of this runtime alone', () => {
  const daemons = ['running', 'backing_off', 'failed', 'quarantined'].map((state) => ({
    name: state,
    state,
    error: null,
  }));
  const found = judged('daemons', daemons);
  expect(said(found)).toEqual(['daemon failed warning', 'daemon quarantined critical']);
  expect(found.map(({ owner, toldIn }) => [owner, toldIn])).toEqual([
    ['here', 'daemon:failed'],
    ['here', 'daemon:quarantined'],
  ]);
  const plugins = ['proven', 'denied', 'parked', 'degraded', 'incompatible', 'quarantined'].map((state) => ({
    id: state,
    state,
    reason: null,
    fix: null,
  }));
  expect(said(judged('plugins', plugins))).toEqual([
    'plugin degraded warning',
    'plugin incompatible warning',
    'plugin quarantined critical',
  ]);
});

test('a task is its runtime’s, or everybody’s; a channel is one alert for all that it refuses', () => {
  const tasks = [
    { owner: 'fleet', name: 'a', dueAt: '2026' },
    { owner: 'r1', name: 'b', dueAt: '2026' },
  ];
  expect(judged('lateTasks', tasks).map(({ key, owner }) => [key, owner])).toEqual([
    ['a', null],
    ['b', 'here'],
  ]);
  const refused = [
    { channel: 'chat', error: '429' },
    { channel: 'chat', error: '500' },
  ];
  expect(judged('refused', refused)).toMatchObject([
    {
      key: 'chat',
      detail: '2 messages refused again and again, the last: 500',
      next: 'kora channel check chat',
    },
  ]);
});

test('a sign of life that failed three times in a row', () => {
  const ping = {
    runtimeId: 'here',
    place: 'https://ping.example',
    triedAt: null,
    answeredAt: null,
    failures: 2,
    error: 'status 503',
    withheld: null,
  };
  expect(said(judged('ping', ping))).toEqual([]);
  expect(said(judged('ping', { ...ping, failures: 3 }))).toEqual(['dead_man ping warning']);
});
