import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import {
  acknowledgeIncident,
  foldOf,
  keepTold,
  listIncidents,
  noteIncident,
  silenceIncident,
} from '../index.ts';
import type { IncidentRecord } from '../index.ts';
import { probeBench } from '../testing/bench.ts';
import type { ProbeBench } from '../testing/bench.ts';
import { addWindow, endWindow, listWindows, pruneWindows } from '../window/windows.ts';
import { openIncident, reopenIncident } from './incidents.ts';

async function titles(bench: ProbeBench): Promise<string[]> {
  return (await bench.messages()).map(({ title }) => title);
}

async function wakes(bench: ProbeBench): Promise<number> {
  return (await bench.staged()).filter((type) => type === 'probe.wake_requested').length;
}

async function incidentOf(bench: ProbeBench, probe: string): Promise<IncidentRecord> {
  const found = (await bench.incidents()).find((incident) => incident.probe === probe);
  if (found === undefined) throw new Error(`no incident of ${probe}`);
  return found;
}

const word = { by: 'operator', reason: 'known' };

test('what goes back and forth is one incident, one wake and one message, until it has been quiet (daemon defect W27)', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('healthy');
  for (let n = 0; n < 12; n += 1) await bench.see('unhealthy', 'healthy');
  expect(await bench.incidents()).toMatchObject([{ status: 'open', title: 'shop flapping' }]);
  const [opening, ...more] = await bench.messages();
  expect(opening?.body).toContain('Back and forth since 2026-01-01T00:00:10.000Z');
  expect(more).toEqual([]);
  expect(await wakes(bench)).toBe(1);
  bench.clock.jump(600_000);
  await bench.see('healthy');
  expect(await bench.incidents()).toMatchObject([{ status: 'resolved', flappingSince: null }]);
  expect(await titles(bench)).toEqual(['🚨 Probe alert · shop', '✅ Recovered · shop']);
  expect((await bench.messages()).at(-1)?.body).toContain('Ended by: 2 good looks in a row');
});

test('what was slow and is down says so once, also while it flaps; a silence keeps it back', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('degraded', 'degraded', 'unreachable');
  expect(await bench.incidents()).toMatchObject([{ severity: 'warning', title: 'shop degraded' }]);
  await bench.see('unreachable', 'unreachable', 'degraded', 'unreachable', 'unreachable');
  expect(await titles(bench)).toEqual(['⚠️ Probe alert · shop', '🚨 Worse · shop']);
  const [incident] = await bench.incidents();
  expect(incident).toMatchObject({
    severity: 'critical',
    category: 'unreachable',
    title: 'shop unreachable',
  });
  expect((await bench.messages()).at(-1)?.body).toContain('shop (critical): HTTP 500');
  const story = await bench.timeline(incident?.incidentId ?? 0);
  expect(story.filter(({ text }) => text === 'critical from now on: HTTP 500')).toHaveLength(1);
  expect(await wakes(bench)).toBe(1);

  await bench.probe({ name: 'flapper' });
  await bench.look(
    'flapper',
    'degraded',
    'degraded',
    'healthy',
    'degraded',
    'healthy',
    'degraded',
    'healthy',
  );
  await bench.look('flapper', 'unreachable', 'unreachable', 'unreachable');
  expect((await titles(bench)).filter((title) => title.includes('flapper'))).toEqual([
    '⚠️ Probe alert · flapper',
    '⚠️ Flapping · flapper',
    '🚨 Worse · flapper',
  ]);

  await bench.probe({ name: 'quiet' });
  await bench.look('quiet', 'degraded', 'degraded');
  const { incidentId } = await incidentOf(bench, 'quiet');
  await silenceIncident(bench.database, 1, { ...word, incidentId, forMs: 3_600_000 });
  await bench.look('quiet', 'unhealthy', 'unhealthy');
  expect((await titles(bench)).filter((title) => title.includes('quiet'))).toHaveLength(1);
  expect(await incidentOf(bench, 'quiet')).toMatchObject({ severity: 'critical' });
});

