import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlertCondition } from './contract.ts';
import { laterChannels } from './reminders.ts';
import { lastHour } from './telling.ts';
import { conditionOf, minute, policy, Simulation } from './testing/simulation.ts';

const known = { acknowledgedAt: 1, acknowledgedBy: 'operator', acknowledgeReason: 'seen' };
const paused = conditionOf({
  source: 'paused',
  key: 'operator',
  category: 'operational_state',
  severity: 'critical',
  title: 'Kora is paused',
});
const denied = conditionOf({ source: 'capability_denials', key: '24h', severity: 'info' });

function kinds(said: readonly { readonly kind: string; readonly alertIds: readonly number[] }[]): string[] {
  return said.map(({ kind, alertIds }) => `${kind} ${alertIds.join('+')}`);
}

test('what the operator did is known at once: nobody is told or reminded, and it ends with the next look', () => {
  const house = new Simulation();
  const own = { ...paused, known: { at: 1, by: 'operator', reason: 'it is the operator’s own command' } };
  expect(house.look([own])).toEqual([]);
  expect(house.alert('operator')).toMatchObject({ status: 'active', owed: null, acknowledgedBy: 'operator' });
  expect(house.look([own], 60 * minute)).toEqual([]);
  expect(house.look([], 1)).toEqual([]);
  expect(house.alert('operator')).toMatchObject({ status: 'resolved', tellings: 0 });
  // The next one is somebody else's.
  expect(kinds(house.look([paused], minute))).toEqual(['alert 1']);
});

describe('the cooldown of a category', () => {
  test('defers a second fault and tells it when it ends, at the latest (daemon defect W33)', () => {
    const house = new Simulation();
    expect(kinds(house.look([conditionOf()]))).toEqual(['alert 1']);
    const both = [conditionOf(), conditionOf({ key: 'b' })];
    expect(house.look(both, 5 * minute)).toEqual([]);
    expect(house.alert('b')).toMatchObject({ owed: 'cooldown', toldAt: null });
    expect(house.look(both, 24 * minute)).toEqual([]);
    expect(kinds(house.look(both, minute))).toEqual(['alert 2']);
  });

  test('tells what came and went meanwhile, and says that it is over', () => {
    const house = new Simulation();
    house.look([conditionOf()]);
    house.look([conditionOf(), conditionOf({ key: 'b' }), conditionOf({ key: 'c' })], minute);
    house.look([conditionOf()], minute);
    expect(house.look([conditionOf()], minute)).toEqual([]);
    expect(house.alert('b')).toMatchObject({ status: 'resolved', owed: 'cooldown' });
    const [summary, ...more] = house.look([conditionOf()], 30 * minute);
    expect([kinds(summary === undefined ? [] : [summary]), more]).toEqual([['summary 2+3'], []]);
    expect(summary?.body).toContain('and is over again');
  });

  test('is over a whole look: several of one category go out together (daemon defect W34)', () => {
    const house = new Simulation();
    expect(kinds(house.look([conditionOf(), conditionOf({ key: 'b' })]))).toEqual(['summary 1+2']);
  });

  test('does not hold a new critical, and damps one that comes and goes (daemon defect W34)', () => {
    const house = new Simulation();
    expect(kinds(house.look([paused]))).toEqual(['alert 1']);
    const stopped = conditionOf({ ...paused, source: 'stopped', key: 'L1' });
    expect(kinds(house.look([paused, stopped], minute))).toEqual(['alert 2']);
    for (let turn = 0; turn < 5; turn += 1) {
      house.look([stopped], minute);
      house.look([stopped], minute);
      house.look([paused, stopped], minute);
    }
    expect(house.said.filter(({ kind, alertIds }) => kind === 'alert' && alertIds[0] === 1)).toHaveLength(1);
    expect(house.alert('operator')).toMatchObject({ returns: 6, episode: 1, owed: 'cooldown' });
    house.change('operator', known);
    expect(kinds(house.look([paused, stopped], 30 * minute))).toContain('alert 1');
  });
});

test('more at once than the burst are one summary, and each critical is alone (daemon defect W36)', () => {
  const house = new Simulation();
  const categories = ['schedule', 'channel', 'plugin', 'reply', 'reasoning', 'dead_letter'] as const;
  const many = categories.map((category) => conditionOf({ key: category, category }));
  const said = house.look([...many, paused, conditionOf({ ...paused, source: 'stopped', key: 'L2' })]);
  expect(said.map(({ severity, alertIds }) => [severity, alertIds.length])).toEqual([
    ['critical', 1],
    ['critical', 1],
    ['warning', 6],
  ]);
});

test('what is for information waits for the digest of the day, once each (daemon defect W37)', () => {
  const house = new Simulation();
  expect(house.look([denied])).toEqual([]);
  expect(house.look([denied], 7 * 60 * minute)).toEqual([]);
  const [digest] = house.look([denied], 61 * minute);
  expect(digest).toMatchObject({ kind: 'digest', alertIds: [1], channels: ['email', 'inbox'] });
  expect(house.look([denied], 24 * 60 * minute)).toEqual([]);
  expect(house.look([], minute)).toEqual([]);
});

