import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conformance, createTestRuntime, FakeClock } from '@kora/testkit';
import plugin from '../src/index.ts';

const packageDir = new URL('..', import.meta.url);
const dayMs = 86_400_000;

describe('%%id%%', () => {
  it('registers what package.json declares', async () => {
    await using runtime = await createTestRuntime({ plugin, packageDir });
    assert.equal(runtime.difference, undefined);
  });

  it('counts the days, each count an event', async () => {
    const clock = new FakeClock('2026-12-22T08:00:00Z');
    await using runtime = await createTestRuntime({
      plugin,
      packageDir,
      clock,
      config: { date: '2027-01-01' },
    });
    await runtime.advance(0);
    const [event] = runtime.events.filter(({ type }) => type === '%%prefix%%.counted');
    assert.deepEqual(event?.payload, { date: '2027-01-01', daysLeft: 10 });
  });

  it('tells the operator once, from the day on that they asked for', async () => {
    const clock = new FakeClock('2026-12-22T08:00:00Z');
    const config = { date: '2027-01-01', tellDays: 7, everyMs: dayMs };
    await using runtime = await createTestRuntime({ plugin, packageDir, clock, config });
    await runtime.advance(2 * dayMs);
    assert.equal(runtime.messages.length, 0);
    await runtime.advance(3 * dayMs);
    assert.deepEqual(
      runtime.messages.map(({ title }) => title),
      ['7 days to 2027-01-01'],
    );
  });
});

// What every plugin should hold: it honours signals, leaves nothing behind, survives a process boundary, and more.
describe('conformance', () => {
  for (const { title, run } of conformance(plugin, { packageDir })) it(title, run);
});
