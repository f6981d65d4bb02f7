import type { ChainEvent } from './chain/index.ts';
import { wordsOf } from './explain.ts';
import { fault } from './fault/index.ts';
import type { House } from './http/index.ts';
import { answersTo, findInbound, readMessageLog, readReceivedEvent, readToldStory } from './message/index.ts';
import type { LoggedMessage, MessageRef, ToldStory } from './message/index.ts';
import { rowOfMessage, rowOfRefusal } from './page-messages.ts';
import { incidentsByNumber } from './probe/index.ts';
import type { Rooms } from './rooms.ts';
import { ticketsByKey } from './ticket/index.ts';

type Story = Awaited<ReturnType<House['page']['message']>>;
type Step = NonNullable<Story['steps']>[number];
type About = Story['about'][number];
type Other = NonNullable<Story['answers']>;
type StoryRooms = Pick<Rooms, 'database' | 'workspace' | 'chain' | 'vocabulary'>;

const refusals = ['kora.message.refused', 'webhook.dead_letter'];
const outcomes: Readonly<Record<string, Step['outcome']>> = {
  'notification.delivered': 'delivered',
  'notification.delivery_failed': 'failed',
  'notification.rerouted': 'moved',
  'notification.returned': 'returned',
};
const heard = ['waits', 'handled', 'failed', 'quarantined', 'released', 'dropped'].map(
  (word) => `kora.message.${word}`,
);
const mostSteps = 200;

/** One message with all that became of it. */
export function messageStoryReads(rooms: StoryRooms): Pick<House['page'], 'message'> {
  return {
    message: async (id) => {
      const [kind = '', digits = ''] = id.split('-');
      const number = Number(digits);
      const found = await (kind === 'out'
        ? toldStory(rooms, number)
        : kind === 'in'
          ? cameStory(rooms, number)
          : refusedStory(rooms, number));
      if (found === undefined)
        throw fault('KORA_NOT_FOUND', `there is no message ${id}`, { fix: 'kora inbox' });
      return { id, ...found };
    },
  };
}

type Found = Omit<Story, 'id'>;

async function toldStory(rooms: StoryRooms, messageId: number): Promise<Found | undefined> {
  const { database, workspace, chain } = rooms;
  const { workspaceId } = workspace;
  const [message, told] = await Promise.all([
    logged(rooms, { direction: 'out', number: messageId }),
    readToldStory(database, workspaceId, messageId),
  ]);
  if (message === undefined || told === undefined) return undefined;
  const { acceptedEvent, body, answers, decision, alertId, carriedBy, again, fallback, ...known } = told;
  const [events, inbound, about] = await Promise.all([
    acceptedEvent === null
      ? null
      : chain.caused({ eventId: acceptedEvent, types: Object.keys(outcomes), limit: mostSteps }),
    answers === null ? undefined : findInbound(database, workspaceId, answers),
    aboutTold(rooms, { ...told, decision, alertId }),
  ]);
  return {
    message: { ...rowOfMessage(message), text: body },
    told: {
      ...known,
      fallback: [...fallback],
      carriedBy: otherOf(carriedBy),
      again: otherOf(again),
    },
    came: null,
    steps: events === null ? null : events.map((event) => stepOf(rooms, event)),
    answers:
      inbound === undefined
        ? null
        : {
            id: `in-${inbound.inboundId}`,
            title: `from ${inbound.sender ?? 'unknown'}`,
            channel: inbound.channel,
          },
    answeredBy: [],
    about,
  };
}

async function cameStory(rooms: StoryRooms, inboundId: number): Promise<Found | undefined> {
  const { database, workspace, chain } = rooms;
  const { workspaceId } = workspace;
  const [message, inbound, received, answeredBy] = await Promise.all([
    logged(rooms, { direction: 'in', number: inboundId }),
    findInbound(database, workspaceId, inboundId),
    readReceivedEvent(database, workspaceId, inboundId),
    answersTo(database, workspaceId, inboundId),
  ]);
  if (message === undefined || inbound === undefined) return undefined;
  const { providerId, conversation, authenticatedBy, outcome, error, endedAt, ticketId, runId } = inbound;
  const events =
    received === null ? null : await chain.caused({ eventId: received, types: heard, limit: mostSteps });
  return {
    message: { ...rowOfMessage(message), text: inbound.text },
    told: null,
    came: { providerId, conversation, authenticatedBy, outcome, error, endedAt },
    steps: events === null ? null : events.map((event) => stepOf(rooms, event)),
    answers: null,
    answeredBy: answeredBy.flatMap((ref) => otherOf(ref) ?? []),
    about: [...one('ticket', ticketId), ...one('run', runId)],
  };
}

