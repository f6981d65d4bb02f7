import { KoraError } from '@kora/runtime/plugin';
import type {
  ChainEvent,
  Incident,
  ProbeState,
  ReasonAnswer,
  ReasonRequest,
  TicketResult,
  TicketWork,
} from '@kora/runtime/plugin';
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
import { configSchema } from './config.ts';
import { answer, noAnswer, receipt, ticketWork } from './diagnose/testing/answers.ts';
import { investigationCompleted } from './events.ts';
import type { InvestigationCompleted } from './events.ts';
import { investigator } from './investigate.ts';
import type { Rule } from './investigate.ts';

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

interface World {
  readonly chain?: readonly ChainEvent[];
  readonly states?: readonly ProbeState[];
  readonly incidents?: readonly Incident[];
  readonly config?: unknown;
  readonly ask?: () => Promise<ReasonAnswer> | ReasonAnswer;
  readonly rule?: Rule;
  readonly now?: string;
}

const nobody = noAnswer({ status: 'refused', error: 'unconfigured' });

/** One house in which investigations are worked, with a script for whoever thinks. */
function house(world: World = {}) {
  const chain = world.chain ?? [chainEvent(1, 'kora.boot.ready', '10:00:00'), wakeEvent];
  const asked: ReasonRequest[] = [];
  const context: Parameters<typeof investigator>[0] = {
    config: configSchema.parse(world.config ?? {}),
    log: { info: () => {}, warn: () => {}, error: () => {} },
    clock: { now: () => Date.parse(at(world.now ?? '10:02:45')), sleep: () => Promise.resolve(true) },
    chain: {
      append: () => Promise.reject(new Error('a handler answers its events')),
      read: ({ after = 0, type, order: direction }) => {
        const found = chain.filter(
          (event) => event.seq > after && (type === undefined || event.type === type),
        );
        return Promise.resolve(direction === 'desc' ? found.toReversed() : found);
      },
    },
    probes: {
      list: () =>
        Promise.resolve(world.states ?? [state(), neighbour('disk', { kind: 'disk', target: '/' })]),
      incidents: () => Promise.resolve(world.incidents ?? [incident()]),
      history: () =>
        Promise.resolve([look('10:02:10', { status: 'unreachable' }), look('10:01:40'), look('10:01:10')]),
    },
    reason: {
      ask: async (request) => {
        asked.push(request);
        return (await world.ask?.()) ?? nobody;
      },
    },
  };
  const handler = world.rule === undefined ? investigator(context) : investigator(context, world.rule);
  const work = (given: Partial<TicketWork> = {}): Promise<TicketResult> =>
    Promise.resolve(handler.work(ticketWork({ payload: { ...order }, correlationId: wakeId, ...given })));
  return { asked, handler, work };
}

async function work(
  world: World = {},
  payload: Record<string, unknown> = { ...order },
  signal?: AbortSignal,
): Promise<TicketResult> {
  return house(world).work({ payload, ...(signal === undefined ? {} : { signal }) });
}

/** The payload of its one event, as its type declares it. */
function completed({ events }: TicketResult): InvestigationCompleted {
  expect(events?.map(({ type }) => type)).toEqual([investigationCompleted.type]);
  return investigationCompleted.payload.parse(events?.[0]?.payload);
}

const body = ({ messages }: TicketResult): string => messages?.[0]?.body ?? '';

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

describe('when nobody answers', () => {
  it.each([
    ['there is no engine', () => nobody, 'unconfigured'],
    ['the engine went away', () => noAnswer({ error: 'engine_unavailable' }), 'engine_unavailable'],
    [
      'the engine raises',
      () => noAnswer({ error: 'engine_unavailable', why: 'engine oracle threw TypeError' }),
      'engine_exception:TypeError',
    ],
    ['asking raises', () => Promise.reject(new RangeError('odd')), 'engine_exception:RangeError'],
    ['the engine is in error', () => noAnswer({ error: 'server_error' }), 'server_error'],
    ['the engine says nothing', () => answer({ text: '' }), 'empty_response_text'],
    [
      'the money is spent (daemon defect W21)',
      () => noAnswer({ status: 'refused', error: 'cost_ladder_halted' }),
      'cost_ladder_halted',
    ],
    [
      'Kora is paused (daemon defect W21)',
      () => noAnswer({ status: 'refused', error: 'operational_state_paused' }),
      'operational_state_paused',
    ],
    [
      'Kora is stopped',
      () => noAnswer({ status: 'refused', error: 'operational_state_stopped' }),
      'operational_state_stopped',
    ],
    ['it takes too long', () => noAnswer({ error: 'timeout' }), 'timeout'],
  ] as const)('because %s, the reply says so with its code and the facts', async (_, ask, code) => {
    const result = await work({ ask });
    expect(result.resolution).toBe('completed');
    const lines = body(result).split('\n');
    expect(lines[0]).toBe(`I was unable to investigate — engine returned: ${code}`);
    expect(lines[2]).toContain('connection refused');
    expect(lines.at(-1)).toMatch(/^Next step: see whether the process behind/);
    expect(completed(result)).toMatchObject({ outcome: 'open', rung: 'none', code, cause: null });
  });

  it('pays nothing twice when nobody knows whether it was asked', async () => {
    const { asked, work: investigate } = house({ ask: () => answer() });
    const result = await investigate({
      operation: () => Promise.reject(new KoraError('KORA_OPERATION_UNKNOWN', 'it was begun')),
    });
    expect(body(result)).toMatch(/^I was unable .* engine_exception:OutcomeUnknown\n/);
    expect(asked).toEqual([]);
  });

  it('asks once over all attempts, and answers from the ledger', async () => {
    const { asked, work: investigate } = house({ ask: () => answer() });
    const { operation } = ticketWork();
    const first = await investigate({ operation });
    const second = await investigate({ operation, attempt: 2, fence: 2 });
    expect(asked).toHaveLength(1);
    expect(second.messages).toEqual(first.messages);
  });

  it('bills what was spent before it broke off', async () => {
    const result = await work({
      ask: () => noAnswer({ error: 'transport', receipt: receipt({ costMicroUsd: 700 }) }),
    });
    expect(result).toMatchObject({ costMicroUsd: 700, tokens: 1_000 });
    expect(completed(result)).toMatchObject({ code: 'transport', cost_micro_usd: 700 });
  });

  it('gives the ticket back while the store is away', async () => {
    const ask = () => Promise.reject(new KoraError('KORA_STORE_UNREACHABLE', 'away'));
    await expect(work({ ask })).rejects.toThrow('away');
  });

  it('does without thinking where that is switched off', async () => {
    const { asked, work: investigate } = house({ config: { investigation: { model: false } } });
    expect(body(await investigate())).toMatch(/^GET http/);
    expect(asked).toEqual([]);
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
