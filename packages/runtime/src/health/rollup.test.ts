import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { claimPermissions, degradationReasons, primaryStates } from '../state/index.ts';
import { healthDraft } from './events.ts';
import { rollup } from './rollup.ts';
import type { Readings } from './readings.ts';
import { subsignalRows, subsignalTable } from './subsignals.ts';

const day = 86_400_000;
const calm: Readings = {
  state: {
    primaryState: 'ready',
    claimPermission: 'normal',
    degradationReasons: [],
    holds: [],
    stopLevel: 0,
    stopCause: null,
  },
  storeAnswers: true,
  sealStaleMs: null,
  unsealed: 0,
  chain: { verifiedThrough: 40, damage: null },
  spool: { waiting: 0, lost: 0 },
  daemons: { running: 2, failed: [] },
  keeper: { silentForMs: 200 },
  tokens: [],
  spend: { rung: 'normal', spentUsd: 1, poolUsd: 200 },
  sinceWriteMs: 1_000,
  work: { live: 0, waiting: 0, oldestWaitingMs: null, sinceBeatMs: 2_000, sinceResolveMs: null },
  lateTasks: [],
  deafChannels: [],
  probes: [{ name: 'disk', everyMs: 30_000, sinceLookMs: 10_000 }],
  cadenceMs: 300_000,
};
const work = { live: 0, waiting: 0, oldestWaitingMs: null, sinceBeatMs: 2_000, sinceResolveMs: null };
const state = (over: Partial<Readings['state']>): Pick<Readings, 'state'> => ({
  state: { ...calm.state, ...over },
});
const paused = state({
  primaryState: 'paused',
  claimPermission: 'none',
  holds: [{ holdId: 4, cause: 'operator', reason: 'deploying' }],
});

describe('idle, paused and nearly spent are no faults (defect 27)', () => {
  it('an idle runtime is healthy, however old its writes and results are', () => {
    const now = rollup({ ...calm, sinceWriteMs: 30 * day, work: { ...work, sinceResolveMs: 30 * day } });
    expect(now).toMatchObject({ overall: 'healthy', reason: null, isWorking: { answer: 'idle' } });
    expect(now.subsignals.last_successful_write).toMatchObject({ status: 'fresh' });
    expect(now.subsignals.dispatch_reachable).toMatchObject({ status: 'fresh', value: 0 });
  });

  it('one that has never written or resolved anything is healthy, and the figures are not known', () => {
    const now = rollup({ ...calm, sinceWriteMs: null });
    expect(now.overall).toBe('healthy');
    expect(now.subsignals.last_successful_write.value).toBeNull();
    expect(now.subsignals.last_resolve).toMatchObject({ status: 'fresh', value: null });
  });

  it.each([
    ['an operator hold', paused],
    ['a stop', state({ primaryState: 'paused', claimPermission: 'none', stopLevel: 3 })],
    [
      'a spent pool',
      {
        ...state({
          primaryState: 'paused',
          claimPermission: 'none',
          degradationReasons: ['cost'],
          holds: [{ holdId: 5, cause: 'cost', reason: 'the pool is spent' }],
        }),
        spend: { rung: 'hard_stop_100', spentUsd: 200, poolUsd: 200 },
      },
    ],
  ])('%s is "may it work: no", and neither an outage nor a degradation', (_, limit) => {
    const now = rollup({ ...calm, ...limit, work: { ...work, waiting: 9, oldestWaitingMs: day } });
    expect(now).toMatchObject({
      overall: 'healthy',
      intentionallyLimited: true,
      canWork: { answer: 'yes' },
      mayWork: { answer: 'no' },
      isWorking: { answer: 'idle' },
    });
    expect(now.mayWork.because).toHaveLength(1);
  });

  it('90 % spent is shown as that, and nothing else becomes of it', () => {
    const now = rollup({ ...calm, spend: { rung: 'downshift_90', spentUsd: 184, poolUsd: 200 } });
    expect(now.overall).toBe('healthy');
    expect(now.subsignals.credit_burn).toMatchObject({ status: 'degraded', value: '92 %' });
  });

  it('a token that knows no end, as those of the environment, is not missing', () => {
    const now = rollup({ ...calm, tokens: [{ name: 'slack.bot', state: 'ok', endsInMs: null }] });
    expect([now.overall, now.subsignals.auth_validity_window.status]).toEqual(['healthy', 'fresh']);
  });

  it('no registered token at all is not a missing one', () => {
    expect(rollup(calm).subsignals.auth_validity_window).toMatchObject({ status: 'fresh', value: 0 });
  });
});

