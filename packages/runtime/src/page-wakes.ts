import { fault } from './fault/index.ts';
import { alertsOfWakes } from './alert/index.ts';
import type { ChainEvent } from './chain/index.ts';
import type { House } from './http/index.ts';
import { toldOf } from './message/index.ts';
import { incidentsByNumber, reopenWindowMs } from './probe/index.ts';
import type { IncidentRecord } from './probe/index.ts';
import { runsOfTickets } from './reason/index.ts';
import type { RunOfTicket } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { findTicket, lastResolutions, ticketsByKey } from './ticket/index.ts';
import { isAbout, tellingOf } from './wake-telling.ts';
import type { Raised } from './wake-telling.ts';

type Wake = Awaited<ReturnType<House['page']['wake']>>;
type WakeReads = Pick<House['page'], 'wakes' | 'wake'>;

const ofProbe = 'probe.wake_requested';
const ofAlert = 'alert.wake_requested';
const rerouted = 'notification.rerouted';
/** What whoever investigates says in the end, of a wake that it spared as well. */
const completed = 'probe.investigation_completed';
const usualLimit = 50;
/** With one probe asked for, so many wakes of all of them are looked through. */
const lookedThrough = 1_000;

/** Each wake from what raised it to who was told of it, tied together by its id alone. */
export function wakeReads(rooms: Rooms): WakeReads {
  const { chain } = rooms;
  return {
    wakes: async ({ probe, ticket, before, limit = usualLimit }) => {
      if (ticket !== undefined) return ofTicket(rooms, ticket);
      const types = probe === undefined ? [ofProbe, ofAlert] : [ofProbe];
      const events = await chain.newest({
        types,
        before,
        limit: probe === undefined ? limit : lookedThrough,
      });
      const wanted = events.filter(({ payload }) => probe === undefined || payload['probe'] === probe);
      return followed(rooms, wanted.slice(0, limit));
    },
    wake: async (wakeId) => {
      const events = await chain.correlated({
        correlationIds: [wakeId],
        types: [ofProbe, ofAlert],
        limit: 1,
      });
      const [wake] = await followed(rooms, events);
      if (wake === undefined)
        throw fault('KORA_NOT_FOUND', `there is no wake ${wakeId}`, { fix: 'kora incident list' });
      return wake;
    },
  };
}

/** The wake that a ticket looks into; none for most tickets. */
async function ofTicket(rooms: Rooms, ticketId: number): Promise<Wake[]> {
  const { chain, database, workspace } = rooms;
  const key = (await findTicket(database, workspace.workspaceId, ticketId))?.idempotencyKey ?? null;
  if (key === null) return [];
  const types = [ofProbe, ofAlert];
  return followed(rooms, await chain.correlated({ correlationIds: [key], types, limit: 1 }));
}

/** What became of each wake: read together, however many they are. */
async function followed(rooms: Rooms, events: readonly ChainEvent[]): Promise<Wake[]> {
  const { database, workspace, chain } = rooms;
  const { workspaceId } = workspace;
  const ids = events.flatMap(({ payload }) => text(payload['wake_id']) ?? []);
  if (ids.length === 0) return [];
  const [incidents, alerts, tickets, passedOn, ended] = await Promise.all([
    incidentsByNumber(database, workspaceId, numbersOf(events)),
    alertsOfWakes(database, workspaceId, wakesOfAlerts(events)),
    ticketsByKey(database, workspaceId, ids),
    chain.correlated({ correlationIds: ids, types: [rerouted], limit: 1_000 }),
    chain.correlated({ correlationIds: ids, types: [completed], limit: 1_000 }),
  ]);
  const threads = [
    ...[...incidents.values()].map(({ incidentId }) => `incident:${incidentId}`),
    ...[...alerts.values()].map(({ thread }) => thread),
  ];
  const keys = [...alerts.values()].flatMap((alert) => alert.keys);
  const [runs, resolutions, told] = await Promise.all([
    runsOfTickets(database, workspaceId, [...tickets.values()]),
    lastResolutions(database, workspaceId, [...tickets.values()]),
    toldOf(database, workspaceId, { threads, keys }),
  ]);
  const moved = new Set(passedOn.map(({ payload }) => payload['message_id']));
  const spared = new Map(ended.flatMap(sparedBy));
  return events.flatMap((event) => {
    const wakeId = text(event.payload['wake_id']);
    if (wakeId === null) return [];
    const incident = incidents.get(Number(event.payload['incident_id']));
    const alert = alerts.get(wakeId);
    // The newest come first: the last about it is the one that told of it.
    const first = told.findLast((message) => isAbout(message, { incident, alert }));
    const ticketId = tickets.get(wakeId) ?? null;
    return [
      {
        wakeId,
        seq: event.seq,
        at: event.occurredAt,
        probe: text(event.payload['probe']) ?? alert?.source ?? 'unknown',
        category: text(event.payload['category']) ?? 'unknown',
        severity: text(event.payload['severity']) ?? 'unknown',
        incidentId: incident?.incidentId ?? null,
        debounced: debounced({ incident, alert }, spared.get(wakeId)),
        investigated: investigated(ticketId, runs, resolutions) ?? sparing(spared.get(wakeId)),
        told: tellingOf({ first, moved, incident, alert }),
      },
    ];
  });
}

