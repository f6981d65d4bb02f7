import { onTestFinished } from 'vitest';
import { scene } from '../admission/testing/scene.ts';
import type { Admission } from '../admission/index.ts';
import { Chain, Vocabulary } from '../chain/index.ts';
import type { ChainEvent, EventDraft } from '../chain/index.ts';
import { systemClock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import { Scope } from '../scope/index.ts';
import { budgetPort, Spend, spendEvents } from '../spend/index.ts';
import { costHold } from '../spend-answers.ts';
import { OperationalStateHolder, readControl, stateEvents } from '../state/index.ts';
import type { Database } from '../store/index.ts';
import { addTicket, Sessions, ticketEvents, TicketWorker } from '../ticket/index.ts';
import type { AddedTicket, NewTicket } from '../ticket/index.ts';
import { ClaimsObserver, paidWork } from '../ticket-state.ts';
import { ensureWorkspace } from '../workspace/index.ts';

/** State, chain, spend, door and worker of one runtime, connected as the runtime connects them, on a real store and clock. */
export interface TicketRooms {
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly holder: OperationalStateHolder;
  readonly worker: TicketWorker;
  readonly spend: Spend;
  readonly stage: Chain['stage'];
  readonly admission: Admission;
  readonly errors: { readonly where: string; readonly error: unknown }[];
  /** While it is set, no transition can be recorded. */
  mute: boolean;
  add(ticket?: Partial<NewTicket>): Promise<AddedTicket>;
  /** What is on the chain, in its order, of these types. */
  events(...types: readonly string[]): Promise<ChainEvent[]>;
  /** One look at holds, stops and the ceiling, as the controller does it each second. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export interface TicketRoomsOptions {
  readonly workspace?: string;
  readonly poolMicroUsd?: number;
}

const lookEveryMs = 50;

/** A runtime that has booted; it works tickets until the test ends. */
export async function ticketRooms(
  database: Database,
  options: TicketRoomsOptions = {},
): Promise<TicketRooms> {
  const clock = systemClock();
  const scope = new Scope('ticket rooms');
  const runtimeId = clock.uuid();
  const errors: { where: string; error: unknown }[] = [];
  const onError = (where: string, error: unknown): void => void errors.push({ where, error });
  const name = options.workspace ?? `w${clock.uuid()}`;
  const workspace = await database.transaction((tx) => ensureWorkspace(tx, name));
  const { workspaceId } = workspace;
  const owner = { workspaceId, runtimeId, sessionId: clock.uuid(), actorId: 'kora' };
  const chain = new Chain({ database, owner, vocabulary: new Vocabulary(), clock, scope, onError });
  await chain.declare('kora', [...stateEvents, ...ticketEvents, ...spendEvents]);
  await chain.start();
  let n = 0;
  const holder = new OperationalStateHolder({
    clock,
    runtimeId,
    numbers: { next: () => (n += 1) },
    record: async (drafts: readonly EventDraft[]) => {
      if (rooms.mute) throw fault('KORA_INTERNAL', 'nothing can be recorded');
      await chain.append(drafts);
    },
    onError,
  });
  const claims = new ClaimsObserver({ clock, scope, onError }, holder);
  const announce = (): void => worker.announce();
  const paid = paidWork({ database, workspace, chain, runtimeId, clock, claims, announce });
  const stage: Chain['stage'] = (tx, drafts) => chain.stage(tx, drafts);
  const hold = costHold({ workspace, chain, paid });
  const spend = new Spend({ database, workspaceId, caller: 'runtime:test', stage, hold, clock, onError });
  const { admission } = scene({
    state: () => ({ inputs: holder.inputs, derived: holder.state }),
    holdsClaim: (claim) => worker.holds(claim),
    budget: budgetPort(spend),
    onError,
  });
  const worker = new TicketWorker({
    database,
    owner,
    clock,
    sessions: new Sessions({ database, owner, clock, singleProcess: false, onError }),
    prepare: (event) => chain.prepare(event),
    scrub: (text) => text,
    staged: () => chain.staged(),
    admission,
    onClaims: (live, lost) => claims.changed(live, lost),
    apply: (tx, { events = [] }) => stage(tx, events),
    onError,
  });
  const rooms: TicketRooms = {
    workspaceId,
    runtimeId,
    holder,
    worker,
    spend,
    stage,
    admission,
    errors,
    mute: false,
    add: async (ticket = {}) => {
      const added = await database.transaction((tx) =>
        addTicket(tx, chain, { kind: 'test', title: 'a ticket', ...ticket }),
      );
      worker.kick();
      return added;
    },
    events: async (...types) =>
      (await chain.read({ limit: 1_000 })).filter(({ type }) => types.includes(type)),
    look: async () => {
      await holder.observe(await readControl(database, workspaceId)).catch((error: unknown) => {
        onError('control', error);
      });
    },
    stop: () => scope.dispose(),
  };
  await spend.open(options.poolMicroUsd ?? 200_000_000);
  await holder.transition('boot.passed', { boot: 'passed' }, { detail: { boot_id: 1, elapsed_ms: 1 } });
  const failed = (error: unknown): void => onError('rooms', error);
  const look = async (signal: AbortSignal): Promise<void> => {
    while (await clock.sleep(lookEveryMs, signal)) await rooms.look();
  };
  scope.run('control', look, failed);
  scope.run('spend', (signal) => spend.run(signal), failed);
  scope.child('work').run('tickets', (signal) => worker.run(signal), failed);
  onTestFinished(() => rooms.stop());
  return rooms;
}