test('what stopped it is the reason, whatever else is wrong by now (defect 28)', () => {
  const stopped = state({
    primaryState: 'stopped',
    claimPermission: 'none',
    stopCause: 'boot.failed: gate 3_schema_version said no',
  });
  expect(rollup({ ...calm, ...stopped, storeAnswers: false, sealStaleMs: 60_000 })).toMatchObject({
    overall: 'stopped',
    reason: 'boot.failed: gate 3_schema_version said no',
    canWork: { answer: 'no' },
    isWorking: { answer: 'no' },
  });
});

const unanswered = {
  storeAnswers: false,
  unsealed: null,
  sinceWriteMs: null,
  work: null,
  lateTasks: null,
  probes: null,
  spend: null,
};

describe('each fault names itself', () => {
  it.each([
    ['store_answers', 'outage', unanswered],
    ['sealer', 'outage', { sealStaleMs: 9_000 }],
    ['chain_verified', 'degraded', { chain: { verifiedThrough: 3, damage: 'event #4 is changed' } }],
    ['daemons', 'degraded', { daemons: { running: 1, failed: ['probe_wake'] } }],
    ['escalation_watcher_liveness', 'degraded', { keeper: { silentForMs: 6_000 } }],
    ['escalation_watcher_liveness', 'degraded', { keeper: null }],
    ['auth_validity_window', 'degraded', { tokens: [{ name: 'a', state: 'refused', endsInMs: null }] }],
    ['auth_validity_window', 'degraded', { tokens: [{ name: 'a', state: 'ok', endsInMs: -1 }] }],
    ['auth_validity_window', 'degraded', { tokens: [{ name: 'a', state: 'expiring', endsInMs: day }] }],
    ['spool', 'degraded', { spool: { waiting: 3, lost: 0 } }],
    ['spool', 'degraded', { spool: { waiting: 0, lost: 1 } }],
    ['checks', 'degraded', state({ degradationReasons: ['retry_ceiling'] })],
    ['holds', 'degraded', state({ holds: [{ holdId: 1, cause: 'dr', reason: 'epoch 3, not 2' }] })],
    ['dispatch_reachable', 'degraded', { work: { ...work, waiting: 1, oldestWaitingMs: 61_000 } }],
    ['last_heartbeat', 'degraded', { work: { ...work, sinceBeatMs: 16_000 } }],
    ['last_heartbeat', 'degraded', { work: { ...work, sinceBeatMs: null } }],
    ['tasks_on_time', 'degraded', { lateTasks: ['daily.report'] }],
    ['channels_listening', 'degraded', { deafChannels: ['slack'] }],
    ['probes_looking', 'degraded', { probes: [{ name: 'p', everyMs: 1_000, sinceLookMs: 70_000 }] }],
    [
      'last_successful_write',
      'degraded',
      { ...state({ primaryState: 'active' }), sinceWriteMs: 601_000, work: { ...work, live: 1 } },
    ],
  ] as const)('%s: %s', (name, overall, fault) => {
    const now = rollup({ ...calm, ...fault });
    expect([now.overall, now.reason?.split(' ')[0]]).toEqual([overall, name]);
    const { question } = subsignalTable[name];
    const answer = { can: now.canWork, may: now.mayWork, is: now.isWorking }[question];
    expect(answer.because[0]).toBe(now.reason);
  });

  it('a store that is away is one fault: what it alone knows is not known, and no second one', () => {
    const now = rollup({ ...calm, ...unanswered });
    expect(now.canWork).toMatchObject({ answer: 'no' });
    expect(now.isWorking.answer).toBe('unknown');
    expect(Object.values(now.subsignals).filter(({ status }) => status === 'degraded')).toHaveLength(1);
  });

  it('a booting runtime is not healthy yet', () => {
    const now = rollup({ ...calm, ...state({ primaryState: 'booting', claimPermission: 'none' }) });
    expect(now).toMatchObject({ overall: 'degraded', reason: 'it is still booting' });
  });

  it('long work under way is not a stall', () => {
    const busy = { ...work, live: 1, waiting: 4, oldestWaitingMs: day, sinceResolveMs: day };
    const now = rollup({ ...calm, ...state({ primaryState: 'active' }), work: busy });
    expect(now).toMatchObject({ overall: 'healthy', isWorking: { answer: 'working' } });
  });
});

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary);
const ms = fc.integer({ min: 0, max: 2_000_000 });
const anyReadings: fc.Arbitrary<Readings> = fc.record({
  state: fc.record({
    primaryState: fc.constantFrom(...primaryStates),
    claimPermission: fc.constantFrom(...claimPermissions),
    degradationReasons: fc.subarray([...degradationReasons]),
    holds: fc.array(
      fc.record({
        holdId: fc.nat(),
        cause: fc.constantFrom('operator' as const, 'cost' as const, 'dr' as const, 'chain' as const),
        reason: fc.string(),
      }),
      { maxLength: 3 },
    ),
    stopLevel: fc.integer({ min: 0, max: 5 }),
    stopCause: maybe(fc.string()),
  }),
  storeAnswers: fc.boolean(),
  sealStaleMs: maybe(ms),
  unsealed: maybe(fc.nat()),
  chain: fc.record({ verifiedThrough: fc.nat(), damage: maybe(fc.string()) }),
  spool: fc.record({ waiting: fc.nat(3), lost: fc.nat(3) }),
  daemons: fc.record({ running: fc.nat(9), failed: fc.array(fc.string(), { maxLength: 2 }) }),
  keeper: maybe(fc.record({ silentForMs: ms })),
  tokens: maybe(
    fc.array(
      fc.record({
        name: fc.string(),
        state: fc.constantFrom(
          'ok' as const,
          'expiring' as const,
          'refused' as const,
          'unavailable' as const,
        ),
        endsInMs: maybe(fc.integer()),
      }),
      { maxLength: 2 },
    ),
  ),
  spend: maybe(
    fc.record({
      rung: fc.constantFrom('normal', 'hard_stop_100'),
      spentUsd: fc.nat(300),
      poolUsd: fc.nat(300),
    }),
  ),
  sinceWriteMs: maybe(ms),
  work: maybe(
    fc.record({
      live: fc.nat(3),
      waiting: fc.nat(3),
      oldestWaitingMs: maybe(ms),
      sinceBeatMs: maybe(ms),
      sinceResolveMs: maybe(ms),
    }),
  ),
  lateTasks: maybe(fc.array(fc.string(), { maxLength: 2 })),
  deafChannels: fc.array(fc.string(), { maxLength: 2 }),
  probes: maybe(
    fc.array(fc.record({ name: fc.string(), everyMs: ms, sinceLookMs: maybe(ms) }), { maxLength: 2 }),
  ),
  cadenceMs: fc.integer({ min: 1_000, max: 900_000 }),
});

