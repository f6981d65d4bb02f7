import { describe, expect, it } from 'vitest';
import { incidentRow, probeRow, stageNow, before } from '../../stage/rows.ts';
import { alertRow } from '../../stage/watched.ts';
import { cellsOf } from './looks.ts';
import { allIsWell, quietView, troublesOf, unwatched } from './trouble.ts';
import { cameTo, stepsOf, type WakeRow } from './wake-steps.ts';

describe('what is wrong', () => {
  it('is one list: open and unanswered first, an incident and its alert once', () => {
    const rows = troublesOf(
      [
        incidentRow({ incidentId: 1, acknowledgedAt: before(5) }),
        incidentRow({ incidentId: 2, status: 'resolved' }),
      ],
      [alertRow(), alertRow({ alertId: 5, incidentId: 1 }), alertRow({ alertId: 6, returns: 3 })],
      stageNow,
    );
    expect(rows.map((row) => row.href)).toEqual(['/alerts/4', '/alerts/6', '/incidents/1', '/incidents/2']);
    expect(rows.map((row) => row.substatus)).toEqual(['new', 'regressed', 'new', 'resolved']);
  });

  it('was seen last when its probe looked last, as long as it goes on', () => {
    const probes = [probeRow({ name: 'shop', checkedAt: before(8) })];
    const incidents = [
      incidentRow({ incidentId: 1, probe: 'shop' }),
      incidentRow({ incidentId: 2, probe: 'shop', status: 'resolved' }),
      incidentRow({ incidentId: 3, probe: 'gone' }),
    ];
    const seen = new Map(
      troublesOf(incidents, [], stageNow, probes).map((row) => [row.id, row.lastSeenAt] as const),
    );
    expect([seen.get(1), seen.get(2), seen.get(3)]).toEqual([before(8), null, null]);
  });

  it('is nothing only while every probe is looked at', () => {
    const ready = { state: 'ready', at: 1 } as const;
    const seen = probeRow({ checkedAt: before(8), everyMs: 5_000 });
    const gone = probeRow({ name: 'gone', checkedAt: before(600), everyMs: 5_000 });
    expect(quietView(ready, true, unwatched([seen], stageNow))).toEqual({ state: 'empty', at: 1 });
    expect(quietView(ready, true, unwatched([seen, gone], stageNow))).toMatchObject({
      state: 'stale',
      asOf: before(600),
      wasEmpty: true,
    });
    expect(quietView(ready, false, gone)).toBe(ready);
    expect(allIsWell([seen], stageNow)).toContain('all 1 probes are healthy; last look 8 s ago');
  });
});

describe('the steps of a wake', () => {
  const wake: WakeRow = {
    wakeId: 'wake-12',
    seq: 7,
    at: before(9),
    probe: 'shop',
    category: 'unreachable',
    severity: 'critical',
    incidentId: 12,
    debounced: null,
    investigated: { ticketId: 41, runId: 'run-1', route: 'frontier', outcome: 'ok', costMicroUsd: 12_000 },
    told: { messageId: 7, channel: 'inbox', status: 'delivered', why: null },
  };

  it('tell held back, investigated, fallback and not told apart', () => {
    expect(stepsOf(wake).map((step) => [step.word, step.tone])).toEqual([
      ['#7', 'ready'],
      ['not held back', 'ready'],
      ['ok', 'ready'],
      ['told', 'ready'],
    ]);
    expect(stepsOf(wake)[2]?.href).toBe('/reasoning/run-1');
    const held = { ...wake, debounced: { count: 7, nextEligibleAt: null }, investigated: null, told: null };
    expect(stepsOf(held).map((step) => step.word)).toEqual([
      '#7',
      'held back',
      'nobody was asked',
      'nothing to tell',
    ]);
    const untold = {
      ...wake,
      told: { messageId: null, channel: null, status: 'not_told', why: 'no channel' },
    } as const;
    expect(stepsOf(untold)[3]).toMatchObject({ tone: 'stopped', detail: 'no channel' });
    const ends = (['failed', 'not_told', 'held', 'not_owed', 'fallback', 'pending'] as const).map(
      (status) => {
        const told = { messageId: null, channel: 'pager', status, why: 'refused' };
        return stepsOf({ ...wake, told })[3];
      },
    );
    expect(ends.map((step) => [step?.word, step?.tone, step?.detail])).toEqual([
      ['operator not told', 'stopped', 'over pager: refused'],
      ['operator not told', 'stopped', 'refused'],
      ['told later', 'dim', 'refused'],
      ['nobody was to be told', 'dim', 'refused'],
      ['fallback sent', 'paused', 'over pager: refused'],
      ['on its way', 'active', 'over pager'],
    ]);
    expect([cameTo(untold, 'not_told'), cameTo(untold, 'debounced'), cameTo(untold, '')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

it('draws a look as tall as it was slow, and a failed one without a time in full', () => {
  const cells = cellsOf({
    probe: 'shop',
    looks: [
      { at: before(20), status: 'healthy', latencyMs: 10, error: null },
      { at: before(10), status: 'degraded', latencyMs: 100, error: null },
      { at: before(0), status: 'unreachable', latencyMs: null, error: 'refused' },
    ],
    p50Ms: 10,
    p95Ms: 100,
  });
  expect(cells.map((cell) => [cell.tone, cell.height])).toEqual([
    ['ready', 0.25],
    ['paused', 1],
    ['stopped', 1],
  ]);
  expect(cells[2]?.text).toContain('unreachable: refused');
});
