import * as shape from '@kora/runtime/client';
import type { Snapshot } from '@kora/runtime/client';
import { z } from 'zod';
import type { ListName, Lists } from './model.ts';

/** Where a list comes from and what makes it old. */
export interface Source<T> {
  readonly path: string;
  readonly schema: z.ZodType<T>;
  /** Its part of the snapshot; absent when the snapshot has none. */
  readonly pick?: (snapshot: Snapshot) => T;
  /** Prefixes of the event types after which it is read again. */
  readonly stirredBy: readonly string[];
  /** Read again with each heartbeat: it holds figures that no event announces. */
  readonly beats: boolean;
}

/** What happens to tickets. */
export const ticketEvents: readonly string[] = ['sea_ticket.', 'kora.sea_ticket.'];
/** What happens to probes and their incidents. */
export const probeEvents: readonly string[] = ['probe.'];

/** What happens to what waits for the operator's word. */
export const approvalEvents: readonly string[] = ['kora.escalation.', 'kora.approval.', 'decision.'];

/** What happens while booting. */
export const bootEvents: readonly string[] = ['kora.boot.'];

const stateEvents = [
  'kora.operational_state.',
  'kora.paused.',
  'kora.hold.',
  'kora.control.',
  'kora.dr.',
  ...bootEvents,
];

const spendEvents = ['kora.spend.'];
const pluginEvents = ['kora.plugin.', 'kora.daemon.'];

export const sources: { readonly [K in ListName]: Source<Lists[K]> } = {
  // The lane counts and the roll-ups are in the status, so whatever moves them stirs it too.
  status: {
    path: '/api/status',
    schema: shape.statusSchema,
    pick: (snapshot) => snapshot.status,
    stirredBy: [
      ...stateEvents,
      ...ticketEvents,
      ...pluginEvents,
      ...probeEvents,
      ...approvalEvents,
      ...spendEvents,
    ],
    beats: true,
  },
  state: {
    path: '/api/operational-state',
    schema: shape.operationalStateSchema,
    stirredBy: stateEvents,
    beats: false,
  },
  boot: {
    path: '/api/boot-status',
    schema: shape.bootStatusSchema.transform((answer) => answer.current),
    pick: (snapshot) => snapshot.boot,
    stirredBy: bootEvents,
    beats: false,
  },
  daemons: {
    path: '/api/daemons',
    schema: z.array(shape.daemonSchema),
    pick: (snapshot) => snapshot.daemons,
    stirredBy: pluginEvents,
    beats: false,
  },
  tasks: {
    path: '/api/tasks',
    schema: z.array(shape.taskSchema),
    pick: (snapshot) => snapshot.tasks,
    stirredBy: pluginEvents,
    beats: true,
  },
  tickets: {
    path: '/api/sea-tickets/kora-assigned',
    schema: shape.bucketsSchema,
    pick: (snapshot) => snapshot.tickets,
    stirredBy: ticketEvents,
    beats: false,
  },
  // A look that changes nothing is no event, yet it moves "checked" and the latency.
  probes: {
    path: '/api/probes',
    schema: z.array(shape.probeSchema),
    pick: (snapshot) => snapshot.probes,
    stirredBy: probeEvents,
    beats: true,
  },
  incidents: {
    path: '/api/incidents',
    schema: z.array(shape.incidentSchema),
    pick: (snapshot) => snapshot.incidents,
    stirredBy: [...probeEvents, ...ticketEvents],
    beats: false,
  },
  messages: {
    path: '/api/messages',
    schema: z.array(shape.messageSchema),
    pick: (snapshot) => snapshot.messages,
    stirredBy: ['notification.'],
    beats: false,
  },
  approvals: {
    path: '/api/approvals',
    schema: z.array(shape.approvalSchema),
    pick: (snapshot) => snapshot.approvals,
    stirredBy: approvalEvents,
    beats: false,
  },
  decisions: {
    path: '/api/decisions',
    schema: z.array(shape.waitingDecisionSchema),
    stirredBy: approvalEvents,
    beats: false,
  },
  // That a channel takes too long, and what the verifier finds, no event tells.
  attention: {
    path: '/api/attention',
    schema: shape.attentionSchema,
    stirredBy: ['alert.', 'promotion.', 'notification.', 'kora.hold.', ...approvalEvents],
    beats: true,
  },
  plugins: {
    path: '/api/plugins',
    schema: z.array(shape.pluginSchema),
    pick: (snapshot) => snapshot.plugins,
    stirredBy: pluginEvents,
    beats: false,
  },
  caller: {
    path: '/api/caller',
    schema: shape.callerSchema,
    stirredBy: ['kora.session.'],
    beats: false,
  },
};

export const listNames: readonly ListName[] = Object.keys(sources).filter(
  (name): name is ListName => name in sources,
);

/** The lists that an event of this type makes old. */
export function stirredBy(type: string): readonly ListName[] {
  return listNames.filter((name) => sources[name].stirredBy.some((prefix) => type.startsWith(prefix)));
}

/** The lists that go with each heartbeat. */
export const beatLists: readonly ListName[] = listNames.filter((name) => sources[name].beats);