describe('escalation', () => {
  const after = (house: Simulation, ms: number): string[] => kinds(house.look([paused], ms));

  test('of what nobody acknowledged goes to the next channel, repeats, and says that it is the last', () => {
    const house = new Simulation();
    house.look([paused]);
    expect(after(house, 14 * minute)).toEqual([]);
    expect(after(house, minute)).toEqual(['escalation 1']);
    for (let reminder = 2; reminder <= 4; reminder += 1) {
      expect(after(house, 29 * minute)).toEqual([]);
      expect(after(house, minute)).toEqual(['escalation 1']);
    }
    expect(after(house, 600 * minute)).toEqual([]);
    const reminders = house.said.filter(({ kind }) => kind === 'escalation');
    expect(reminders.map(({ channels }) => channels[0])).toEqual(['chat', 'chat', 'chat', 'chat']);
    expect(reminders.map(({ body }) => body.includes('last reminder'))).toEqual([false, false, false, true]);
    expect(new Set(house.said.map(({ key }) => key)).size).toBe(house.said.length);
  });

  test.each([
    ['acknowledged', known],
    ['snoozed', { snoozedUntil: Date.parse('2026-02-01T00:00:00Z'), snoozeReason: 'later' }],
  ])('stops once it is %s (daemon defect W38)', (_, said) => {
    const house = new Simulation();
    house.look([paused]);
    expect(after(house, 15 * minute)).toEqual(['escalation 1']);
    house.change('operator', said);
    expect(after(house, 600 * minute)).toEqual([]);
  });

  test('begins anew for what comes back, which nobody acknowledged', () => {
    const house = new Simulation();
    house.look([paused]);
    house.change('operator', known);
    house.look([], minute);
    house.look([], minute);
    house.look([paused], 60 * minute);
    expect(house.alert('operator')).toMatchObject({ acknowledgedAt: null, episode: 2 });
    expect(after(house, 15 * minute)).toEqual(['escalation 1']);
  });

  test('of an incident goes into its thread, and waits for nobody who acknowledged the incident', () => {
    const incident = { toldIn: 'incident:7', incidentId: 7, severity: 'critical', wakes: false } as const;
    const house = new Simulation();
    const down = conditionOf({ source: 'unhealthy_service', key: 'incident:7', ...incident });
    expect(house.look([down])).toEqual([]);
    expect(house.look([down], 15 * minute)).toMatchObject([{ kind: 'escalation', thread: 'incident:7' }]);
    const seen = { ...down, known: { at: house.now, by: 'operator', reason: 'seen' } };
    expect(house.look([seen], 30 * minute)).toEqual([]);
    house.look([], minute);
    expect(house.look([], minute)).toEqual([]);
    expect(house.alert('incident:7')).toMatchObject({ status: 'resolved' });
  });

  test('steps through the channels and stays with the last', () => {
    expect([1, 2, 3].map((step) => laterChannels(['a', 'b', 'c'], step)[0])).toEqual(['b', 'c', 'c']);
    expect(laterChannels(['a', 'b', 'c'], 1)).toEqual(['b', 'c', 'a']);
    expect(laterChannels(['a'], 3)).toEqual(['a']);
  });
});

describe('an alert', () => {
  test('is over when it was not found for a while, and its end is told where its beginning was', () => {
    const house = new Simulation();
    house.look([paused]);
    expect(house.look([], 5_000)).toEqual([]);
    expect(house.look([], 59_000)).toEqual([]);
    const [end] = house.look([], 1_000);
    expect(end).toMatchObject({ kind: 'resolved', thread: 'alert:1', severity: 'info' });
    expect(house.look([], 600 * minute)).toEqual([]);
  });

  test('that is found again before it has settled was never over', () => {
    const house = new Simulation();
    house.look([paused]);
    house.look([], 30_000);
    house.look([paused], 20_000);
    expect(house.look([], 50_000)).toEqual([]);
    expect(house.alert('operator')).toMatchObject({ status: 'active', returns: 1 });
  });

  test('that becomes worse is told again at once, whoever knew of it', () => {
    const house = new Simulation();
    house.look([conditionOf()]);
    house.change('a', known);
    expect(house.look([conditionOf({ severity: 'critical' })], minute)).toMatchObject([
      { kind: 'alert', severity: 'critical' },
    ]);
    expect(house.alert('a')?.acknowledgedAt).toBe(null);
    expect(house.happened.map(({ happened }) => happened)).toEqual(['raised', 'worsened']);
  });

  test('that is still there when its snooze ends is told again; nothing is told before', () => {
    const house = new Simulation();
    house.look([conditionOf()]);
    house.change('a', { snoozedUntil: house.now + 60 * minute, snoozeReason: 'later' });
    expect(house.look([conditionOf()], 59 * minute)).toEqual([]);
    expect(kinds(house.look([conditionOf()], minute))).toEqual(['alert 1']);
  });

  test('of another runtime is not over because this one does not see it, and is after a day of silence', () => {
    const house = new Simulation();
    const there = conditionOf({ owner: 'there' });
    house.look([there], 0, 'there');
    house.look([], 23 * 60 * minute, 'here');
    expect(house.alert('a')).toMatchObject({ status: 'active' });
    house.look([], 61 * minute, 'here');
    expect(house.alert('a')).toMatchObject({ status: 'resolved' });
  });
});

