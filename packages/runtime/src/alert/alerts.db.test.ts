import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileDatabase } from '../store/testing/database.ts';
import { alertWakePayload } from './contract.ts';
import type { AlertFacts } from './facts.ts';
import { findAlert, pruneAlerts } from './index.ts';
import { alertBench, quiet } from './testing/bench.ts';
import type { AlertBench } from './testing/bench.ts';
import { minute } from './testing/simulation.ts';

let made: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => void (made = await fileDatabase()));
afterAll(() => made.drop());

const bench = (): Promise<AlertBench> => alertBench(made.database);
const hold = { cause: 'operator', reason: 'a deploy', since: '2026-01-01T00:00:00.000Z' };
const paused: AlertFacts['state'] = { ...quiet.state, holds: [hold] };
const late = [{ owner: 'fleet', name: 'kora.upkeep', dueAt: '2026-01-01T00:00:00.000Z' }];
const incident = {
  incidentId: 7,
  probe: 'shop',
  severity: 'critical',
  title: 'it is down',
  detail: 'refused',
  acknowledgedAt: null,
  silencedUntil: null,
  silenceReason: null,
} as const;

describe('once', () => {
  test('over restarts: what is known is not told again, and keeps when it was first seen (daemon defect W38)', async () => {
    const house = await bench();
    house.facts.state = paused;
    await house.look();
    const [first] = await house.rows();
    for (let starts = 0; starts < 3; starts += 1) {
      house.clock.jump(2 * minute);
      await house.another().look();
    }
    const [row] = await house.rows();
    expect(row).toMatchObject({ firstSeenAt: first?.firstSeenAt, returns: 1, status: 'active' });
    expect(await house.titles()).toEqual(['🚨 Alert · Kora is paused']);
  });

  test('in a fleet: runtimes that look at the same moment tell it once', async () => {
    const house = await bench();
    const runtimes = [house.alerts, ...Array.from({ length: 4 }, () => house.another())];
    house.facts.state = paused;
    house.facts.lateTasks = late;
    await Promise.all(runtimes.flatMap((each) => [each.look(), each.look()]));
    expect(await house.titles()).toHaveLength(2);
    expect(await house.events('alert.raised')).toHaveLength(2);
    house.facts.state = quiet.state;
    await Promise.all(runtimes.map((each) => each.look()));
    house.clock.jump(2 * minute);
    await Promise.all(runtimes.map((each) => each.look()));
    expect(await house.titles()).toHaveLength(3);
    expect(await house.events('alert.resolved')).toHaveLength(1);
  });

  test('over a crash in the middle of a look: row, event and message land together or not at all', async () => {
    const house = await bench();
    house.facts.state = paused;
    house.breaks = new Error('the store went away');
    await expect(house.look()).rejects.toThrow('went away');
    expect([await house.rows(), await house.messages(), await house.events('alert.raised')]).toEqual([
      [],
      [],
      [],
    ]);
    await house.another().look();
    expect([(await house.rows()).length, (await house.messages()).length]).toEqual([1, 1]);
  });

  test('what waits for a cooldown or a digest waits through a restart (daemon defect W37)', async () => {
    const house = await bench();
    house.facts.lateTasks = late;
    house.facts.capabilityDenials = { count: 11, most: 'plugin:probes' };
    await house.look();
    house.facts.lateTasks = [...late, { ...late[0], owner: 'fleet', name: 'b', dueAt: '2026' }];
    await house.look(minute);
    expect((await house.rows()).map(({ key, owed }) => [key, owed])).toEqual([
      ['b', 'cooldown'],
      ['kora.upkeep', null],
      ['24h', 'digest'],
    ]);
    house.clock.jump(30 * minute);
    await house.another().look();
    house.clock.jump(8 * 60 * minute);
    await house.another().look();
    await house.another().look();
    expect(await house.titles()).toEqual([
      '⚠️ Alert · Task kora.upkeep is overdue',
      '⚠️ Alert · Task b is overdue',
      'ℹ️ Digest · 1 alert',
    ]);
    const digest = (await house.messages()).at(-1);
    expect(digest).toMatchObject({ channel: 'email' });
    expect(
      await made.database.query('select fallback from kora.outbox where message_id = $1', [
        digest?.messageId,
      ]),
    ).toEqual([{ fallback: ['inbox'] }]);
  });
});

