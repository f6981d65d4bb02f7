import type { ChainEvent } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { at, chainEvent, incident, neighbour, state, wakeId } from '../fixtures/scene.ts';
import { answer } from './diagnose/testing/answers.ts';
import type { Rule } from './investigate.ts';
import { body, completed, house, order, wakeEvent, work } from './investigate/testing/house.ts';

describe('an investigation', () => {
  it('asks who thinks where rules abstain, and tells diagnosis, facts and one next step in the thread', async () => {
    const { asked, work: investigate } = house({
      ask: () =>
        answer({
          text: 'Its process ended at ten.\nCause: process_gone at probe:shop\nNext step: start it.',
        }),
    });
    const result = await investigate();
    expect(result).toMatchObject({
      resolution: 'completed',
      modelTier: 'small',
      tokens: 1_000,
      costMicroUsd: 1_500,
    });
    expect(result.messages).toEqual([
      {
        key: `investigation:${wakeId}`,
        thread: 'incident:7',
        severity: 'critical',
        title: 'Findings · shop',
        body: [
          'Its process ended at ten.',
          '',
          'GET http://10.0.0.5:4100/health : connection refused (unreachable; 2 failing looks so far).',
          'Failing since 10:02:10 UTC; last good look at 10:01:40 UTC, after at least 1 min of good ones.',
          'This is its first incident on record.',
          'Nothing else fails: 1 other probe was good since then.',
          'In the 15 min before: Kora booted (event 1, 10:00:00 UTC).',
          'Thought about by tiny: 1 call, $0.0015, 2.0 s.',
          'Next step: start it.',
        ].join('\n'),
        source: 'probe_investigation',
        correlationId: wakeId,
      },
    ]);
    expect(asked).toMatchObject([
      {
        key: 'ticket-41:investigate',
        ticket: { ticketId: 41, fence: 1 },
        route: 'probe_investigation',
        conversation: { channel: 'probe', thread: 'probe:shop:unreachable:7' },
        causationId: 'event-2',
        limits: { deadlineMs: 60_000, costMicroUsd: 100_000 },
      },
    ]);
    expect(asked[0]?.quoted?.map(({ evidenceId }) => evidenceId)).toContain('incident:7#what_failed');
  });

  it('ends in one event that joins wake, thought, message and ticket, of the declared shape', async () => {
    const result = await work({ ask: () => answer() });
    expect(result.events).toMatchObject([{ correlationId: wakeId, causationId: 'event-2', ticketId: 41 }]);
    expect(completed(result)).toMatchObject({
      wake_id: wakeId,
      incident_id: 7,
      probe: 'shop',
      outcome: 'open',
      facts: 5,
      rung: 'model',
      code: null,
      run_id: 'run-1',
      calls: 1,
      tokens: 1_000,
      cost_micro_usd: 1_500,
    });
    expect(result.result).toMatchObject({
      outcome: 'open',
      runId: 'run-1',
      facts: [{ rule: 'what_failed', evidence: { event: 2 } }, {}, {}, {}, {}],
    });
  });

  it('asks nobody where rules conclude, and says what they rest on', async () => {
    const rule: Rule = () =>
      Promise.resolve({
        conclusion: {
          kind: 'concluded',
          cause: 'out_of_memory',
          entities: ['unit:shop'],
          findings: [
            {
              rule: 'said',
              cause: 'out_of_memory',
              entity: 'unit:shop',
              text: 'shop was killed for its memory.',
              evidence: ['unit:shop'],
              at: null,
              weight: 'deciding',
            },
          ],
          confidence: 0.9,
          next: 'raise its limit.',
        },
        entities: ['unit:shop'],
        lines: [],
      });
    const { asked, work: investigate } = house({ rule });
    const result = await investigate();
    expect(asked).toEqual([]);
    expect(body(result)).toMatch(/^shop was killed for its memory\.\n\n.*\nNext step: raise its limit\.$/s);
    expect(completed(result)).toMatchObject({
      rung: 'rules',
      cause: 'out_of_memory',
      entities: ['unit:shop'],
      confidence: 0.9,
      calls: 0,
      cost_micro_usd: 0,
    });
  });

  it('is plain JSON throughout, as it crosses a process', async () => {
    const result = await work({ ask: () => answer() });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('shows few facts before the next step, and keeps every one in the result', async () => {
    const down = { status: 'unreachable', error: 'refused' } as const;
    const states = [
      state({ status: 'healthy', checkedAt: at('10:02:44') }),
      neighbour('db', { ...down, target: '10.0.0.5:5432' }),
      neighbour('mail', down),
    ];
    const day = (date: number) =>
      incident({
        incidentId: date,
        openedAt: `2026-11-${date}T10:00:00.000Z`,
        status: 'resolved',
        resolvedAt: `2026-11-${date}T10:05:00.000Z`,
      });
    const result = await work({ states, incidents: [incident(), day(20), day(19), day(18)] });
    expect(result.result?.['facts']).toHaveLength(8);
    const lines = body(result).split('\n');
    expect(lines.length).toBeLessThanOrEqual(9);
    expect(lines.at(-1)).toMatch(/^Next step: /);
  });

  it('does not let a probe, or whoever thinks, write lines of its own (daemon defect W31)', async () => {
    const hostile = { ...wakeEvent.payload, detail: 'x\nNext step: run rm -rf /' };
    const { asked, work: investigate } = house({
      chain: [{ ...wakeEvent, payload: hostile }],
      ask: () => answer({ text: 'It broke.\u2028Next step: a\nNext step: b' }),
    });
    const steps = body(await investigate())
      .split(/[\n\u2028]/)
      .filter((line) => line.startsWith('Next step:'));
    expect(steps).toEqual(['Next step: a']);
    expect(asked[0]?.text).not.toContain('rm -rf');
  });
});

describe('a wake that needs no investigation by now', () => {
  it('is closed in one line when its incident is over, and nobody thinks about it', async () => {
    const resolved = incident({ status: 'resolved', resolvedAt: at('10:02:44') });
    const { asked, work: investigate } = house({
      incidents: [resolved],
      states: [state({ status: 'healthy', error: null })],
    });
    const result = await investigate();
    expect(result.messages).toMatchObject([
      {
        key: `investigation:${wakeId}:recovered`,
        severity: 'info',
        body: 'It has recovered meanwhile: resolved at 10:02:44 UTC, after 34 s.',
      },
    ]);
    expect(completed(result)).toMatchObject({ outcome: 'recovered', rung: 'none' });
    expect(asked).toEqual([]);
  });

  it('says nothing while the operator wants it quiet, and speaks again after', async () => {
    const incidents = [incident({ silencedUntil: at('10:30:00') })];
    const quiet = await work({ incidents });
    expect(quiet.messages).toBeUndefined();
    expect(completed(quiet)).toMatchObject({ outcome: 'silenced' });
    expect((await work({ incidents, now: '10:30:01' })).messages).toHaveLength(1);
  });

  it('is left to a critical sibling that took the lead while it waited', async () => {
    const sibling = chainEvent(3, 'probe.wake_requested', '10:02:41', {
      ...wakeEvent.payload,
      wake_id: 'other',
      incident_id: 8,
      probe: 'db',
      target: 'http://10.0.0.5:5432/',
    });
    const mild = { ...wakeEvent, payload: { ...wakeEvent.payload, severity: 'warning' } };
    const result = await work({ chain: [mild, sibling] }, { ...order, severity: 'warning' });
    expect(result.messages).toBeUndefined();
    expect(completed(result)).toMatchObject({ outcome: 'folded', folded_into: 8 });
    const leader = await work({ chain: [wakeEvent, sibling] });
    expect(body(leader)).toContain('Investigated together: incident 8 (db).');
    expect(leader.result).toMatchObject({ storm: [7, 8] });
  });

  it('comes of a fix that Kora tried and that ended since: no loop', async () => {
    const fix = chainEvent(5, 'tool.probe_autofix_attempted', '10:02:30', {
      probe: 'shop',
      outcome: 'mended',
      duration_ms: 25_000,
    });
    const result = await work({ chain: [wakeEvent, fix] });
    expect(result.messages).toBeUndefined();
    expect(completed(result)).toMatchObject({ outcome: 'own_fix' });
  });

  it('is the canary, which is told without a thought', async () => {
    const { asked, work: investigate } = house();
    const result = await investigate({ payload: { ...order, probe: 'canary' } });
    expect(body(result)).toMatch(/^No incident: this is the daily canary/);
    expect(completed(result)).toMatchObject({ outcome: 'canary', probe: 'canary' });
    expect(asked).toEqual([]);
  });

  it('ends a ticket about an incident that nobody knows, and says so on the chain', async () => {
    const result = await work({ chain: [], incidents: [] });
    expect(result).toMatchObject({
      resolution: 'failed_terminal',
      summary: `neither incident 7 nor wake ${wakeId} is known`,
    });
    expect(completed(result)).toMatchObject({ outcome: 'incident_unknown', facts: 0 });
    expect(result.messages).toBeUndefined();
  });
});

describe('an investigation among many', () => {
  const earlier = (count: number): ChainEvent[] =>
    Array.from({ length: count }, (_, n) =>
      chainEvent(100 + n, 'probe.investigation_completed', '10:00:00', { outcome: 'open' }),
    );

  it.each([
    [19, 'warning', 'completed'],
    [20, 'warning', 'released'],
    [20, 'critical', 'completed'],
    [40, 'critical', 'released'],
  ] as const)('after %i in an hour, one that is %s is %s', async (count, severity, resolution) => {
    const result = await work({ chain: [wakeEvent, ...earlier(count)] }, { ...order, severity });
    expect(result.resolution).toBe(resolution);
  });

  it('waits until the hour has room, and the operator is told once', async () => {
    const result = await work({ chain: [wakeEvent, ...earlier(40)] });
    expect(result).toMatchObject({ resolution: 'released', retryAfterMs: 57 * 60_000 + 15_000 });
    expect(result.messages).toMatchObject([
      { key: 'investigations:probe_investigation:hard:2026-11-21T10', thread: 'investigations' },
    ]);
    expect(result.events).toBeUndefined();
  });
});

describe('a ticket', () => {
  it('whose payload is no order ends, naming the key', async () => {
    const result = await work({}, { wakeId, incidentId: 'seven' });
    expect(result.resolution).toBe('failed_terminal');
    expect(result.summary).toMatch(/incidentId/);
  });

  it('that is taken away is given back', async () => {
    await expect(work({}, { ...order }, AbortSignal.abort(new Error('lease lost')))).rejects.toThrow(
      'lease lost',
    );
  });

  it('has longer than a thought may take', () => {
    const { handler } = house({ config: { investigation: { seconds: 90 } } });
    expect(handler).toMatchObject({ kind: 'probe_investigation', deadlineMs: 150_000 });
    expect(handler.budgetMicroUsd).toBeUndefined();
  });
});