test('an open incident that begins to flap says so once; a silence keeps that back, and ends with the incident', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('unhealthy', 'unhealthy', 'healthy', 'unhealthy', 'healthy', 'unhealthy');
  expect(await titles(bench)).toHaveLength(1);
  await bench.see('healthy', 'unhealthy', 'healthy', 'unhealthy', 'healthy');
  expect(await titles(bench)).toEqual(['🚨 Probe alert · shop', '🚨 Flapping · shop']);
  expect((await bench.staged()).filter((type) => type === 'probe.incident_flapping')).toHaveLength(1);

  await bench.probe({ name: 'quiet' });
  await bench.look('quiet', 'unhealthy', 'unhealthy');
  const { incidentId } = await incidentOf(bench, 'quiet');
  const year = 365 * 86_400_000;
  const long = await silenceIncident(bench.database, 1, { ...word, incidentId, forMs: year });
  const latest = await acknowledgeIncident(bench.database, 1, { ...word, incidentId, forMs: 3_600_000 });
  const days = (Date.parse(long.silencedUntil ?? '') - Date.parse(long.openedAt)) / 86_400_000;
  expect(Math.round(days)).toBe(30);
  expect(Date.parse(latest.silencedUntil ?? '')).toBeLessThan(Date.parse(long.silencedUntil ?? ''));
  expect(latest.acknowledgedAt).not.toBeNull();
  await bench.look(
    'quiet',
    'healthy',
    'unhealthy',
    'healthy',
    'unhealthy',
    'healthy',
    'unhealthy',
    'healthy',
  );
  expect((await incidentOf(bench, 'quiet')).flappingSince).not.toBeNull();
  expect((await titles(bench)).filter((title) => title.includes('quiet'))).toHaveLength(1);
  bench.clock.jump(600_000);
  await bench.look('quiet', 'healthy');
  expect(await incidentOf(bench, 'quiet')).toMatchObject({ status: 'resolved', silencedUntil: null });
  expect((await titles(bench)).at(-1)).toBe('✅ Recovered · quiet');
  await expect(
    silenceIncident(bench.database, 1, { ...word, incidentId, forMs: 1_000 }),
  ).rejects.toMatchObject({ code: 'KORA_INCIDENT_RESOLVED' });
});

test('in a maintenance window looks go on and no incident opens; what still fails afterwards opens then', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.probe({ name: 'other' });
  const hour = { forMs: 3_600_000, ...word };
  const { windowId } = await addWindow(bench.database, 1, { probe: 'shop', ...hour });
  await addWindow(bench.database, 1, { probe: null, from: '2099-01-01T00:00:00Z', ...hour });
  expect(await listWindows(bench.database, 1)).toMatchObject([{ probe: 'shop' }, { probe: null }]);
  await bench.look('shop', 'unhealthy', 'unhealthy', 'unhealthy');
  await bench.look('other', 'unhealthy', 'unhealthy');
  expect((await bench.incidents()).map(({ probe }) => probe)).toEqual(['other']);
  await endWindow(bench.database, 1, windowId);
  await expect(endWindow(bench.database, 1, windowId)).rejects.toMatchObject({ code: 'KORA_WINDOW_UNKNOWN' });
  await bench.look('shop', 'unhealthy');
  expect(await incidentOf(bench, 'shop')).toMatchObject({
    failures: 4,
    failingSince: '2026-01-01T00:00:00.000Z',
  });
});

test('an incident of a probe that was removed is closed, and that nobody looks is said', async () => {
  const bench = await probeBench();
  const remove = await bench.probe();
  await bench.see('unhealthy', 'unhealthy');
  await bench.database.query(`update kora.incident set opened_at = opened_at - interval '11 minutes'`);
  await bench.probes.closeRemoved();
  expect((await incidentOf(bench, 'shop')).status).toBe('open');
  await remove();
  await bench.probes.closeRemoved();
  expect(await incidentOf(bench, 'shop')).toMatchObject({ status: 'resolved', endedBy: 'probe removed' });
  expect((await titles(bench)).at(-1)).toBe('Closed · shop');
  // Should it come back, it begins anew.
  await bench.probe({ consecutive: 1 });
  await bench.database.query(`update kora.incident set resolved_at = resolved_at - interval '11 minutes'`);
  await bench.see('unhealthy');
  expect(await bench.incidents()).toHaveLength(2);
});

test('an incident whose probe has had nothing to look with for ten minutes is closed, and that nobody looks is said', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('unhealthy', 'unhealthy', 'unconfigured');
  expect((await incidentOf(bench, 'shop')).status).toBe('open');
  bench.clock.jump(600_000);
  await bench.see('unconfigured');
  expect(await incidentOf(bench, 'shop')).toMatchObject({
    status: 'resolved',
    endedBy: 'probe unconfigured',
  });
  expect((await titles(bench)).at(-1)).toBe('Closed · shop');
});