function numbersOf(events: readonly ChainEvent[]): number[] {
  return events.map(({ payload }) => Number(payload['incident_id'])).filter(Number.isSafeInteger);
}

function wakesOfAlerts(events: readonly ChainEvent[]): { alertId: number; wakeId: string }[] {
  return events.flatMap(({ payload }) => {
    const wakeId = text(payload['wake_id']);
    const alertId = Number(payload['alert_id'] ?? Number.NaN);
    return wakeId !== null && Number.isSafeInteger(alertId) ? [{ alertId, wakeId }] : [];
  });
}

/** Outcomes of a wake that nobody looked into for itself, by the wake's id: why it was spared. */
function sparedBy({ payload }: ChainEvent): [string, string][] {
  const wakeId = text(payload['wake_id']);
  const outcome = text(payload['outcome']);
  return wakeId === null || outcome === null || !sparings.has(outcome) ? [] : [[wakeId, outcome]];
}

const sparings: ReadonlySet<string> = new Set(['debounced', 'folded', 'own_fix']);

/** The same failure again in its time is no wake of its own: how often, and when the next one would be. */
function debounced({ incident, alert }: Raised, spared: string | undefined): Wake['debounced'] {
  const isHeld = spared === 'debounced';
  if (incident !== undefined) {
    const { reopened, flappingSince, silencedUntil } = incident;
    if (reopened === 0 && flappingSince === null && !isHeld) return null;
    return { count: reopened, nextEligibleAt: silencedUntil ?? windowEnd(incident) };
  }
  if (alert === undefined) return isHeld ? { count: 0, nextEligibleAt: null } : null;
  // It counts how often it began: the first time is the wake itself.
  const again = alert.returns - 1;
  if (again <= 0 && alert.owed !== 'cooldown' && !isHeld) return null;
  return { count: Math.max(0, again), nextEligibleAt: alert.snoozedUntil };
}

/** Who spared a wake said why; that is its outcome, and it has cost nothing. */
function sparing(outcome: string | undefined): Wake['investigated'] {
  if (outcome === undefined || outcome === 'debounced') return null;
  return { ticketId: null, runId: null, route: null, outcome, costMicroUsd: 0 };
}

/** Until then the same failure is the same incident; null while it goes on. */
function windowEnd({ resolvedAt }: IncidentRecord): string | null {
  return resolvedAt === null ? null : new Date(Date.parse(resolvedAt) + reopenWindowMs).toISOString();
}

/** Rules may have found it, so that nobody thought: then the outcome is the ticket's own. Null while it goes on. */
function investigated(
  ticketId: number | null,
  runs: ReadonlyMap<number, RunOfTicket>,
  resolutions: ReadonlyMap<number, string>,
): Wake['investigated'] {
  if (ticketId === null) return null;
  const { runId = null, route = null, outcome = null, costMicroUsd = null } = runs.get(ticketId) ?? {};
  const ended = outcome === 'open' ? null : (outcome ?? resolutions.get(ticketId) ?? null);
  return { ticketId, runId, route, outcome: ended, costMicroUsd };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
