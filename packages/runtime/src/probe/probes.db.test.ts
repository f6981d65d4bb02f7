import { expect, test } from 'vitest';
import { hold } from '../admission/testing/scene.ts';
import { acknowledgeIncident, findIncident, pruneHistory, readHistory } from './index.ts';
import type { ProbeSnapshot } from './index.ts';
import { probeBench } from './testing/bench.ts';

test('two bad looks open one incident with one message and one wake, in one transaction', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('healthy', 'unhealthy');
  expect(await bench.incidents()).toEqual([]);
  await bench.see('unhealthy', 'unhealthy');
  expect(await bench.incidents()).toMatchObject([
    {
      probe: 'shop',
      severity: 'critical',
      category: 'service_unhealthy',
      status: 'open',
      failures: 3,
      failingSince: '2026-01-01T00:00:10.000Z',
      lastGoodAt: '2026-01-01T00:00:00.000Z',
    },
  ]);
  expect(await bench.messages()).toMatchObject([{ title: '🚨 Probe alert · shop', severity: 'critical' }]);
  const events = await bench.staged();
  expect(events.filter((type) => type === 'probe.status_changed')).toHaveLength(2);
  expect(events.filter((type) => type === 'probe.wake_requested')).toHaveLength(1);
});

test('two good looks resolve it with a recovery message in its thread', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('unhealthy', 'unhealthy', 'healthy');
  expect((await bench.incidents())[0]?.status).toBe('open');
  await bench.see('healthy');
  const [incident] = await bench.incidents();
  expect(incident).toMatchObject({ status: 'resolved', failures: 2 });
  const messages = await bench.messages();
  expect(messages.map(({ title }) => title)).toEqual(['🚨 Probe alert · shop', '✅ Recovered · shop']);
  expect(new Set(messages.map(({ thread }) => thread)).size).toBe(1);
});

test('the same failure within ten minutes goes on in its thread, and its second recovery is told too', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('unhealthy', 'unhealthy', 'healthy', 'healthy');
  await bench.see('unhealthy', 'unhealthy', 'healthy', 'healthy');
  expect(await bench.incidents()).toMatchObject([
    { status: 'resolved', failures: 4, reopened: 1, lastGoodAt: '2026-01-01T00:00:30.000Z' },
  ]);
  const messages = await bench.messages();
  expect(messages.at(-1)?.body).toContain('4 looks failed, and it came back once.');
  expect(messages.map(({ title }) => title.split(' ')[1])).toEqual([
    'Probe',
    'Recovered',
    'Failing',
    'Recovered',
  ]);
  expect(new Set(messages.map(({ thread }) => thread)).size).toBe(1);
  expect((await bench.staged()).filter((type) => type === 'probe.wake_requested')).toHaveLength(1);
});

test('a failure after ten minutes, or of another kind, is another incident', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('unhealthy', 'unhealthy', 'healthy', 'healthy');
  await bench.see('unreachable', 'unreachable', 'healthy', 'healthy');
  await bench.database.query(`update kora.incident set resolved_at = resolved_at - interval '11 minutes'`);
  await bench.see('unreachable', 'unreachable');
  expect((await bench.incidents()).map(({ category }) => category)).toEqual([
    'unreachable',
    'unreachable',
    'service_unhealthy',
  ]);
});

test('degraded is a warning; a probe may say how bad its failure is', async () => {
  const bench = await probeBench();
  const off = await bench.probe();
  await bench.see('degraded', 'degraded', 'healthy', 'healthy');
  await off();
  await bench.database.query(`update kora.incident set resolved_at = resolved_at - interval '11 minutes'`);
  await bench.probe({ severity: 'info', consecutive: 1 });
  await bench.see('unhealthy');
  expect((await bench.incidents()).map(({ severity }) => severity)).toEqual(['info', 'warning']);
});

test('unconfigured never alerts', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('unconfigured', 'unconfigured', 'unconfigured');
  expect(await bench.incidents()).toEqual([]);
});

test.each([
  ['throws', () => Promise.reject(new Error('ECONNREFUSED')), /^ECONNREFUSED$/],
  [
    'throws outside its promise',
    () => {
      throw new Error('bug');
    },
    /^bug$/,
  ],
  ['answers nothing', () => Promise.resolve(undefined), /^the probe answered nonsense/],
  ['answers an unknown status', () => Promise.resolve({ status: 'fine', details: {} }), /nonsense.*status/s],
  [
    'answers a latency that is no number',
    () => Promise.resolve({ status: 'healthy', details: {}, latencyMs: Number.NaN }),
    /latencyMs/,
  ],
] as const)('a probe that %s is unreachable with the reason', async (_, check, error) => {
  const bench = await probeBench();
  await bench.probe({ check: check as () => Promise<ProbeSnapshot> });
  const state = await bench.probes.runNow('shop');
  expect(state.status).toBe('unreachable');
  expect(state.error).toMatch(error);
});