test('the hour of the digest is the last one that began', () => {
  const at = (time: string): string => new Date(lastHour(Date.parse(time), 8)).toISOString().slice(0, 13);
  expect(at('2026-01-02T07:59:59Z')).toBe('2026-01-01T08');
  expect(at('2026-01-02T08:00:00Z')).toBe('2026-01-02T08');
});

// What can be wrong in a run of the laws: some of each severity, in few categories, so that they meet.
const severities = ['critical', 'warning', 'info'] as const;
const categories = ['schedule', 'channel'] as const;
const all: readonly AlertCondition[] = severities.flatMap((severity) =>
  [0, 1, 2, 3, 4, 5, 6].map((n) =>
    conditionOf({ key: `${severity}${n}`, severity, category: categories[n % 2] ?? 'schedule' }),
  ),
);
const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 40 * minute }),
    there: fc.uniqueArray(fc.nat({ max: all.length - 1 }), { maxLength: 12 }),
    acknowledged: fc.option(fc.nat({ max: all.length - 1 }), { nil: null }),
    snoozed: fc.option(fc.nat({ max: all.length - 1 }), { nil: null }),
  }),
  { maxLength: 25 },
);
type Steps = typeof steps extends fc.Arbitrary<infer Of> ? Of : never;

/** Plays it, and lets two days pass in which nothing is wrong any more. */
function played(script: Steps): Simulation {
  const house = new Simulation();
  const keyAt = (at: number | null): string => (at === null ? '' : (all[at]?.key ?? ''));
  for (const { afterMs, there, acknowledged, snoozed } of script) {
    house.look(
      there.flatMap((at) => all[at] ?? []),
      afterMs,
    );
    house.change(keyAt(acknowledged), known);
    house.change(keyAt(snoozed), { snoozedUntil: house.now + 45 * minute, snoozeReason: 'later' });
  }
  for (let looks = 0; looks < 100; looks += 1) house.look([], 30 * minute);
  return house;
}

const telling = new Set(['alert', 'summary', 'digest']);

test('law: whatever is raised, comes back or becomes worse is in a later message', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const house = played(script);
      for (const { alert, happened, at } of house.happened) {
        if (happened !== 'raised' && happened !== 'worsened' && happened !== 'returned') continue;
        const later = house.said.some(
          (message) =>
            message.at >= at && telling.has(message.kind) && message.alertIds.includes(alert.alertId),
        );
        expect(later, `alert ${alert.key}`).toBe(true);
      }
      expect(house.alerts.filter(({ owed }) => owed !== null)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('law: what is critical is told alone, and never twice by one key', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const house = played(script);
      const critical = new Set(
        house.alerts.filter(({ severity }) => severity === 'critical').map(({ alertId }) => alertId),
      );
      const together = house.said.filter(
        ({ kind, alertIds }) =>
          telling.has(kind) && alertIds.length > 1 && alertIds.some((id) => critical.has(id)),
      );
      expect(together).toEqual([]);
      expect(new Set(house.said.map(({ key }) => key)).size).toBe(house.said.length);
    }),
    { numRuns: 200 },
  );
});

test('law: of a category there is one word about warnings in a cooldown', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const house = played(script);
      for (const category of categories) {
        const of = new Set(
          house.alerts
            .filter((alert) => alert.category === category && alert.severity === 'warning')
            .map(({ alertId }) => alertId),
        );
        const at = house.said
          .filter(({ kind, alertIds }) => kind !== 'resolved' && alertIds.some((id) => of.has(id)))
          .map((message) => message.at);
        for (let n = 1; n < at.length; n += 1)
          expect((at[n] ?? 0) - (at[n - 1] ?? 0)).toBeGreaterThanOrEqual(policy.cooldownMs);
      }
    }),
    { numRuns: 200 },
  );
});

test('law: nobody is reminded of what is acknowledged, snoozed or over, nor more often than was said', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 5 }), (script, times) => {
      const house = new Simulation({ escalation: { ...policy.escalation, times } });
      const acknowledged = new Set<number>();
      for (const { afterMs, there, acknowledged: by } of script) {
        const said = house.look(
          there.flatMap((at) => all[at] ?? []),
          afterMs,
        );
        for (const { alert, happened } of house.happened.filter(({ at }) => at === house.now))
          if (happened !== 'resolved') acknowledged.delete(alert.alertId);
        const reminded = said.filter(({ kind }) => kind === 'escalation').flatMap(({ alertIds }) => alertIds);
        expect(reminded.filter((id) => acknowledged.has(id))).toEqual([]);
        const alert = house.alert(by === null ? '' : (all[by]?.key ?? ''));
        if (alert === undefined || alert.status === 'resolved') continue;
        house.change(alert.key, known);
        acknowledged.add(alert.alertId);
      }
      for (const { escalations } of house.alerts) expect(escalations).toBeLessThanOrEqual(times);
    }),
    { numRuns: 200 },
  );
});
