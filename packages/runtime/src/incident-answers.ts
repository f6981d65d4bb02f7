import { draft } from './chain/index.ts';
import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { House, shape } from './http/index.ts';
import { incidentDeeds } from './incident-deeds.ts';
import { incidentStory } from './incident-story.ts';
import {
  addWindow,
  availability,
  endWindow,
  findIncident,
  incidentNoted,
  listWindows,
  noteIncident,
  readDays,
  readSpans,
  readTimeline,
  windowAdded,
  windowEnded,
} from './probe/index.ts';
import type { IncidentRecord, ProbeState } from './probe/index.ts';
import type { Rooms } from './rooms.ts';
import { ticketsByKey } from './ticket/index.ts';
import { operatorActor } from './workspace/index.ts';

type IncidentAnswers = Pick<
  House,
  | 'incident'
  | 'incidentTimeline'
  | 'incidentStory'
  | 'acknowledgeIncident'
  | 'silenceIncident'
  | 'noteIncident'
  | 'probes'
  | 'runProbe'
  | 'probeHistory'
  | 'probeDays'
  | 'probeWindows'
  | 'addProbeWindow'
  | 'endProbeWindow'
>;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** What people ask of a service: the last day, week, month, quarter. */
const usualWindowsMs = [dayMs, 7 * dayMs, 30 * dayMs, 90 * dayMs];

/** What is known and said of incidents, how probes were, and when nobody is to be told. */
export function incidentAnswers(ground: Ground, rooms: Rooms): IncidentAnswers {
  return { ...incidentWords(ground, rooms), ...probeLooks(ground, rooms), ...windowAnswers(rooms) };
}

type Words = Pick<
  House,
  | 'incident'
  | 'incidentTimeline'
  | 'incidentStory'
  | 'acknowledgeIncident'
  | 'silenceIncident'
  | 'noteIncident'
>;

function incidentWords(ground: Ground, rooms: Rooms): Words {
  const { database, workspace, chain } = rooms;
  const { workspaceId } = workspace;
  const stage = chain.stage.bind(chain);
  const by = operatorActor;
  const deeds = incidentDeeds(ground, rooms);
  const find = (incidentId: number): Promise<IncidentRecord> =>
    findIncident(database, workspaceId, incidentId);
  const linksOf = ({ wakeId }: IncidentRecord) => ({ actorId: by, correlationId: wakeId });
  const said = { by, via: 'api' };
  return {
    incident: async (incidentId) => withTicket(rooms, await find(incidentId)),
    incidentTimeline: async (incidentId) => {
      await find(incidentId);
      return readTimeline(database, workspaceId, incidentId);
    },
    incidentStory: async (incidentId) => incidentStory(rooms, await find(incidentId), ground.clock.now()),
    acknowledgeIncident: async (incidentId, word) => {
      const known = database.transaction((tx) => deeds.acknowledge(tx, { ...word, ...said, incidentId }));
      return withTicket(rooms, await known);
    },
    silenceIncident: async (incidentId, word) => {
      const quiet = database.transaction((tx) => deeds.silence(tx, { ...word, ...said, incidentId }));
      return withTicket(rooms, await quiet);
    },
    noteIncident: async (incidentId, note) => {
      const record = await find(incidentId);
      await database.transaction(async (tx) => {
        await noteIncident(tx, workspaceId, { incidentId, by, reason: note });
        const payload = { incident_id: incidentId, probe: record.probe, note };
        await stage(tx, [draft(incidentNoted, payload, linksOf(record))]);
      });
      return readTimeline(database, workspaceId, incidentId);
    },
  };
}

function probeLooks(
  ground: Ground,
  rooms: Rooms,
): Pick<House, 'probes' | 'runProbe' | 'probeHistory' | 'probeDays'> {
  const { probes, database, workspace } = rooms;
  const { workspaceId } = workspace;
  return {
    probes: async () => {
      const [all, windows] = await Promise.all([probes.list(), listWindows(database, workspaceId)]);
      const now = ground.clock.now();
      const on = windows.filter(({ startsAt }) => Date.parse(startsAt) <= now);
      return all.map((state) => {
        const ends = on
          .filter(({ probe }) => probe === null || probe === state.name)
          .map(({ endsAt }) => endsAt);
        return { ...probeRow(state), windowEndsAt: ends.toSorted().at(-1) ?? null };
      });
    },
    runProbe: async (name) => probeRow(await probes.runNow(name)),
    probeHistory: async (name, { sinceMs = dayMs, points = 48 }) => {
      await knownProbe(rooms, name);
      const until = ground.clock.now();
      const from = until - sinceMs;
      const widthMs = Math.max(1, Math.ceil(sinceMs / points));
      // A look of this very instant counts.
      const asked = { probe: name, from, until: until + 1, widthMs };
      const [spans, windows] = await Promise.all([
        readSpans(database, workspaceId, asked),
        availability(database, workspaceId, { probe: name, now: until, windowsMs: usualWindowsMs }),
      ]);
      const iso = (at: number): string => new Date(at).toISOString();
      return { probe: name, from: iso(from), until: iso(until), widthMs, spans, availability: windows };
    },
    probeDays: async ({ days = 90 }) => {
      const names = (await probes.list()).map(({ name }) => name);
      const asked = { probes: names, now: ground.clock.now(), days, windowsMs: usualWindowsMs };
      const found = await readDays(database, workspaceId, asked);
      return found.map((row) => ({ ...row, days: [...row.days], windows: [...row.windows] }));
    },
  };
}

function windowAnswers(rooms: Rooms): Pick<House, 'probeWindows' | 'addProbeWindow' | 'endProbeWindow'> {
  const { database, workspace, chain } = rooms;
  const { workspaceId } = workspace;
  const by = operatorActor;
  return {
    probeWindows: () => listWindows(database, workspaceId),
    addProbeWindow: async ({ probe, from, forMs, reason }) => {
      if (probe !== null) await knownProbe(rooms, probe);
      return database.transaction(async (tx) => {
        const window = await addWindow(tx, workspaceId, { probe, from, forMs, reason, by });
        const { windowId, startsAt, endsAt } = window;
        const payload = { window_id: windowId, probe, starts_at: startsAt, ends_at: endsAt, reason };
        await chain.stage(tx, [draft(windowAdded, payload, { actorId: by })]);
        return window;
      });
    },
    endProbeWindow: (windowId, reason) =>
      database.transaction(async (tx) => {
        const window = await endWindow(tx, workspaceId, windowId);
        const payload = { window_id: windowId, probe: window.probe, reason };
        await chain.stage(tx, [draft(windowEnded, payload, { actorId: by })]);
        return window;
      }),
  };
}

/** Throws KORA_PROBE_UNKNOWN. */
async function knownProbe({ probes }: Rooms, name: string): Promise<void> {
  if ((await probes.list()).some((probe) => probe.name === name)) return;
  throw fault('KORA_PROBE_UNKNOWN', `there is no probe ${name}`, { fix: 'kora probe list' });
}

function probeRow({ dependsOn, ...state }: ProbeState): shape.ProbeRow {
  return {
    ...state,
    details: { ...state.details },
    ...(dependsOn === undefined ? {} : { dependsOn: [...dependsOn] }),
  };
}

async function withTicket(rooms: Rooms, incident: IncidentRecord): Promise<shape.IncidentRow> {
  const { database, workspace } = rooms;
  const tickets = await ticketsByKey(database, workspace.workspaceId, [incident.wakeId]);
  return { ...incident, ticketId: tickets.get(incident.wakeId) ?? null };
}
