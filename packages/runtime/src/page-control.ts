import { blockedBy, doorLines } from './admission/index.ts';
import type { DoorLine } from './admission/index.ts';
import type { House } from './http/index.ts';
import { openCalls } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { causeTable, derive } from './state/index.ts';
import type { StateInputs } from './state/index.ts';
import { countBuckets, heldTickets } from './ticket/index.ts';

type ControlReads = Pick<House['page'], 'stopPreview' | 'resumePreview' | 'transitions'>;

/** From this level on held work is aborted, and from the next the process ends. */
const abortLevel = 3;
const killLevel = 4;

const effects: Readonly<Record<number, string>> = {
  1: 'Nothing new begins. What is in hand is worked to its end, with the calls it needs.',
  2: 'Nothing new begins, and no call leaves the house. What is in hand may end if it needs none.',
  3: 'Work in hand is told to stop, and its tickets go back to the queue.',
  4: 'Work in hand is told to stop, and every runtime of the workspace ends.',
  5: 'Work in hand is told to stop, secrets and access are forgotten, and every runtime of the workspace ends.',
};

/** What a stop or a resume would do now, by the tables that the real ones go by; and what the state was. */
export function controlReads(rooms: Rooms): ControlReads {
  return {
    stopPreview: (level) => stopPreview(rooms, level),
    resumePreview: () => resumePreview(rooms),
    transitions: (query) => transitions(rooms, query),
  };
}

async function stopPreview(rooms: Rooms, level: number): ReturnType<ControlReads['stopPreview']> {
  const { database, workspace, holder, scheduler, coordinator } = rooms;
  const { workspaceId } = workspace;
  const endsProcess = level >= killLevel;
  const inputs: StateInputs = {
    ...holder.inputs,
    stopLevel: Math.max(level, holder.inputs.stopLevel),
    killed: endsProcess || holder.inputs.killed,
  };
  const doors = doorsOf(inputs);
  // A call in a ticket's name goes on while the door is open to work in hand.
  const onlyOutsideTickets = doors.heldOnly.includes('model_call');
  const isCallOpen = doors.open.includes('model_call');
  const [held, calls, tasks] = await Promise.all([
    heldTickets(database, workspaceId),
    openCalls(database, workspaceId, { onlyOutsideTickets }),
    scheduler.list(),
  ]);
  const standing = tasks.filter(
    ({ purpose }) => endsProcess || !doors.open.includes(`periodic_task_${purpose}`),
  );
  const daemons = coordinator.list().filter(({ state }) => endsProcess && state === 'running');
  return {
    level,
    effect: effects[level] ?? '',
    claimsReleased: level >= abortLevel ? held : [],
    claimsHeld: level >= abortLevel ? [] : held,
    callsCancelled: isCallOpen
      ? { count: 0, costMicroUsd: 0 }
      : { count: calls.count, costMicroUsd: calls.reservedMicroUsd },
    daemonsStopped: [...daemons, ...standing].map(({ name }) => name),
    endsProcess,
    stateAfter: derive(inputs).primaryState,
    doors,
    resumedBy: 'an operator, and nobody else',
    undo: endsProcess
      ? 'Start it again with kora up; it stays paused until an operator resumes.'
      : `An operator resumes: kora resume.${level >= abortLevel ? ' Tickets that went back are claimed anew.' : ''}`,
    command: `kora stop --level L${level} --reason "…"`,
  };
}

/** Every line of the door table as this state has it. */
function doorsOf(inputs: StateInputs): { open: DoorLine[]; heldOnly: DoorLine[]; closed: DoorLine[] } {
  const passes = (line: DoorLine, held: boolean): boolean =>
    blockedBy(line, inputs, () => held) === undefined;
  return {
    open: doorLines.filter((line) => passes(line, false)),
    heldOnly: doorLines.filter((line) => !passes(line, false) && passes(line, true)),
    closed: doorLines.filter((line) => !passes(line, true)),
  };
}

async function resumePreview(rooms: Rooms): ReturnType<ControlReads['resumePreview']> {
  const { database, workspace, holder, scheduler, spend } = rooms;
  const [counts, tasks, now] = await Promise.all([
    countBuckets(database, workspace.workspaceId),
    scheduler.list(),
    spend.read(),
  ]);
  const { inputs } = holder;
  // A bare resume lifts every stop and the operator's own holds; the others stay until what they are about is over.
  const staying = inputs.holds.filter(({ cause }) => cause !== 'operator');
  const after = derive({ ...inputs, holds: staying, stopLevel: 0 });
  const stillHeldBy = [
    ...staying.map(({ cause, reason }) => `a ${cause} hold: ${reason}`),
    ...(inputs.boot === 'running' ? ['the boot has not passed yet'] : []),
    ...(inputs.boot === 'failed' ? ['the boot has failed'] : []),
    ...(inputs.killed ? ['this process is ending'] : []),
    ...(after.claimPermission === 'critical_only'
      ? [`only critical work is claimed while it is degraded: ${after.degradationReasons.join(', ')}`]
      : []),
  ];
  return {
    queued: counts.queued,
    deferred: counts.deferred,
    tasksDue: tasks.filter(({ late, purpose }) => late && purpose === 'act').length,
    budgetLeftMicroUsd:
      now === undefined ? null : Math.max(0, now.poolMicroUsd - now.spentMicroUsd - now.reservedMicroUsd),
    stillHeldBy,
  };
}

const transitioned = 'kora.operational_state.transitioned';
/** How many further back it is looked what a runtime's reasons were before: several runtimes may take turns. */
const lookBehind = 20;

async function transitions(
  { chain }: Rooms,
  { since, before, limit = 100 }: Parameters<ControlReads['transitions']>[0],
): ReturnType<ControlReads['transitions']> {
  const events = await chain.newest({ types: [transitioned], before, limit: limit + lookBehind });
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  const shown = events.slice(0, limit).filter(({ occurredAt }) => Date.parse(occurredAt) >= from);
  return shown.map((event, at) => {
    const { payload, runtimeId, actorId } = event;
    const earlier = events.slice(at + 1).find((each) => each.runtimeId === runtimeId);
    const now = texts(payload['degradation_reasons']);
    const was = texts(earlier?.payload['degradation_reasons']);
    const cause = word(payload['cause']);
    return {
      seq: event.seq,
      at: event.occurredAt,
      from: word(payload['from_primary_state']),
      to: word(payload['to_primary_state']),
      cause,
      trigger: word(payload['trigger']),
      actor: actorId === 'kora' ? actorOf(cause) : actorId,
      note: typeof payload['note'] === 'string' ? payload['note'] : null,
      claimPermission: word(payload['claim_permission']),
      reasonsAdded: now.filter((reason) => !was.includes(reason)),
      reasonsRemoved: was.filter((reason) => !now.includes(reason)),
    };
  });
}

const roles = {
  boot: 'gate',
  worker: 'claim',
  operator: 'operator',
  chain: 'check',
  spend: 'cost watcher',
  control: 'control',
} as const;

/** Who raised it, by the table of causes; a cause of another build is told as it is. */
function actorOf(cause: string): string {
  const known = Object.entries(causeTable).find(([name]) => name === cause)?.[1];
  return known === undefined ? 'kora' : roles[known.role];
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