test('an incident of a runtime that never comes back is closed by another after a day, once', async () => {
  const one = await probeBench();
  const gone = await probeBench(one);
  await gone.probe();
  await gone.see('unhealthy', 'unhealthy');
  const third = await probeBench(one);
  const ago = async (hours: number): Promise<void> => {
    await one.database.query(
      `with looked as (update kora.probe_state set checked_at = clock_timestamp() - make_interval(hours => $1))
       update kora.incident set opened_at = clock_timestamp() - make_interval(hours => $1)`,
      [hours],
    );
  };
  await ago(23);
  await one.probes.closeRemoved();
  expect((await incidentOf(one, 'shop')).status).toBe('open');
  await ago(25);
  await Promise.all([one.probes.closeRemoved(), third.probes.closeRemoved()]);
  expect(await incidentOf(one, 'shop')).toMatchObject({ status: 'resolved', endedBy: 'probe removed' });
  const ends = (await one.staged()).filter((type) => type === 'probe.incident_resolved');
  expect(ends).toHaveLength(1);
});

test('of one thing that two runtimes look at, each has its incident and says what the other sees; of the fleet there is one', async () => {
  const one = await probeBench();
  const other = await probeBench(one);
  for (const bench of [one, other]) {
    await bench.probe();
    await bench.probe({ name: 'everywhere', scope: 'fleet' });
  }
  await other.look('shop', 'healthy');
  await one.look('shop', 'unhealthy', 'unhealthy');
  const [told] = await one.messages();
  expect(told?.body).toMatch(/Seen from other runtimes: [0-9a-f]{12} healthy/);
  expect(one.tasks.map(({ scope }) => scope)).toEqual(['runtime', 'fleet']);
  await one.look('everywhere', 'unhealthy');
  await other.look('everywhere', 'unhealthy', 'unhealthy');
  await one.look('everywhere', 'unhealthy');
  const shared = (await one.incidents()).filter(({ probe }) => probe === 'everywhere');
  expect(shared).toMatchObject([{ failures: 4, status: 'open' }]);
});

test('what began together on one host is one storm with a leader, also from another runtime; what shares nothing is not', async () => {
  const one = await probeBench();
  const other = await probeBench(one);
  const probe = (bench: ProbeBench, name: string, host: string): Promise<unknown> =>
    bench.probe({ name, host, consecutive: 1 });
  await probe(one, 'a', 'db-1');
  await probe(one, 'b', 'db-1');
  await probe(one, 'c', 'web-1');
  await probe(other, 'd', 'db-1');
  await Promise.all(['a', 'b', 'c'].map((name) => one.look(name, 'unreachable')));
  await other.look('d', 'unreachable');
  const folds = new Map((await listIncidents(one.database, 1, {})).map((each) => [each.probe, foldOf(each)]));
  const leaders = [...folds].filter(([, { leader }]) => leader).map(([name]) => name);
  expect(leaders).toHaveLength(2);
  expect(leaders).toContain('c');
  const storms = ['a', 'b', 'd'].map((name) => folds.get(name)?.stormId);
  expect(new Set(storms).size).toBe(1);
});

test('the timeline tells in order what happened, who said what, and what others found', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('unhealthy', 'unhealthy', 'unreachable');
  const { incidentId, wakeId } = await incidentOf(bench, 'shop');
  await acknowledgeIncident(bench.database, 1, { ...word, incidentId });
  await noteIncident(bench.database, 1, { incidentId, by: 'operator', reason: 'asked the vendor' });
  await keepTold(bench.database, 1, {
    key: `wake:${wakeId}`,
    thread: `incident:${incidentId}`,
    severity: 'info',
    title: 'Findings',
    body: 'The disk is full.\nNext step: empty it.',
    source: 'probe_investigation',
  });
  await bench.see('healthy', 'healthy', 'unhealthy', 'unhealthy');
  const entries = await bench.timeline(incidentId);
  expect(entries.map(({ kind, by }) => (by === null ? kind : `${kind} by ${by}`))).toEqual([
    'opened',
    'updated',
    'acknowledged by operator',
    'note by operator',
    'investigation',
    'resolved',
    'reopened',
  ]);
  // Who knew of it before does not know of this.
  expect(await incidentOf(bench, 'shop')).toMatchObject({ status: 'open', acknowledgedAt: null });
  const recovery = (await bench.messages()).find(({ title }) => title.includes('Recovered'));
  expect(recovery?.body).toContain('Found: The disk is full.');
  await expect(
    noteIncident(bench.database, 1, { incidentId: 99, by: 'operator', reason: 'x' }),
  ).rejects.toMatchObject({ code: 'KORA_INCIDENT_UNKNOWN' });
});

