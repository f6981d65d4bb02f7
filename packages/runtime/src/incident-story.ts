import type { ChainEvent } from './chain/index.ts';
import { wordsOf } from './explain.ts';
import { listAttempts } from './fix/index.ts';
import type { FixAttempt } from './fix/index.ts';
import type { shape } from './http/index.ts';
import { toldOf } from './message/index.ts';
import { readTimeline, readTurns } from './probe/index.ts';
import type { IncidentEntry, IncidentRecord } from './probe/index.ts';
import { listRuns } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { ticketsByKey } from './ticket/index.ts';

type Entry = shape.IncidentStoryRow;
type StoryRooms = Pick<Rooms, 'database' | 'workspace' | 'chain' | 'vocabulary'>;
type Told = Awaited<ReturnType<typeof toldOf>>[number];

const mostOfEach = 100;

/** The events that say what a line of the timeline says, by the kind of line. */
const eventOf: Readonly<Partial<Record<IncidentEntry['kind'], string>>> = {
  opened: 'probe.wake_requested',
  acknowledged: 'probe.incident_acknowledged',
  silenced: 'probe.incident_silenced',
  note: 'probe.incident_noted',
  flapping: 'probe.incident_flapping',
  reopened: 'probe.incident_reopened',
  resolved: 'probe.incident_resolved',
};
/** What happened in its name that its timeline says nothing of. */
const others = ['sea_ticket.created', 'kora.sea_ticket.resolved', 'probe.investigation_completed'];

/** All that happened around an incident, each with where it can be looked up, newest first. */
export async function incidentStory(
  rooms: StoryRooms,
  incident: IncidentRecord,
  now: number,
): Promise<Entry[]> {
  const { database, workspace, chain } = rooms;
  const { workspaceId } = workspace;
  const { incidentId, wakeId, probe } = incident;
  const [lines, events, messages, attempts, tickets, looks] = await Promise.all([
    readTimeline(database, workspaceId, incidentId),
    chain.correlated({
      correlationIds: [wakeId],
      types: [...new Set([...Object.values(eventOf), ...others])],
      limit: 1_000,
    }),
    toldOf(database, workspaceId, { threads: [`incident:${incidentId}`] }),
    listAttempts(database, workspaceId, { incidentId, limit: mostOfEach }),
    ticketsByKey(database, workspaceId, [wakeId]),
    readTurns(database, workspaceId, {
      probe,
      from: incident.lastGoodAt ?? incident.failingSince,
      until: incident.resolvedAt ?? new Date(now).toISOString(),
      limit: mostOfEach,
    }),
  ]);
  const ticketId = tickets.get(wakeId);
  const runs =
    ticketId === undefined ? [] : await listRuns(database, workspaceId, { ticketId, limit: mostOfEach });
  const all: Entry[] = [
    ...linesWithEvents(lines, events),
    ...events.filter(({ type }) => others.includes(type)).map((event) => eventEntry(rooms, event)),
    ...events.filter(({ type }) => type === eventOf.opened).map((event) => wakeEntry(event, wakeId)),
    ...messages.slice(0, mostOfEach).map(messageEntry),
    ...attempts.map(attemptEntry),
    ...runs.map(
      (run): Entry => ({
        at: run.startedAt.toISOString(),
        kind: 'reasoning',
        text: `${run.route} reasoning: ${(run.error ?? run.status).replaceAll('_', ' ')}${run.verdict === null ? '' : `, ${Math.round(run.verdict.confidence * 100)} % sure`}${run.receipt.model === null ? '' : `, by ${run.receipt.model}`}`,
        by: run.asker,
        source: { kind: 'run', id: run.runId },
      }),
    ),
    ...looks.map(
      ({ at, status, error, latencyMs }): Entry => ({
        at,
        kind: 'look',
        text: `${probe} came back ${status}${latencyMs === null ? '' : ` after ${Math.round(latencyMs)} ms`}${error === null ? '' : `: ${error}`}`,
        by: null,
        source: { kind: 'probe', id: probe },
      }),
    ),
  ];
  return all.toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));
}

/** Each line with its event: by its id where it was written down, else the same line of the same number. */
function linesWithEvents(lines: readonly IncidentEntry[], events: readonly ChainEvent[]): Entry[] {
  const byId = new Map(events.map((event) => [event.eventId, event.seq]));
  const counted = new Map<string, number>();
  return lines.map(({ kind, eventId, ...line }) => {
    const type = eventOf[kind];
    const ofKind = events.filter((event) => event.type === type);
    const which = counted.get(kind) ?? 0;
    counted.set(kind, which + 1);
    const isWhole = lines.filter((other) => other.kind === kind).length === ofKind.length;
    const seq =
      (eventId === null ? undefined : byId.get(eventId)) ?? (isWhole ? ofKind[which]?.seq : undefined);
    return { ...line, kind, source: seq === undefined ? null : { kind: 'event', id: String(seq) } };
  });
}

function eventEntry({ vocabulary }: StoryRooms, event: ChainEvent): Entry {
  const { occurredAt: at, seq, type, actorId } = event;
  return {
    at,
    kind: 'event',
    text: wordsOf(event, vocabulary.get(type)?.means),
    by: actorId,
    source: { kind: 'event', id: String(seq) },
  };
}

function wakeEntry({ occurredAt: at }: ChainEvent, wakeId: string): Entry {
  return {
    at,
    kind: 'wake',
    text: 'an investigation was called for',
    by: null,
    source: { kind: 'wake', id: wakeId },
  };
}

function messageEntry({ messageId, title, channel, createdAt, receiptAt, attempts, error }: Told): Entry {
  const tries = attempts === 1 ? 'one try' : `${attempts} tries`;
  const how =
    receiptAt !== null
      ? `told over ${channel} after ${tries}`
      : attempts === 0
        ? `waits for ${channel}`
        : `not told over ${channel} after ${tries}${error === null ? '' : `: ${error}`}`;
  return {
    at: createdAt,
    kind: 'message',
    text: `${title} (${how})`,
    by: null,
    source: { kind: 'message', id: `out-${messageId}` },
  };
}

function attemptEntry({ askedAt, fix, target, askedBy, status, outcome, detail, probe }: FixAttempt): Entry {
  return {
    at: askedAt,
    kind: 'attempt',
    text: `${fix} on ${target}: ${(outcome ?? status).replaceAll('_', ' ')}${detail === null ? '' : `, ${detail}`}`,
    by: askedBy,
    source: { kind: 'probe', id: probe },
  };
}
