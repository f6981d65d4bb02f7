import { expect, test } from 'vitest';
import type { IncidentRecord } from '../index.ts';
import { probeBench } from '../testing/bench.ts';
import type { ProbeBench } from '../testing/bench.ts';

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

test('what fails with what it needs is a consequence: no wake, no message, and named with the other', async () => {
  const bench = await probeBench();
  await bench.probe({ name: 'db' });
  await bench.probe({ dependsOn: ['db'] });
  bench.set('db', 'unreachable');
  // The first bad look has the database looked at, though nothing else would yet.
  await bench.look('shop', 'unhealthy', 'unhealthy');
  expect(await incidentOf(bench, 'shop')).toMatchObject({
    causedBy: 'db',
    consequenceOf: null,
    toldAt: null,
  });
  expect(await bench.messages()).toEqual([]);
  await bench.look('db', 'unreachable');
  const db = await incidentOf(bench, 'db');
  expect(await incidentOf(bench, 'shop')).toMatchObject({ consequenceOf: db.incidentId });
  const [told, ...others] = await bench.messages();
  expect(told?.body).toContain('Consequences: shop');
  expect(others).toEqual([]);
  expect(await wakes(bench)).toBe(1);
  await bench.look('shop', 'unhealthy', 'healthy', 'healthy');
  await bench.look('db', 'healthy', 'healthy');
  expect(await titles(bench)).toEqual(['🚨 Probe alert · db', '✅ Recovered · db']);
  expect((await bench.messages()).at(-1)?.body).toContain('Consequences: shop (well)');
  expect((await bench.timeline(db.incidentId)).map(({ kind }) => kind)).toEqual([
    'opened',
    'consequence',
    'resolved',
  ]);
});

test('what many need is looked at once for all that fail with it, and no more once it is known to be broken', async () => {
  const bench = await probeBench();
  let looks = 0;
  const down = { status: 'unreachable', details: {}, error: 'refused' } as const;
  const check = () => {
    looks += 1;
    return Promise.resolve(down);
  };
  await bench.probe({ name: 'db', check });
  const children = Array.from({ length: 12 }, (_, n) => `web-${n}`);
  for (const name of children)
    await bench.probe({ name, dependsOn: ['db'], check: () => Promise.resolve(down) });
  await Promise.all(children.map((name) => bench.probes.runNow(name)));
  // The two that open its incident, and one that was asked for before it was open.
  expect(looks).toBeLessThanOrEqual(3);
  await bench.probes.runNow('db');
  await bench.probe({ name: 'late', dependsOn: ['db'], check: () => Promise.resolve(down) });
  const before = looks;
  await bench.probes.runNow('late');
  expect(looks).toBe(before);
});

test('a consequence that outlives its cause is told then, with a wake of its own', async () => {
  const bench = await probeBench();
  await bench.probe({ name: 'db' });
  await bench.probe({ dependsOn: ['db'] });
  await bench.look('db', 'unreachable', 'unreachable');
  await bench.look('shop', 'unhealthy', 'unhealthy');
  expect(await titles(bench)).toEqual(['🚨 Probe alert · db']);
  await bench.look('db', 'healthy', 'healthy');
  expect((await bench.messages()).at(-1)?.body).toContain('Consequences: shop (still fails)');
  await bench.look('shop', 'unhealthy');
  const last = (await bench.messages()).at(-1);
  expect(last).toMatchObject({ title: '🚨 Probe alert · shop' });
  expect(last?.body).toContain('It failed together with db');
  expect(await wakes(bench)).toBe(2);
  await bench.look('shop', 'unhealthy', 'healthy', 'healthy');
  expect((await titles(bench)).at(-1)).toBe('✅ Recovered · shop');
});

test('probes that need each other are refused, with the way round', async () => {
  const bench = await probeBench();
  await bench.probe({ name: 'db', dependsOn: ['shop'] });
  await expect(bench.probe({ dependsOn: ['db'] })).rejects.toMatchObject({
    code: 'KORA_PROBE_CYCLE',
    message: 'probe shop needs itself: shop needs db needs shop',
  });
});

test('what is merely degraded does not explain what is down; what is down explains both', async () => {
  const bench = await probeBench();
  await bench.probe({ name: 'db' });
  await bench.probe({ dependsOn: ['db'] });
  await bench.probe({ name: 'cart', dependsOn: ['db'] });
  await bench.look('db', 'degraded', 'degraded');
  await bench.look('cart', 'degraded', 'degraded');
  await bench.look('shop', 'unreachable', 'unreachable');
  expect(await incidentOf(bench, 'cart')).toMatchObject({ causedBy: 'db', toldAt: null });
  expect(await incidentOf(bench, 'shop')).toMatchObject({ causedBy: null });
  expect(await titles(bench)).toEqual(['⚠️ Probe alert · db', '🚨 Probe alert · shop']);
});

test('what needs it and has only begun to fail is named as its consequence, and not as something else', async () => {
  const bench = await probeBench();
  await bench.probe({ name: 'db' });
  await bench.probe({ dependsOn: ['db'] });
  await bench.probe({ name: 'mail' });
  await bench.look('mail', 'unreachable');
  await bench.look('db', 'unreachable');
  await bench.look('shop', 'unhealthy');
  const [told] = await bench.messages();
  expect(told?.title).toBe('🚨 Probe alert · db');
  expect(told?.body).toContain('Also failing: mail (unreachable)');
  expect(told?.body).toContain('Consequences: shop');
});

test('a consequence that ended and came back alone says that it failed on and off', async () => {
  const bench = await probeBench();
  await bench.probe({ name: 'db' });
  await bench.probe({ dependsOn: ['db'] });
  await bench.look('db', 'unreachable', 'unreachable');
  await bench.look('shop', 'unhealthy', 'unhealthy', 'healthy', 'healthy');
  await bench.look('db', 'healthy', 'healthy');
  await bench.look('shop', 'unhealthy', 'unhealthy');
  const last = (await bench.messages()).at(-1);
  expect(last).toMatchObject({ title: '🚨 Probe alert · shop' });
  expect(last?.body).toContain('Failing on and off since 2026-01-01T00:00:20.000Z (4 looks)');
  expect(await wakes(bench)).toBe(2);
});