async function refusedStory({ chain }: StoryRooms, seq: number): Promise<Found | undefined> {
  const [event] = await chain.read({ after: seq - 1, limit: 1 });
  if (event?.seq !== seq || !refusals.includes(event.type)) return undefined;
  const none = { told: null, came: null, steps: null, answers: null, answeredBy: [], about: [] };
  return { message: rowOfRefusal(event), ...none };
}

/** As the list has it: both are read by one statement, so that they cannot disagree. */
async function logged(
  { database, workspace }: StoryRooms,
  { direction, number }: { readonly direction: 'in' | 'out'; readonly number: number },
): Promise<LoggedMessage | undefined> {
  const before = { message: number + 1, inbound: number + 1 };
  const { rows } = await readMessageLog(database, workspace.workspaceId, { direction, before, limit: 1 });
  const [row] = rows;
  return (direction === 'out' ? row?.messageId : row?.inboundId) === number ? row : undefined;
}

function stepOf({ vocabulary }: StoryRooms, event: ChainEvent): Step {
  const { seq, occurredAt, type, payload } = event;
  const attempts = Number(payload['attempts']);
  const outcome = outcomes[type] ?? null;
  return {
    seq,
    at: occurredAt,
    type,
    words: wordsOf(event, vocabulary.get(type)?.means),
    outcome,
    channel: text(payload['channel']),
    attempt: outcome !== 'moved' && Number.isSafeInteger(attempts) ? attempts : null,
    to: text(payload['to']),
    error: text(payload['error']) ?? text(payload['reason']),
  };
}

const pages: Readonly<Record<string, About['kind']>> = {
  approval: 'approval',
  incident: 'incident',
  alert: 'alert',
  promotion: 'proposal',
};

/** By its thread, its correlation, the decision that it asks for and the alert that it tells of. */
async function aboutTold(
  { database, workspace }: StoryRooms,
  { thread, correlationId, decision, alertId }: ToldStory,
): Promise<About[]> {
  const { workspaceId } = workspace;
  const [kind = '', id = ''] = thread.split(':');
  const incidentId = kind === 'incident' && /^\d{1,15}$/.test(id) ? Number(id) : null;
  const [incidents, tickets] = await Promise.all([
    incidentsByNumber(database, workspaceId, incidentId === null ? [] : [incidentId]),
    ticketsByKey(database, workspaceId, correlationId === null ? [] : [correlationId]),
  ]);
  const incident = incidentId === null ? undefined : incidents.get(incidentId);
  const ticketId = kind === 'ticket' ? id : correlationId === null ? null : tickets.get(correlationId);
  const page = decision === null ? undefined : pages[decision.kind];
  const found = [
    ...one('incident', incident?.incidentId, incident?.title),
    ...one('wake', incident?.wakeId),
    ...one('alert', alertId),
    ...one('ticket', ticketId),
    ...one('run', kind === 'run' ? id : null),
    ...(page === undefined ? [] : one(page, decision?.subject)),
    ...one('decision', decision?.decisionId),
  ];
  const known = new Set<string>();
  return found.filter((about) => {
    const name = `${about.kind} ${about.id}`;
    if (known.has(name)) return false;
    known.add(name);
    return true;
  });
}

function one(
  kind: About['kind'],
  id: number | string | null | undefined,
  title: string | null = null,
): About[] {
  return id === null || id === undefined || id === '' ? [] : [{ kind, id: String(id), title }];
}

function otherOf(ref: MessageRef | null): Other | null {
  return ref === null ? null : { id: `out-${ref.messageId}`, title: ref.title, channel: ref.channel };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
