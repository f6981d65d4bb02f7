import { fault } from './fault/index.ts';
import { alertsOfWakes } from './alert/index.ts';
import type { AlertOfWake } from './alert/index.ts';
import type { ChainEvent } from './chain/index.ts';
import type { House } from './http/index.ts';
import { toldOf } from './message/index.ts';
import { incidentsByNumber } from './probe/index.ts';
import type { IncidentRecord } from './probe/index.ts';
import { runsOfTickets } from './reason/index.ts';
import type { RunOfTicket } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { ticketsByKey } from './ticket/index.ts';

type Wake = Awaited<ReturnType<House['page']['wake']>>;
type WakeReads = Pick<House['page'], 'wakes' | 'wake'>;
type Told = Awaited<ReturnType<typeof toldOf>>[number];

const ofProbe = 'probe.wake_requested';
const ofAlert = 'alert.wake_requested';
const rerouted = 'notification.rerouted';
const usualLimit = 50;
/** With one probe asked for, so many wakes of all of them are looked through. */
const lookedThrough = 1_000;

/** Each wake from what raised it to who was told of it, tied together by its id alone. */
export function wakeReads(rooms: Rooms): WakeReads {
  const { chain } = rooms;
  return {
    wakes: async ({ probe, before, limit = usualLimit }) => {
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

/** What became of each wake: read together, however many they are. */
async function followed(rooms: Rooms, events: readonly ChainEvent[]): Promise<Wake[]> {
  const { database, workspace, chain } = rooms;
  const { workspaceId } = workspace;
  const ids = events.flatMap(({ payload }) => text(payload['wake_id']) ?? []);
  if (ids.length === 0) return [];
  const [incidents, alerts, tickets, passedOn] = await Promise.all([
    incidentsByNumber(database, workspaceId, numbersOf(events)),
    alertsOfWakes(database, workspaceId, wakesOfAlerts(events)),
    ticketsByKey(database, workspaceId, ids),
    chain.correlated({ correlationIds: ids, types: [rerouted], limit: 1_000 }),
  ]);
  const threads = [
    ...[...incidents.values()].map(({ incidentId }) => `incident:${incidentId}`),
    ...[...alerts.values()].map(({ thread }) => thread),
  ];
  const [runs, told] = await Promise.all([
    runsOfTickets(database, workspaceId, [...tickets.values()]),
    toldOf(database, workspaceId, { threads }),
  ]);
  const moved = new Set(passedOn.map(({ payload }) => payload['message_id']));
  return events.flatMap((event) => {
    const wakeId = text(event.payload['wake_id']);
    if (wakeId === null) return [];
    const incident = incidents.get(Number(event.payload['incident_id']));
    const alert = alerts.get(wakeId);
    const thread = incident === undefined ? alert?.thread : `incident:${incident.incidentId}`;
    // The newest come first: the first message of the thread is the one that told of it.
    const first = told.findLast((message) => message.thread === thread);
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
        debounced: debounced(incident, alert),
        investigated: investigated(ticketId, runs),
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

/** The same failure again in its time is no wake of its own: how often, and when the next one would be. */
function debounced(incident: IncidentRecord | undefined, alert: AlertOfWake | undefined): Wake['debounced'] {
  if (incident !== undefined) {
    const { reopened, flappingSince, silencedUntil } = incident;
    if (reopened === 0 && flappingSince === null) return null;
    return { count: reopened, nextEligibleAt: silencedUntil };
  }
  if (alert === undefined || (alert.returns === 0 && alert.owed !== 'cooldown')) return null;
  return { count: alert.returns, nextEligibleAt: alert.snoozedUntil };
}

function investigated(ticketId: number | null, runs: ReadonlyMap<number, RunOfTicket>): Wake['investigated'] {
  if (ticketId === null) return null;
  const { runId = null, route = null, outcome = null, costMicroUsd = null } = runs.get(ticketId) ?? {};
  return { ticketId, runId, route, outcome, costMicroUsd };
}

interface Telling {
  readonly first: Told | undefined;
  /** Numbers of messages that went to another channel than their first. */
  readonly moved: ReadonlySet<unknown>;
  readonly incident: IncidentRecord | undefined;
  readonly alert: AlertOfWake | undefined;
}

const owedWords: Readonly<Record<string, string>> = {
  now: 'it is about to be told',
  cooldown: 'its category was told of lately: it is told when that cools',
  digest: 'it goes into the next digest',
  quiet: 'it waits for the end of the quiet hours',
};

function tellingOf({ first, moved, incident, alert }: Telling): Wake['told'] {
  if (first !== undefined) {
    const { messageId, channel, receiptAt, error } = first;
    const isElsewhere = moved.has(messageId);
    const status = receiptAt === null ? 'pending' : isElsewhere ? 'fallback' : 'delivered';
    const why = error ?? (isElsewhere ? 'the first channel did not take it' : null);
    return { messageId, channel, status, why };
  }
  const why = alert?.owed === undefined || alert.owed === null ? null : (owedWords[alert.owed] ?? alert.owed);
  if (why !== null) return { messageId: null, channel: null, status: 'pending', why };
  if (incident === undefined && alert === undefined) return null;
  return {
    messageId: null,
    channel: null,
    status: 'not_told',
    why:
      incident !== undefined && incident.silencedUntil !== null
        ? `it is silenced: ${incident.silenceReason ?? 'no reason was given'}`
        : 'no message about it is known',
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
