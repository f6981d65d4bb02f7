import { describe, expect, it } from 'vitest';
import { at, chainEvent, incident, look, scene } from '../../fixtures/scene.ts';
import { dailyWindow } from './daily-window.ts';
import { flapping } from './flapping.ts';
import { latencySlope } from './latency-slope.ts';
import { recurrence } from './recurrence.ts';
import type { Scene } from './rule.ts';
import { whatChanged } from './what-changed.ts';

const earlier = (incidentId: number, openedAt: string, minutes: number) =>
  incident({
    incidentId,
    openedAt,
    failingSince: openedAt,
    status: 'resolved',
    resolvedAt: new Date(Date.parse(openedAt) + minutes * 60_000).toISOString(),
  });

describe('recurrence', () => {
  it('says that it is the first, but only when the whole record was read', () => {
    expect(recurrence(scene())?.line).toBe('This is its first incident on record.');
    expect(recurrence(scene({ incidentsComplete: false }))).toBeNull();
  });

  it('counts a day and tells how the last one went', () => {
    const incidents = [
      incident(),
      earlier(6, at('09:10:00'), 4),
      earlier(5, at('02:00:00'), 1),
      earlier(4, '2026-11-20T10:00:00.000Z', 1),
    ];
    expect(recurrence(scene({ incidents }))).toEqual({
      rule: 'recurrence',
      line: 'It is the 3rd incident in 24 h; the one before opened at 09:10:00 UTC (unreachable, 4 min long).',
      evidence: { earlier: [6, 5, 4], within24h: 2 },
    });
  });

  it('says how long ago when the day was quiet', () => {
    const incidents = [
      incident(),
      earlier(4, '2026-11-19T10:00:00.000Z', 90),
      incident({ incidentId: 3, probe: 'db' }),
    ];
    expect(recurrence(scene({ incidents }))?.line).toBe(
      'It is the first incident in 24 h; the one before opened at 2026-11-19 10:00:00 UTC (unreachable, 1 h 30 min long).',
    );
  });
});

describe('a timetable', () => {
  const on = (day: number, time: string): ReturnType<typeof earlier> =>
    earlier(day, `2026-11-${day}T${time}.000Z`, 5);

  it('is found over days, also across midnight', () => {
    const incidents = [incident(), on(20, '10:10:00'), on(19, '09:55:00'), on(18, '15:00:00')];
    expect(dailyWindow(scene({ incidents }))).toMatchObject({
      line: 'It also failed within 15 min of 10:02 UTC on 2 other days: something that runs at that hour may be part of it.',
      evidence: { incidents: [20, 19], days: ['2026-11-19', '2026-11-20'] },
    });
    const midnight = incident({ openedAt: at('00:03:00') });
    const around = [midnight, on(19, '23:57:00'), on(18, '23:59:00')];
    expect(dailyWindow(scene({ incident: midnight, incidents: around }))?.evidence['incidents']).toEqual([
      19, 18,
    ]);
  });

  it('is not made of two on one day', () => {
    expect(
      dailyWindow(scene({ incidents: [incident(), on(20, '10:10:00'), on(20, '10:00:00')] })),
    ).toBeNull();
  });
});

describe('flapping', () => {
  it('is four changes within the hour', () => {
    const looks = ['bad', 'good', 'bad', 'good', 'bad', 'good'].map((kind, index) =>
      look(`10:0${2 - Math.floor(index / 3)}:${30 - (index % 3) * 10}`, {
        status: kind === 'bad' ? 'unhealthy' : 'healthy',
      }),
    );
    expect(flapping(scene({ looks }))).toMatchObject({
      line: 'It flaps: 5 changes between good and bad in the last hour, 3 of 6 looks bad.',
      evidence: { changes: 5, bad: 3, looks: 6 },
    });
    expect(flapping(scene({ looks, now: Date.parse(at('14:00:00')) }))).toBeNull();
  });

  it('is not a fault that came and stayed', () => {
    expect(flapping(scene())).toBeNull();
  });
});