test('a new alert asks for an investigation, critical or warning, whatever channel it is told on (daemon defect W32)', async () => {
  const house = await bench();
  house.facts.state = { ...quiet.state, damage: 'event #4 is altered' };
  house.facts.lateTasks = late;
  house.facts.capabilityDenials = { count: 11, most: null };
  await house.look();
  await house.look(minute);
  const wakes = (await house.events('alert.wake_requested')).map((each) => alertWakePayload.parse(each));
  expect(wakes.map(({ severity, category, incident_id: of }) => [severity, category, of])).toEqual([
    ['critical', 'chain', null],
    ['warning', 'schedule', null],
  ]);
  const rows = await house.rows();
  expect(wakes.map(({ alert_id: id, thread }) => [Number(id), thread])).toEqual(
    rows.slice(0, 2).map(({ alertId, thread }) => [alertId, thread]),
  );
  expect(new Set(wakes.map(({ wake_id: id }) => id))).toEqual(
    new Set(rows.slice(0, 2).map(({ wakeId }) => wakeId)),
  );
  // The message, and what becomes of it, belong to the same story.
  expect(new Set((await house.messages()).map(({ correlationId }) => correlationId))).toEqual(
    new Set(wakes.map(({ wake_id: id }) => id)),
  );
});

test('an incident, a daemon and the canary tell of themselves: no second word and no wake for an incident', async () => {
  const house = await bench();
  house.facts.incidents = [incident];
  house.facts.daemons = [{ name: 'lookout', state: 'quarantined', error: 'it dies' }];
  house.facts.canary = { at: '2026-01-01T00:00:00.000Z', stage: 'told' };
  await house.look();
  expect(await house.messages()).toEqual([]);
  expect((await house.rows()).map(({ thread, incidentId }) => `${thread} ${incidentId}`).sort()).toEqual([
    'canary null',
    'daemon:lookout null',
    'incident:7 7',
  ]);
  expect(await house.events('alert.wake_requested')).toHaveLength(2);
  await house.look(15 * minute);
  expect((await house.messages()).map(({ thread }) => thread).sort()).toEqual([
    'canary',
    'daemon:lookout',
    'incident:7',
  ]);
  house.facts.incidents = [];
  house.facts.daemons = [];
  await house.look();
  await house.look(minute);
  const ends = (await house.messages()).filter(({ title }) => title.startsWith('✅'));
  expect(ends.map(({ thread }) => thread)).toEqual(['daemon:lookout']);
});

test('an unacknowledged critical is told again on the next channel; ack ends that, and is an event (daemon defect W38)', async () => {
  const house = await bench();
  house.facts.state = paused;
  await house.look();
  await house.look(15 * minute);
  const messages = await house.messages();
  expect(messages.map(({ title, channel }) => [title, channel])).toEqual([
    // Nobody empties the outbox here: without a receipt it went on as well.
    ['🚨 Alert · Kora is paused', 'chat'],
    ['🚨 Still · Kora is paused', 'chat'],
  ]);
  const [row] = await house.rows();
  const alertId = row?.alertId ?? 0;
  expect(await house.ack(alertId)).toMatchObject({ acknowledgedBy: 'operator', acknowledgeReason: 'known' });
  await house.look(10 * 60 * minute);
  expect((await house.titles()).slice(2)).toEqual(['👁 Known · Kora is paused']);
  expect(await house.events('alert.acknowledged')).toEqual([{ alert_id: String(alertId), reason: 'known' }]);
});

test('a silence of an incident ends: then it is reminded of, and an incident that came back is known to nobody', async () => {
  const house = await bench();
  const until = house.clock.now() + 60 * minute;
  const silencedUntil = new Date(until).toISOString();
  house.facts.incidents = [{ ...incident, silencedUntil, silenceReason: 'an hour' }];
  await house.look();
  await house.look(59 * minute);
  expect(await house.messages()).toHaveLength(0);
  expect(await house.rows()).toMatchObject([{ snoozedUntil: silencedUntil, acknowledgedAt: null }]);
  await house.look(minute);
  expect(await house.titles()).toEqual(['🚨 Still · shop: it is down']);
  house.facts.incidents = [{ ...incident, acknowledgedAt: new Date(house.clock.now()).toISOString() }];
  await house.look(minute);
  expect((await house.rows())[0]?.acknowledgedBy).toBe('operator');
  house.facts.incidents = [incident];
  await house.look(minute);
  expect((await house.rows())[0]?.acknowledgedBy).toBeNull();
});