test('what is known is told soon: an incident opens in few statements (P1)', async () => {
  const { database } = await testDatabase();
  let texts: string[] = [];
  const counting: Database = {
    ...database,
    transaction: (work) =>
      database.transaction((tx) =>
        work({
          ...tx,
          query: (text, values) => {
            texts.push(text);
            return tx.query(text, values);
          },
        }),
      ),
  };
  const bench = await probeBench({ database: counting });
  await bench.probe();
  await bench.probe({ name: 'other' });
  await bench.see('unhealthy');
  texts = [];
  await bench.see('unhealthy');
  expect(await bench.incidents()).toHaveLength(1);
  // The row, the window and the old incident, the new one, the wake, what else fails, the message, the two that let what is
  // critical pass what may wait in its thread, its event, the look.
  expect(texts).toHaveLength(10);
});

test('what fails now so and now so writes one line of it a minute, not one for each look', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('unhealthy', 'unhealthy');
  for (let times = 0; times < 5; times += 1) await bench.see('unreachable', 'unhealthy');
  const { incidentId } = await incidentOf(bench, 'shop');
  const kinds = async (): Promise<string[]> => (await bench.timeline(incidentId)).map(({ kind }) => kind);
  expect(await kinds()).toEqual(['opened', 'updated']);
  await bench.database.query(`update kora.incident_entry set at = at - interval '1 minute'`);
  await bench.see('unreachable');
  expect(await kinds()).toEqual(['opened', 'updated', 'updated']);
});

test('a maintenance window is forgotten long after it ended', async () => {
  const bench = await probeBench();
  await addWindow(bench.database, 1, { probe: null, forMs: 1_000, ...word });
  await bench.database.query(
    `update kora.probe_window set starts_at = starts_at - interval '401 days', ends_at = ends_at - interval '401 days'`,
  );
  await addWindow(bench.database, 1, { probe: 'shop', forMs: 1_000, ...word });
  await pruneWindows(bench.database, 1, 400);
  const left = await bench.database.query('select probe from kora.probe_window');
  expect(left).toEqual([{ probe: 'shop' }]);
});

test('no question about incidents grows with what ever was', async () => {
  const bench = await probeBench();
  const { database } = bench;
  await bench.probe();
  await bench.see('unhealthy', 'unhealthy');
  await database.query(
    `insert into kora.incident (workspace_id, runtime_id, probe, target, category, severity, title, detail, wake_id,
       opened_at, failing_since, failures, resolved_at)
     select 1, runtime_id, 'old-' || n % 50, target, category, severity, title, detail, gen_random_uuid(),
       opened_at - make_interval(hours => n), failing_since, 2, opened_at - make_interval(hours => n - 1)
     from kora.incident, generate_series(1, 20000) n`,
  );
  await database.query('analyze kora.incident');
  const plans: string[] = [];
  const query = async <R extends object>(text: string, values?: readonly unknown[]): Promise<R[]> => {
    const rows = await database.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
    plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
    return [];
  };
  const planned = { ...database, query };
  for (const status of ['open', 'resolved', undefined] as const) await listIncidents(planned, 1, { status });
  const [open] = await bench.incidents();
  if (open === undefined) throw new Error('there is no incident');
  const { failingSince, lastGoodAt } = open;
  const last = { failures: 2, flappingSince: null, shares: ['host:shop'], failingSince, lastGoodAt };
  const again = { ...open, ...last, runtimeId: randomUUID(), wakeId: randomUUID() };
  await reopenIncident(planned, 1, again);
  await openIncident(planned, 1, { ...again, stormId: null, cause: null, eventId: null }).catch(
    () => undefined,
  );
  expect(plans).toHaveLength(5);
  expect(plans.join('\n')).not.toMatch(/Seq Scan on incident\b/);
  expect(plans.join('\n')).not.toMatch(/Sort .*rows=(?:[1-9]\d{3,})/);
});