test('law: healthy has no reason and everything else has one, stopped is stopped, and each answer stands alone', () => {
  fc.assert(
    fc.property(anyReadings, (readings) => {
      const now = rollup(readings);
      expect(now.reason === null).toBe(now.overall === 'healthy');
      expect(now.overall === 'stopped').toBe(readings.state.primaryState === 'stopped');
      const isOut = now.overall === 'outage' || now.overall === 'stopped';
      expect(now.canWork.answer === 'no').toBe(isOut);
      expect(now.mayWork.answer === 'yes').toBe(readings.state.claimPermission === 'normal');
      expect(readings.storeAnswers || isOut).toBe(true);
    }),
  );
});

test('law: holds of people, stops and spending never change the overall health (defect 27)', () => {
  fc.assert(
    fc.property(anyReadings, fc.integer({ min: 0, max: 5 }), fc.nat(400), (readings, stopLevel, spentUsd) => {
      const holds = readings.state.holds.filter(({ cause }) => cause === 'dr' || cause === 'chain');
      const without = { ...readings, state: { ...readings.state, holds, stopLevel: 0 }, spend: null };
      const limited = {
        ...without,
        state: {
          ...without.state,
          stopLevel,
          holds: [...holds, { holdId: 1, cause: 'operator' as const, reason: 'x' }],
        },
        spend: { rung: 'downshift_90', spentUsd, poolUsd: 200 },
      };
      expect(rollup(limited).overall).toBe(rollup(without).overall);
    }),
  );
});

test('the event fits its type whatever was read, and holds no text but of the closed lists', () => {
  fc.assert(
    fc.property(anyReadings, (readings) => {
      const { payload } = healthDraft(rollup(readings), 300);
      expect(Object.keys(payload['subsignals'] as object)).toEqual(subsignalRows.map(([name]) => name));
      expect(JSON.stringify(payload['subsignals'])).not.toMatch(/"(?:value|expectation)"/);
    }),
  );
});