test('a snooze is quiet until it ends, and then told if it is still there', async () => {
  const house = await bench();
  house.facts.state = paused;
  await house.look();
  const alertId = (await house.rows())[0]?.alertId ?? 0;
  await house.snooze(alertId, 2 * 60 * minute);
  await house.look(119 * minute);
  expect(await house.messages()).toHaveLength(1);
  await house.look(minute);
  expect(await house.messages()).toHaveLength(2);
  const longest = await house.snooze(alertId, 365 * 24 * 60 * minute);
  expect(Date.parse(longest.snoozedUntil ?? '') - house.clock.now()).toBe(30 * 24 * 60 * minute);
});

test('what is over can be neither acknowledged nor snoozed, and what never was is unknown', async () => {
  const house = await bench();
  house.facts.state = paused;
  await house.look();
  house.facts.state = quiet.state;
  await house.look();
  await house.look(minute);
  const alertId = (await house.rows())[0]?.alertId ?? 0;
  await expect(house.ack(alertId)).rejects.toMatchObject({ code: 'KORA_ALERT_OVER' });
  await expect(house.snooze(alertId, minute)).rejects.toMatchObject({ code: 'KORA_ALERT_OVER' });
  await expect(house.ack(alertId + 1_000)).rejects.toMatchObject({ code: 'KORA_ALERT_UNKNOWN' });
  const gone = findAlert(house.database, house.workspaceId, alertId + 1_000, house.said);
  await expect(gone).rejects.toMatchObject({ code: 'KORA_ALERT_UNKNOWN' });
});

test('a fact that cannot be read ends nothing, and hides no other', async () => {
  const house = await bench();
  house.facts.lateTasks = late;
  await house.look();
  house.unreadable.add('lateTasks');
  house.facts.lateTasks = [];
  house.facts.state = paused;
  await house.look(minute);
  await house.look(minute);
  expect((await house.rows()).map(({ source, status }) => [source, status])).toEqual([
    ['paused', 'active'],
    ['overdue_task', 'active'],
  ]);
  expect(house.errors).toHaveLength(2);
});

test('what others wrote is kept without secrets and within bounds', async () => {
  const house = await bench();
  house.facts.refused = [{ channel: 'chat', error: `token s3cret ${'x'.repeat(9_000)}` }];
  await house.look();
  const [row] = await house.rows();
  expect(row?.detail).toContain('token [secret]');
  expect(row?.detail.length).toBeLessThanOrEqual(2_000);
});

describe('the store refuses', () => {
  const broken = async (sql: string): Promise<void> => {
    const house = await bench();
    house.facts.lateTasks = late;
    await house.look();
    house.facts.lateTasks = [...late, { owner: 'fleet', name: 'b', dueAt: '2026' }];
    await house.look(minute);
    await house.database.query(`update kora.alert set ${sql} where workspace_id = $1 and key = 'b'`, [
      house.workspaceId,
    ]);
  };
  test.each([
    ['to forget what is owed to the operator', 'owed = null'],
    ['to make another alert of it', `key = 'c'`],
    ['to count backwards', 'episode = 0'],
    ['an end without its time', `status = 'resolved'`],
  ])('%s', async (_, sql) => {
    await expect(broken(sql)).rejects.toThrow(/owed to the operator|does not change|does not forget|check/);
  });
});

test('what has been over for long and was told is forgotten; what is still to be said is not', async () => {
  const house = await bench();
  house.facts.state = paused;
  house.facts.capabilityDenials = { count: 11, most: null };
  await house.look();
  Object.assign(house.facts, quiet);
  await house.look();
  await house.look(minute);
  const { database, workspaceId, clock } = house;
  await pruneAlerts(database, workspaceId, { now: clock.now() + 91 * 24 * 60 * minute, days: 90 });
  expect((await house.rows()).map(({ source, owed }) => [source, owed])).toEqual([
    ['capability_denials', 'digest'],
  ]);
});

test('a look is made at once when it is asked for, and every quarter of a minute', async () => {
  const house = await bench();
  const stopping = new AbortController();
  const running = house.alerts.run(stopping.signal);
  const told = (count: number) => expect.poll(async () => (await house.messages()).length).toBe(count);
  await expect.poll(() => house.clock.sleeping).toBe(1);
  await house.clock.advance(200);
  await expect.poll(() => house.clock.sleeping).toBe(1);
  house.facts.state = paused;
  house.alerts.kick();
  await told(1);
  house.facts.lateTasks = late;
  await expect.poll(() => house.clock.sleeping).toBe(1);
  await house.clock.advance(200);
  await expect.poll(() => house.clock.sleeping).toBe(1);
  await house.clock.advance(15_000);
  await told(2);
  stopping.abort();
  await house.clock.advance(15_000);
  await running;
});