describe('a latency slope', () => {
  const timed = (latencies: readonly number[]): Scene =>
    scene({
      looks: latencies.map((latencyMs, index) =>
        look(new Date(Date.parse(at('10:01:40')) - index * 30_000).toISOString().slice(11, 19), {
          latencyMs,
        }),
      ),
    });
  const steady = Array<number>(20).fill(40);

  it('is told with both medians', () => {
    expect(latencySlope(timed([900, 700, 500, 450, 300, ...steady]))?.line).toBe(
      'Answers slowed before it failed: a median of 500 ms in the last 5 looks, 40 ms in the 20 before.',
    );
  });

  it.each([
    ['steady answers', [40, 40, 41, 40, 42, ...steady]],
    ['one slow answer', [900, 40, 40, 40, 40, ...steady]],
    ['a rise that is only noise', [9, 9, 9, 9, 9, ...Array<number>(20).fill(3)]],
    ['too few looks to say', [900, 900, 900, 900, 900, 40, 40]],
  ])('is not made of %s', (_name, latencies) => {
    expect(latencySlope(timed(latencies))).toBeNull();
  });
});

describe('what changed before', () => {
  const readFrom = Date.parse(at('09:00:00'));
  const wantedFrom = Date.parse(at('09:47:10'));
  const after = (...events: Scene['changes']['events']): Scene =>
    scene({ changes: { events, readFrom, wantedFrom } });

  it('names the events, the latest kind first', () => {
    const fact = whatChanged(
      after(
        chainEvent(90, 'kora.hold.cleared', '10:00:00', { hold_cause: 'operator' }),
        chainEvent(80, 'kora.plugin.state_changed', '09:58:00', {
          plugin: 'shop-tools',
          from: 'loaded',
          to: 'degraded',
        }),
      ),
    );
    expect(fact?.line).toBe(
      'In the 15 min before: a hold was cleared (operator) (event 90, 10:00:00 UTC); plugin shop-tools went from loaded to degraded (event 80, 09:58:00 UTC).',
    );
    expect(fact?.evidence).toEqual({ events: [90, 80], complete: true });
  });

  it('tells a boot as one event', () => {
    const fact = whatChanged(
      after(
        chainEvent(10, 'kora.plugin.state_changed', '10:00:00', {
          plugin: 'probes',
          from: 'loading',
          to: 'loaded',
        }),
        chainEvent(11, 'kora.operational_state.transitioned', '10:00:01', {
          from_primary_state: 'booting',
          to_primary_state: 'ready',
        }),
        chainEvent(9, 'kora.boot.smoke', '10:00:00'),
        chainEvent(12, 'kora.boot.ready', '10:00:01', { boot_id: 1, elapsed_ms: 400 }),
        chainEvent(13, 'kora.daemon.started', '10:00:02', { daemon: 'probe_wake', plugin: 'probes' }),
      ),
    );
    expect(fact?.line).toBe('In the 15 min before: Kora booted (event 12, 10:00:01 UTC).');
  });

  it('keeps what went wrong beside a boot', () => {
    const fact = whatChanged(
      after(
        chainEvent(12, 'kora.boot.ready', '10:00:01'),
        chainEvent(13, 'kora.daemon.failed', '10:00:02', { daemon: 'slack_client' }),
        chainEvent(14, 'kora.task.failed', '10:00:03', { task: 'backup.daily' }),
        chainEvent(15, 'kora.plugin.state_changed', '10:00:04', {
          plugin: 'slack',
          from: 'loading',
          to: 'degraded',
        }),
      ),
    );
    expect(fact?.line).toBe(
      'In the 15 min before: plugin slack went from loading to degraded (event 15, 10:00:04 UTC); task backup.daily failed (event 14, 10:00:03 UTC); daemon slack_client failed (event 13, 10:00:02 UTC); and 1 more.',
    );
  });

  it('tells another configuration once, not each step of starting the plugin with it', () => {
    const plugin = { plugin: 'probes' };
    const daemon = { ...plugin, daemon: 'probe_wake' };
    const fact = whatChanged(
      after(
        chainEvent(20, 'kora.plugin.config_changed', '10:00:00', plugin),
        chainEvent(21, 'kora.daemon.stopped', '10:00:01', { ...daemon, cause: 'shutdown' }),
        chainEvent(22, 'kora.plugin.state_changed', '10:00:01', { ...plugin, from: 'loading', to: 'loaded' }),
        chainEvent(23, 'kora.daemon.started', '10:00:01', daemon),
        chainEvent(24, 'kora.daemon.stopped', '10:00:02', { ...daemon, plugin: 'slack', daemon: 'slack' }),
        chainEvent(25, 'kora.daemon.stopped', '10:00:03', { ...daemon, error: 'it hangs' }),
      ),
    );
    expect(fact?.evidence['events']).toEqual([20, 24, 25]);
    expect(fact?.line).toContain('the configuration of plugin probes was changed (event 20, 10:00:00 UTC)');
  });

  it('keeps a daemon that was restarted after the boot', () => {
    const daemon = { daemon: 'probe_wake', plugin: 'probes' };
    const fact = whatChanged(
      after(
        chainEvent(5, 'kora.daemon.stopped', '09:59:59', daemon),
        chainEvent(12, 'kora.boot.ready', '10:00:01'),
        chainEvent(13, 'kora.daemon.started', '10:00:02', { ...daemon, daemon: 'heartbeat_probes' }),
        chainEvent(20, 'kora.daemon.stopped', '10:01:00', daemon),
        chainEvent(21, 'kora.daemon.started', '10:01:01', daemon),
      ),
    );
    expect(fact?.evidence['events']).toEqual([12, 20, 21]);
    expect(fact?.line).toContain('daemon probe_wake started (event 21, 10:01:01 UTC)');
  });

  it('leaves out work going its way', () => {
    const fact = whatChanged(
      after(
        chainEvent(10, 'kora.sea_ticket.resolved', '10:00:00'),
        chainEvent(11, 'probe.wake_requested', '10:00:01'),
        chainEvent(13, 'kora.task.failed', '10:00:02', { task: 'probe.shop' }),
        chainEvent(12, 'kora.operational_state.transitioned', '10:00:02', {
          from_primary_state: 'ready',
          to_primary_state: 'active',
        }),
      ),
    );
    expect(fact?.line).toBe(
      "Kora's own record shows no boot, plugin change, hold or pause in the 15 min before; changes outside Kora are unknown.",
    );
  });

  it('keeps a pause, and a change of permission alone', () => {
    const fact = whatChanged(
      after(
        chainEvent(11, 'kora.operational_state.transitioned', '10:00:02', {
          from_primary_state: 'active',
          to_primary_state: 'paused',
        }),
        chainEvent(12, 'kora.operational_state.transitioned', '10:00:03', {
          from_primary_state: 'ready',
          to_primary_state: 'ready',
          claim_permission: 'critical_only',
        }),
      ),
    );
    expect(fact?.evidence['events']).toEqual([11, 12]);
    expect(fact?.line).toContain(
      'Kora stayed ready with claim permission critical_only (event 12, 10:00:03 UTC, and 1 more of these)',
    );
  });

  it('admits how far it read', () => {
    const changes = { events: [], readFrom: Date.parse(at('09:59:00')), wantedFrom };
    expect(whatChanged(scene({ changes }))?.line).toContain(
      'in the 15 min before (read back to 09:59:00 UTC only);',
    );
  });

  it('says nothing when the beginning is unknown', () => {
    expect(whatChanged(scene({ failingSince: null }))).toBeNull();
  });
});
