import { KoraError } from '@kora/runtime/plugin';
import type {
  ChainEvent,
  Incident,
  ProbeState,
  ReasonAnswer,
  ReasonRequest,
  TicketHandler,
  TicketResult,
  TicketWork,
} from '@kora/runtime/plugin';
import { expect } from 'vitest';
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
} from '../../../fixtures/scene.ts';
import { configSchema } from '../../config.ts';
import { noAnswer, ticketWork } from '../../diagnose/testing/answers.ts';
import { investigationCompleted } from '../../events.ts';
import type { InvestigationCompleted } from '../../events.ts';
import { investigator } from '../../investigate.ts';
import type { Rule } from '../../investigate.ts';

export const order = { ...scene().order, wakeSeq: 2 };
export const wakeEvent = chainEvent(2, 'probe.wake_requested', '10:02:40', {
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

export interface World {
  readonly chain?: readonly ChainEvent[];
  readonly states?: readonly ProbeState[];
  readonly incidents?: readonly Incident[];
  readonly config?: unknown;
  readonly ask?: () => Promise<ReasonAnswer> | ReasonAnswer;
  readonly rule?: Rule;
  readonly now?: string;
}

export const nobody = noAnswer({ status: 'refused', error: 'unconfigured' });

export interface Scripted {
  /** What whoever thinks was asked. */
  readonly asked: ReasonRequest[];
  readonly handler: TicketHandler;
  work(given?: Partial<TicketWork>): Promise<TicketResult>;
}

/** One house in which investigations are worked, with a script for whoever thinks. */
export function house(world: World = {}): Scripted {
  const chain = world.chain ?? [chainEvent(1, 'kora.boot.ready', '10:00:00'), wakeEvent];
  const asked: ReasonRequest[] = [];
  const context: Parameters<typeof investigator>[0] = {
    config: configSchema.parse(world.config ?? {}),
    log: { info: () => {}, warn: () => {}, error: () => {} },
    clock: { now: () => Date.parse(at(world.now ?? '10:02:45')), sleep: () => Promise.resolve(true) },
    chain: {
      append: () => Promise.reject(new KoraError('KORA_INTERNAL', 'a handler answers its events')),
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

export async function work(
  world: World = {},
  payload: Record<string, unknown> = { ...order },
  signal?: AbortSignal,
): Promise<TicketResult> {
  return house(world).work({ payload, ...(signal === undefined ? {} : { signal }) });
}

/** The payload of its one event, as its type declares it. */
export function completed({ events }: TicketResult): InvestigationCompleted {
  expect(events?.map(({ type }) => type)).toEqual([investigationCompleted.type]);
  return investigationCompleted.payload.parse(events?.[0]?.payload);
}

export const body = ({ messages }: TicketResult): string => messages?.[0]?.body ?? '';