test('a probe that hangs is unreachable after its time', async () => {
  const bench = await probeBench();
  await bench.probe({ timeoutMs: 2_000, check: () => new Promise(() => undefined) });
  const looked = bench.probes.runNow('shop');
  await bench.clock.advance(2_000);
  expect(await looked).toMatchObject({
    status: 'unreachable',
    error: 'probe shop did not finish within 2000 ms',
  });
});

test('a long error is cut, and text that the store cannot hold is kept with its stand-ins', async () => {
  const bench = await probeBench();
  const error = `\0${'x'.repeat(5_000)}`;
  await bench.probe({ check: () => Promise.resolve({ status: 'degraded', details: { raw: '\0' }, error }) });
  const state = await bench.probes.runNow('shop');
  expect(state).toMatchObject({ status: 'degraded', details: { raw: '\ufffd' } });
  expect(state.error).toHaveLength(2_000);
});

test('when many things fail at once, each has its incident', async () => {
  const bench = await probeBench();
  const names = Array.from({ length: 25 }, (_, n) => `p${n}`);
  for (const name of names)
    await bench.probe({
      name,
      consecutive: 1,
      check: () => Promise.resolve({ status: 'unreachable', details: {} }),
    });
  await Promise.all(names.map((name) => bench.probes.runNow(name)));
  expect(await bench.incidents()).toHaveLength(25);
  expect(await bench.messages()).toHaveLength(25);
});

test('two looks at once are folded one after the other', async () => {
  const bench = await probeBench();
  await bench.probe({ check: () => Promise.resolve({ status: 'unreachable', details: {} }) });
  await Promise.all([1, 2, 3].map(() => bench.probes.runNow('shop')));
  expect(await bench.incidents()).toMatchObject([{ failures: 3 }]);
});

test('a look is repeated on its cadence, while paused too', async () => {
  const bench = await probeBench();
  await bench.probe({ everyMs: 30_000 });
  expect(bench.tasks).toMatchObject([
    { name: 'probe.shop', cadence: { everyMs: 30_000 }, purpose: 'observe', scope: 'runtime' },
  ]);
});

test.each([
  ['no name', { name: 'a b' }, /not a probe name/],
  ['a cadence too short', { everyMs: 99 }, /everyMs/],
  ['no looks in a row', { consecutive: 0 }, /consecutive/],
  ['no end to a look', { timeoutMs: Number.POSITIVE_INFINITY }, /timeoutMs/],
])('a probe with %s is refused', async (_, spec, why) => {
  const bench = await probeBench();
  await expect(bench.probe(spec)).rejects.toThrow(why);
});

test('a second probe of one name is refused, and a probe nobody knows cannot be run', async () => {
  const bench = await probeBench();
  await bench.probe();
  await expect(bench.probe()).rejects.toMatchObject({ code: 'KORA_PROBE_DUPLICATE' });
  await expect(bench.probes.runNow('ghost')).rejects.toMatchObject({ code: 'KORA_PROBE_UNKNOWN' });
});

test('a look that is asked for out of turn goes by the door of its task: on under a hold, no more in a process that is killed', async () => {
  const bench = await probeBench();
  let looks = 0;
  await bench.probe({
    check: () => {
      looks += 1;
      return Promise.resolve({ status: 'healthy', details: {} });
    },
  });
  bench.move({ holds: [hold('operator')] });
  await bench.probes.runNow('shop');
  bench.move({ killed: true });
  await expect(bench.probes.runNow('shop')).rejects.toMatchObject({ code: 'KORA_ADMISSION_DENIED' });
  expect(looks).toBe(1);
});

test('an acknowledgement keeps its first time', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('unhealthy', 'unhealthy');
  const ack = { incidentId: 1, by: 'operator', reason: 'known' };
  const first = await acknowledgeIncident(bench.database, 1, ack);
  expect(first.acknowledgedAt).not.toBeNull();
  expect((await acknowledgeIncident(bench.database, 1, ack)).acknowledgedAt).toBe(first.acknowledgedAt);
  await expect(findIncident(bench.database, 1, 99)).rejects.toMatchObject({ code: 'KORA_INCIDENT_UNKNOWN' });
});

test('past looks are kept newest first, until they are forgotten', async () => {
  const bench = await probeBench();
  await bench.probe();
  await bench.see('healthy', 'unhealthy', 'healthy');
  const history = await readHistory(bench.database, 1, { probe: 'shop', limit: 2 });
  expect(history.map(({ status }) => status)).toEqual(['healthy', 'unhealthy']);
  await bench.database.query(
    `update kora.probe_result set at = clock_timestamp() - (timestamptz '2026-01-01T00:00:20Z' - at) * 900`,
  );
  // Ages are now five hours, two and a half, and none.
  await pruneHistory(bench.database, 1, 3);
  expect(await readHistory(bench.database, 1, { probe: 'shop' })).toHaveLength(2);
});
