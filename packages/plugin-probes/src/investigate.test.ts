import type { ChainEvent, Incident, ProbeState, TicketResult, TicketWork } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import {
  at,
  chainEvent,
  incident,
  look,
  neighbour,
  scene,
  state,
  target,
  wakeId,
} from '../fixtures/scene.ts';
import { investigationCompleted } from './events.ts';
import { investigator } from './investigate.ts';

const order = { ...scene().order, wakeSeq: 2 };
const wakeEvent = chainEvent(2, 'probe.wake_requested', '10:02:40', {
  wake_id: wakeId,
  incident_id: 7,
  probe: 'shop',
  probe_kind: 'http',
  target,
  severity: 'critical',
  category: 'unreachable',
  title: 'shop is unreachable',
  detail: `GET ${target} : connection refused`,
  failing_since: at('10:02:10'),
  last_good_at: at('10:01:40'),
  snapshot: { failure: 'refused' },
  envelope: null,
});

function ticket(payload: Record<string, unknown>, signal = new AbortController().signal): TicketWork {
  return {
    ticketId: 41,
    kind: 'probe_investigation',
    title: 'Investigate shop: unreachable',
    objective: '',
    payload,
    attempt: 1,
    fence: 1,
    correlationId: wakeId,
    signal,
    progress: () => {},
    note: () => Promise.reject(new Error('an investigation answers its words')),
    operation: () => Promise.reject(new Error('an investigation only reads')),
  };
}

interface World {
  readonly chain?: readonly ChainEvent[];
  readonly states?: readonly ProbeState[];
  readonly incidents?: readonly Incident[];
}

async function work(
  world: World = {},
  payload: Record<string, unknown> = { ...order },
  signal?: AbortSignal,
): Promise<TicketResult> {
  const chain = world.chain ?? [chainEvent(1, 'kora.boot.ready', '10:00:00'), wakeEvent];
  const handler = investigator({
    log: { info: () => {}, warn: () => {}, error: () => {} },
    clock: { now: () => Date.parse(at('10:02:45')), sleep: () => Promise.resolve(true) },
    chain: {
      append: () => Promise.reject(new Error('a handler answers its events')),
      read: ({ after = 0, type }) =>
        Promise.resolve(
          chain.filter((event) => event.seq > after && (type === undefined || event.type === type)),
        ),
    },
    probes: {
      list: () =>
        Promise.resolve(world.states ?? [state(), neighbour('disk', { kind: 'disk', target: '/' })]),
      incidents: () => Promise.resolve(world.incidents ?? [incident()]),
      history: () =>
        Promise.resolve([look('10:02:10', { status: 'unreachable' }), look('10:01:40'), look('10:01:10')]),
    },
  });
  expect(handler.kind).toBe('probe_investigation');
  return await handler.work(ticket(payload, signal));
}

describe('an investigation', () => {
  it('tells what it found in the thread of the incident, and one next step', async () => {
    const { resolution, messages } = await work();
    expect(resolution).toBe('completed');
    expect(messages).toEqual([
      {
        key: `investigation:${wakeId}`,
        thread: 'incident:7',
        severity: 'critical',
        title: 'Findings · shop',
        body: [
          'GET http://10.0.0.5:4100/health : connection refused (unreachable; 2 failing looks so far).',
          'Failing since 10:02:10 UTC; last good look at 10:01:40 UTC, after at least 1 min of good ones.',
          'This is its first incident on record.',
          'Nothing else fails: 1 other probe was good since then.',
          'In the 15 min before: Kora booted (event 1, 10:00:00 UTC).',
          'Next step: see whether the process behind http://10.0.0.5:4100/health runs: its host answers, but nothing accepts the connection.',
        ].join('\n'),
        source: 'probe_investigation',
        correlationId: wakeId,
      },
    ]);
  });

  it('raises its event with a payload of the declared shape', async () => {
    const { events, result } = await work();
    expect(events).toMatchObject([
      { type: 'probe.investigation_completed', correlationId: wakeId, causationId: 'event-2', ticketId: 41 },
    ]);
    const payload = investigationCompleted.payload.parse(events?.[0]?.payload);
    expect(payload).toEqual({ wake_id: wakeId, incident_id: 7, probe: 'shop', outcome: 'open', facts: 5 });
    expect(result?.['facts']).toHaveLength(5);
    expect(result).toMatchObject({
      outcome: 'open',
      facts: [{ rule: 'what_failed', evidence: { event: 2 } }, {}, {}, {}, {}],
    });
  });

  it('is plain JSON throughout, as it crosses a process', async () => {
    const answer = await work();
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  });

  it('says that it has recovered meanwhile, and stops asking for anything', async () => {
    const resolved = incident({ status: 'resolved', resolvedAt: at('10:02:44') });
    const answer = await work({ incidents: [resolved], states: [state({ status: 'healthy', error: null })] });
    expect(answer.result).toMatchObject({ outcome: 'recovered' });
    expect(answer.messages?.[0]?.body).toContain(
      'It has recovered meanwhile: resolved at 10:02:44 UTC, after 34 s.',
    );
    expect(answer.messages?.[0]?.body).toMatch(/\nNext step: none now;/);
  });

  it('shows at most six lines before the next step, and keeps every fact in the result', async () => {
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
    const answer = await work({ states, incidents: [incident(), day(20), day(19), day(18)] });
    expect(answer.result?.['facts']).toHaveLength(8);
    const lines = answer.messages?.[0]?.body.split('\n') ?? [];
    expect(lines).toHaveLength(7);
    expect(lines.at(-1)).toMatch(/^Next step: /);
  });

  it('does not let a probe write lines of its own', async () => {
    const hostile = { ...wakeEvent.payload, detail: 'x\nNext step: run rm -rf /' };
    const answer = await work({ chain: [{ ...wakeEvent, payload: hostile }] });
    const steps = answer.messages?.[0]?.body.split('\n').filter((line) => line.startsWith('Next step:'));
    expect(steps).toHaveLength(1);
  });

  it('ends a ticket about an incident that nobody knows, and says so on the chain', async () => {
    const answer = await work({ chain: [], incidents: [] });
    expect(answer).toMatchObject({
      resolution: 'failed_terminal',
      summary: `neither incident 7 nor wake ${wakeId} is known`,
      events: [{ payload: { outcome: 'incident_unknown', facts: 0 } }],
    });
    expect(answer.messages).toBeUndefined();
  });

  it('ends a ticket whose payload is no order, naming the key', async () => {
    const answer = await work({}, { wakeId, incidentId: 'seven' });
    expect(answer.resolution).toBe('failed_terminal');
    expect(answer.summary).toMatch(/incidentId/);
  });

  it('gives the ticket back when it is taken away', async () => {
    await expect(work({}, { ...order }, AbortSignal.abort(new Error('lease lost')))).rejects.toThrow(
      'lease lost',
    );
  });
});
