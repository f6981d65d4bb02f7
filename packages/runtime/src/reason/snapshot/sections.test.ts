import { describe, expect, it, test } from 'vitest';
import type { SnapshotSection } from './contract.ts';
import { sections } from './sections/all.ts';
import { noonMs, sampleSections, sampleSnapshot } from './testing/whole.ts';

const { signal } = new AbortController();
const read = async (section: SnapshotSection): Promise<unknown> =>
  section.schema.parse(await section.read(signal));
const ago = (ms: number): string => new Date(noonMs - ms).toISOString();

test('each section has a name of its own, and says nothing that its schema does not know', async () => {
  const all = sampleSections();
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  for (const section of all) expect(await section.read(signal), section.name).toEqual(await read(section));
});

test('a house in ordinary use, in a sentence a section', async () => {
  const snapshot = await sampleSnapshot();
  const summaries = Object.entries(snapshot).flatMap(([name, body]) =>
    typeof body === 'object' && body !== null && 'summary' in body
      ? [`${name}: ${String(body.summary)}`]
      : [],
  );
  expect(summaries).toEqual([
    'operational_state: paused (stop L1; operator: deploying), degraded by cost',
    'alerts: 5 open: shop (critical, unreachable) and 4 more',
    "cost_ladder: 75.3 % of the month's pool is spent, rung warn_75, models: one tier down",
    'tickets: 8 open: 4 queued, 2 in progress, 1 deferred, 3 failed or blocked',
    'service_health: 1 of 2 watched fail: Shop (unreachable)',
    'cost_telemetry: $3.40 for 12 calls in the last 24 hours, $150.50 for 400 calls this month',
    'daemon_health: degraded (daemon inbox is failed), 1 of 2 daemons are down: inbox (failed)',
    'chain: 412 events, proven through #410',
    'schedule: next digest at 12:00:30, kora.upkeep at 12:01:30 UTC; late: digest; failed last: digest',
    'waiting: for you: 1 approval, 2 blocked tickets',
  ]);
});

test('and a house in which nothing is wrong', async () => {
  const quiet = [
    sections.operationalState(() => ({
      primaryState: 'ready',
      claimPermission: 'normal',
      since: ago(1),
      degradationReasons: [],
      stopLevel: 0,
      holds: [],
    })),
    sections.alerts(() => Promise.resolve({ groups: [], newest: [] })),
    sections.serviceHealth(
      () => Promise.resolve([]),
      () => noonMs,
    ),
    sections.schedule(() => Promise.resolve([])),
    sections.waiting(() => Promise.resolve({ approvals: 0, blockedTickets: 0, unacknowledgedIncidents: 0 })),
  ];
  const said = await Promise.all(
    quiet.map(async (section) => ((await read(section)) as { summary: string }).summary),
  );
  expect(said).toEqual([
    'ready',
    'no incident is open',
    'nothing is watched',
    'no task is due',
    'nothing waits for you',
  ]);
});

it('tells the hard stop as what it leaves: no model at all (state defect 30)', async () => {
  const ladder = sections.costLadder(() =>
    Promise.resolve({
      rung: 'hard_stop_100',
      effectiveTier: 'none (halted)',
      spentUsd: 201,
      poolUsd: 200,
      reservedUsd: 0,
      period: '2026-11-01',
      endsAt: ago(-1),
      deferredTickets: 0,
    }),
  );
  expect(await read(ladder)).toMatchObject({
    effective_tier: 'none (halted)',
    remaining_usd: 0,
    monthly_budget_pct_used: 100.49999999999999,
  });
});

describe('a service', () => {
  const said: unknown = expect.stringMatching(/^shop is healthy, looked at/);
  const look = (checkedAt: string | null, everyMs = 30_000, status: string | null = 'healthy') =>
    read(
      sections.serviceHealth(
        () => Promise.resolve([{ name: 'shop', status, checkedAt, everyMs }]),
        () => noonMs,
      ),
    );
  it.each([
    ['looked at just now', ago(0), 30_000, 'healthy'],
    ['within three looks', ago(90_000), 30_000, 'healthy'],
    ['after three looks', ago(90_001), 30_000, 'unknown'],
    ['looked at often, within a minute', ago(60_000), 100, 'healthy'],
    ['looked at often, after a minute', ago(60_001), 100, 'unknown'],
    ['looked at daily, within ten minutes', ago(600_000), 86_400_000, 'healthy'],
    ['looked at daily, after ten minutes', ago(600_001), 86_400_000, 'unknown'],
    ['looked at in the future', ago(-1), 30_000, 'unknown'],
    ['never looked at', null, 30_000, 'unknown'],
  ])('%s', async (_, checkedAt, everyMs, status) => {
    expect(await look(checkedAt, everyMs)).toMatchObject({
      services: { shop: status },
      unknown: status === 'unknown' ? 1 : 0,
      said: { shop: status === 'unknown' ? null : said },
    });
  });

  it('that nobody set up is no failure', async () => {
    expect(await look(ago(0), 30_000, 'unconfigured')).toMatchObject({ failing: 0, healthy: 0, unknown: 0 });
  });
});

it.each([
  [59_999, '0 min'],
  [3_700_000, '1 h 1 min'],
  [90_000_000, '1 d 1 h'],
])('has been up for %i ms', async (uptimeMs, uptime) => {
  const section = sections.daemonHealth(() =>
    Promise.resolve({
      bootAt: ago(uptimeMs),
      uptimeMs,
      version: '1',
      overall: 'healthy',
      reason: null,
      daemons: [],
    }),
  );
  expect(await read(section)).toMatchObject({ uptime });
});
