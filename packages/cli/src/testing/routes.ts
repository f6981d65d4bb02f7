import {
  bootStatusSchema,
  causesSchema,
  consumerSchema,
  daemonSchema,
  checkpointsSchema,
  eventDetailSchema,
  eventSchema,
  healthRollupSchema,
  identitySchema,
  incidentEntrySchema,
  incidentSchema,
  messageSchema,
  occurrenceSchema,
  parkedSchema,
  pluginSchema,
  pluginWhySchema,
  probeSchema,
  probeWindowSchema,
  spendSchema,
  statusSchema,
  taskDetailSchema,
  taskSchema,
  ticketDetailSchema,
  ticketSchema,
} from '@kora/runtime/client';
import type { Route } from './api-server.ts';
import * as health from './health-rows.ts';
import * as row from './rows.ts';

/** The server answers nothing that the real one could not. */
const all = (schema: { parse(value: unknown): unknown }, ...rows: readonly unknown[]): unknown[] =>
  rows.map((each) => schema.parse(each));

const effects = {
  label: 'runtime',
  children: [
    { label: 'store', children: [] },
    { label: 'http', children: [{ label: 'stream', children: [] }] },
  ],
};
const boots = [row.pastBoot()];
const detail = {
  outcomes: [],
  operations: [],
  notes: [],
  blockedBy: [],
  blocks: [],
  timeline: [{ at: row.before(1), what: 'attempt', words: 'completed: done', fence: 1, seq: 412 }],
};
const failedDaemon = row.daemon({
  name: 'inbox',
  state: 'failed',
  startedAt: null,
  startMs: null,
  error: 'no',
});
const down = { startedAt: null, startMs: null };
const standbyDaemon = row.daemon({ name: 'poller', state: 'standby', scope: 'fleet', heldBy: 'r2', ...down });
const dyingDaemon = row.daemon({
  name: 'ticker',
  state: 'backing_off',
  fatalIgnored: true,
  livenessMs: 5_000,
  restarts: 3,
  deaths: 4,
  diedAt: row.before(0),
  nextStartAt: row.before(-8),
  error: 'no socket',
  ...down,
});
const newTask = {
  name: 'new',
  runs: 0,
  lastRunAt: null,
  lastOutcome: null,
  lastDurationMs: null,
  nextDueAt: null,
};
const unseen = { status: null, since: null, checkedAt: null, latencyMs: null, lastGoodAt: null };
const misfit = row.plugin({
  id: 'broken',
  state: 'incompatible',
  isolation: null,
  reason: { code: 'api_mismatch', message: 'wants api 2', fix: 'pnpm add broken@1' },
  registered: {},
});

/** A house in ordinary use: something of everything, something unknown, something broken. */
export const sampleRoutes: Readonly<Record<string, Route>> = {
  'GET /api/status': () => statusSchema.parse(row.status({ holds: [row.hold()] })),
  'GET /api/effects': () => effects,
  'GET /api/boot-status': () => bootStatusSchema.parse({ current: row.bootReport(), history: boots }),
  'GET /api/tickets': ({ query }) => {
    const second = row.ticket({ ticketId: 15, title: 'Another', critical: true });
    return all(ticketSchema, row.ticket(), second).slice(0, Number(query['limit']));
  },
  'GET /api/tickets/14': () => ticketDetailSchema.parse({ ...row.ticket(), ...detail }),
  'GET /api/daemons': () => all(daemonSchema, row.daemon(), failedDaemon, standbyDaemon, dyingDaemon),
  'GET /api/tasks': () => all(taskSchema, row.task(), row.task(newTask)),
  'GET /api/tasks/heartbeat.http': () => taskDetailSchema.parse(row.taskDetail()),
  'GET /api/tasks/heartbeat.http/history': () =>
    all(occurrenceSchema, row.occurrence(), row.occurrence({ finishedAt: null, outcome: 'running' })),
  'GET /api/probes': () => all(probeSchema, row.probe(), row.probe({ name: 'db', ...unseen })),
  'GET /api/incidents': () => all(incidentSchema, row.incident()),
  'GET /api/incidents/3': () => incidentSchema.parse(row.incident()),
  'GET /api/incidents/3/timeline': () => [incidentEntrySchema.parse(row.incidentEntry())],
  'GET /api/probe-windows': () => [probeWindowSchema.parse(row.probeWindow())],
  'GET /api/chain-events': () =>
    all(eventSchema, row.event(), row.event({ seq: 411, type: 'kora.boot.ready' })),
  'GET /api/chain-events/412/causes': () => causesSchema.parse(health.causes()),
  'GET /api/health-rollup': () => healthRollupSchema.parse(health.healthRollup()),
  'GET /api/chain-events/412': () => eventDetailSchema.parse(row.eventDetail()),
  'GET /api/chain/checkpoints': () => checkpointsSchema.parse(row.checkpoints()),
  'GET /api/chain/parked': () => all(parkedSchema, row.parked()),
  'GET /api/chain/consumers': () => all(consumerSchema, row.consumer()),
  'GET /api/spend': () => spendSchema.parse(row.spend()),
  'GET /api/plugins': () => all(pluginSchema, row.plugin(), misfit),
  'GET /api/plugins/broken/why': () =>
    pluginWhySchema.parse({
      id: misfit.id,
      state: misfit.state,
      version: misfit.version,
      origin: misfit.origin,
      trusted: misfit.trusted,
      reason: misfit.reason,
      looked: ['no host project was found'],
      decided: null,
      fix: misfit.reason?.fix ?? null,
    }),
  'GET /api/identities': () => all(identitySchema, row.identity()),
  'GET /api/messages': () =>
    all(messageSchema, row.message({ messageId: 2, title: 'second' }), row.message()),
};
