import { join } from 'node:path';
import {
  Admission,
  admissionEvents,
  countRefusals,
  noCapabilities,
} from '../../packages/runtime/src/admission/index.ts';
import { Chain, Vocabulary } from '../../packages/runtime/src/chain/index.ts';
import type { ChainOwner } from '../../packages/runtime/src/chain/index.ts';
import { FakeClock, systemClock } from '../../packages/runtime/src/clock/index.ts';
import { controlAnswers } from '../../packages/runtime/src/control-answers.ts';
import { Controller, Kill, killBySentinel, readSentinel } from '../../packages/runtime/src/control/index.ts';
import type { ControllerKeeper } from '../../packages/runtime/src/control/index.ts';
import { KoraError, messageOf } from '../../packages/runtime/src/fault/index.ts';
import { homeFiles, openNumbers } from '../../packages/runtime/src/home/index.ts';
import type { Home } from '../../packages/runtime/src/home/index.ts';
import { Scope } from '../../packages/runtime/src/scope/index.ts';
import { costHold } from '../../packages/runtime/src/spend-answers.ts';
import { budgetPort, Spend, spendEvents } from '../../packages/runtime/src/spend/index.ts';
import { OperationalStateHolder, stateEvents } from '../../packages/runtime/src/state/index.ts';
import { stateNow } from '../../packages/runtime/src/stop-reach.ts';
import { isStoreAway } from '../../packages/runtime/src/store/index.ts';
import type { Database } from '../../packages/runtime/src/store/index.ts';
import { ClaimsObserver, paidWork } from '../../packages/runtime/src/ticket-state.ts';
import { watchEpoch } from '../../packages/runtime/src/store-life.ts';
import {
  countHeld,
  countReleased,
  Sessions,
  ticketEvents,
  TicketWorker,
} from '../../packages/runtime/src/ticket/index.ts';
import type { TicketResult } from '../../packages/runtime/src/ticket/index.ts';
import type { Workspace } from '../../packages/runtime/src/workspace/index.ts';
import type { Wrong } from './planted.ts';
import { slots } from './reference.ts';
import { Way } from './way.ts';

/** What all processes of a town share. */
export interface Ground {
  readonly database: Database;
  readonly workspace: Workspace;
  readonly wrong: Wrong;
}

export const poolMicroUsd = 1_000_000;
export const events = [...stateEvents, ...ticketEvents, ...admissionEvents, ...spendEvents];

/** The words of these rooms, as one process knows them. */
export function words(): Vocabulary {
  const vocabulary = new Vocabulary();
  vocabulary.register('kora', events);
  return vocabulary;
}

const lapMs = 6_000;

type Answers = ReturnType<typeof controlAnswers>;
type Keeper = ControllerKeeper & Parameters<typeof killBySentinel>[0] & { notice(): void };

/** Time stands until the run moves it; ids are those of the world, and waits of milliseconds are not worth a move. */
function standing(): FakeClock {
  const fake = new FakeClock();
  const real = systemClock();
  const sleep = fake.sleep.bind(fake);
  return Object.assign(fake, {
    uuid: () => real.uuid(),
    sleep: (ms: number, signal?: AbortSignal) => (ms < 10 ? real.sleep(ms, signal) : sleep(ms, signal)),
  });
}

/** What one process is from its first moment on. */
class Frame {
  readonly way = new Way();
  readonly scope = new Scope('process');
  readonly clocks = { chain: standing(), control: standing(), state: standing(), work: standing() };
  /** What went wrong although the store was there. */
  readonly errors: string[] = [];
  /** The stops that were issued through it. */
  readonly issued = new Set<string>();
  /** Tickets in hand, with what ends the work on each. */
  readonly inHand = new Map<number, (result: TicketResult) => void>();
  readonly stopping = new AbortController();

  readonly onError = (where: string, error: unknown): void => {
    const isOutage = isStoreAway(error) || (error instanceof KoraError && isStoreAway(error.cause));
    if (!isOutage) this.errors.push(`${where}: ${messageOf(error)}`);
  };
}

interface Rooms {
  readonly chain: Chain;
  readonly holder: OperationalStateHolder;
  readonly controller: Controller;
  readonly worker: TicketWorker;
  readonly keeper: Keeper;
  readonly kill: Kill;
  readonly spend: Spend;
  readonly answers: Answers;
  /** The heartbeat of the session: which life the store is in. */
  readonly beat: () => Promise<unknown>;
}

/** One process of a runtime: the shipped rooms on a way to the store, from its begin to its end or its death. */
export class Process {
  readonly #frame: Frame;
  readonly #rooms: Rooms;
  #working: Promise<void> = Promise.resolve();
  #watching: Promise<void> = Promise.resolve();

  private constructor(frame: Frame, rooms: Rooms) {
    this.#frame = frame;
    this.#rooms = rooms;
  }

  /** What a runtime does before its gates: takes back what an earlier process held, and looks. */
  static async begin(ground: Ground, home: Home, startedAt: number): Promise<Process> {
    const frame = new Frame();
    const rooms = await roomsOf(frame, ground, home, startedAt);
    const process = new Process(frame, rooms);
    frame.scope.add('sentinel', () => listening[Symbol.dispose]());
    const listening = killBySentinel(rooms.keeper, rooms.kill);
    await rooms.spend.open(poolMicroUsd);
    await rooms.worker.recover();
    process.#watching = rooms.controller.run(frame.stopping.signal);
    await rooms.controller.look();
    return process;
  }

  get way(): Way {
    return this.#frame.way;
  }

  get errors(): readonly string[] {
    return this.#frame.errors;
  }

  get inHand(): ReadonlyMap<number, (result: TicketResult) => void> {
    return this.#frame.inHand;
  }

  /** Work that has answered is in nobody's hands. */
  finished(ticketId: number): void {
    this.#frame.inHand.delete(ticketId);
  }

  get issued(): Set<string> {
    return this.#frame.issued;
  }

  get rooms(): Rooms {
    return this.#rooms;
  }

  /** The gates have passed: work begins. */
  async pass(): Promise<void> {
    const { holder, beat, worker } = this.#rooms;
    await beat();
    await holder.transition('boot.passed', { boot: 'passed' }, { detail: { boot_id: 1, elapsed_ms: 1 } });
    this.#working = worker.run(this.#frame.stopping.signal);
  }

  /** As long as it takes until claims that went are told. */
  async second(): Promise<void> {
    await this.#frame.clocks.state.advance(1_000);
  }

  /** Time enough for a beat of the session, a look for tickets and one for dead leases. */
  lap(): Promise<void> {
    return this.#frame.clocks.work.advance(lapMs);
  }

  /** Until what waited in the home is staged. */
  async returned(): Promise<void> {
    for (let tries = 0; tries < 100 && this.#rooms.chain.spooled.waiting > 0; tries += 1)
      await this.#frame.clocks.chain.advance(1_000);
  }

  /** The orderly end. */
  async end(): Promise<void> {
    this.#frame.stopping.abort();
    await Promise.all([this.#working, this.#watching]);
    await this.#rooms.controller.lastWord();
    await this.#frame.scope.dispose();
  }

  /** Without a word: whatever it was about to do, it does not. */
  die(): void {
    this.#frame.way.die();
    // Nobody waits for it; it lets go of its files as the system would.
    this.#frame.scope.dispose().catch(() => undefined);
  }
}

async function roomsOf(
  frame: Frame,
  { database: store, workspace, wrong }: Ground,
  home: Home,
  startedAt: number,
): Promise<Rooms> {
  const { way, scope, clocks, issued, onError } = frame;
  const { workspaceId } = workspace;
  const { runtimeId, directory } = home;
  const database = way.to(store);
  const owner = { workspaceId, runtimeId, sessionId: systemClock().uuid(), actorId: 'kora' };
  const spool = { path: join(directory, homeFiles.spool, 'default.ndjson') };
  const chain = new Chain({
    database,
    owner,
    vocabulary: words(),
    clock: clocks.chain,
    scope,
    onError,
    spool,
  });
  await chain.start();
  const stage = chain.stage.bind(chain);
  const record = async (drafts: Parameters<Chain['append']>[0]): Promise<void> => {
    // It may wait in a file of the home: that is no statement.
    await way.track(() => chain.append(drafts));
  };
  const holder = new (wrong.holder ?? OperationalStateHolder)({
    clock: clocks.state,
    runtimeId,
    numbers: await openNumbers(directory, onError),
    record: wrong.record?.(record) ?? record,
    onError,
  });
  const keeper = keeperOf(directory, startedAt);
  const { worker, spend } = workOf(frame, { store, workspace, wrong, owner, chain, holder, keeper });
  const abort = (reason: string): Promise<number> => worker.abort(reason);
  const kill = new Kill({
    exitBy: () => undefined,
    stopped: ({ level }) =>
      holder.transition(
        'stop.kill',
        { killed: true, stopLevel: Math.max(level, holder.inputs.stopLevel) },
        { detail: { level } },
      ),
    abort,
    dropCredentials: () => Promise.resolve(),
    end: () => Promise.resolve(),
    onError,
  });
  const [now] = await database.query<{ at: string }>('select clock_timestamp()::text as at');
  const counts = { claimsReleased: countReleased, claimsHeld: countHeld, callsRefused: countRefusals };
  const controller = new Controller({
    database: way.to(store, wrong.control?.({ startedAt: now?.at ?? '', issued })),
    // It stands still: a look is a deed, and what wakes it besides is the home.
    clock: clocks.control,
    workspaceId,
    runtimeId,
    home: directory,
    stage,
    holder,
    keeper,
    kill,
    runsForMs: () => 0,
    sealStaleForMs: () => undefined,
    counts,
    abort,
    note: () => Promise.resolve(),
    freed: () => worker.kick(),
    onError,
  });
  const answers = controlAnswers({
    ground: { home },
    rooms: { database: way.to(store, wrong.answers), workspace, chain, controller },
    // The gates of a boot are not among these rooms, and nothing here is shown to anybody.
    sequence: {} as Parameters<typeof controlAnswers>[0]['sequence'],
    operationalState: () => ({}) as ReturnType<Parameters<typeof controlAnswers>[0]['operationalState']>,
  });
  const beat = (): Promise<unknown> => watchEpoch(directory, { database, workspace, chain, controller });
  return { chain, holder, controller, worker, keeper, kill, spend, answers, beat };
}

interface WorkGround {
  readonly store: Database;
  readonly workspace: Workspace;
  readonly wrong: Wrong;
  readonly owner: ChainOwner;
  readonly chain: Chain;
  readonly holder: OperationalStateHolder;
  readonly keeper: Keeper;
}

function workOf(frame: Frame, ground: WorkGround): Pick<Rooms, 'worker' | 'spend'> {
  const { way, scope, clocks, onError, inHand } = frame;
  const { store, workspace, wrong, owner, chain, holder, keeper } = ground;
  const stage = chain.stage.bind(chain);
  const claims = new ClaimsObserver({ clock: clocks.state, scope, onError }, holder);
  const paid = paidWork({
    database: store,
    workspace,
    chain,
    runtimeId: owner.runtimeId,
    clock: clocks.state,
    claims,
    announce: () => worker.announce(),
  });
  const spend = new Spend({
    database: way.to(store),
    workspaceId: workspace.workspaceId,
    caller: `runtime:${owner.runtimeId}`,
    stage,
    hold: costHold({ workspace, chain, paid }),
    clock: clocks.state,
    onError,
  });
  const admission: Admission = new Admission({
    state: () => stateNow(holder, keeper),
    holdsClaim: (claim) => worker.holds(claim),
    budget: budgetPort(spend),
    capabilities: noCapabilities,
    refused: { refused: () => undefined },
    onError,
  });
  const worker = new TicketWorker({
    database: way.to(store, wrong.worker),
    owner,
    clock: clocks.work,
    sessions: new Sessions({
      database: way.to(store),
      owner,
      clock: clocks.work,
      singleProcess: false,
      onError,
    }),
    prepare: (event) => chain.prepare(event),
    scrub: (text) => text,
    staged: () => chain.staged(),
    admission,
    onClaims: (live, lost) => claims.changed(live, lost),
    apply: () => Promise.resolve(),
    onError,
  });
  worker.handle({
    kind: 'work',
    concurrency: slots,
    // The reference says what is worked, not what lies ready beside it.
    prefetch: 0,
    work: ({ ticketId, signal }) =>
      new Promise((resolve) => {
        inHand.set(ticketId, resolve);
        signal.addEventListener('abort', () => inHand.delete(ticketId), { once: true });
      }),
  });
  return { worker, spend };
}

/** What the keeper's thread sees of the home, seen at once. */
function keeperOf(home: string, startedAt: number): Keeper {
  const listeners = new Set<Parameters<Keeper['onSentinel']>[0]>();
  const here = (): ReturnType<typeof readSentinel> => readSentinel(home);
  return {
    level: () => here()?.level ?? 0,
    sentinel: here,
    kills: () => {
      const sentinel = here();
      return sentinel !== undefined && sentinel.level >= 4 && Date.parse(sentinel.at) >= startedAt;
    },
    onSentinel: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    watch: () => undefined,
    effective: () => undefined,
    superseded: () => undefined,
    tell: () => undefined,
    told: () => [],
    recorded: () => undefined,
    notice: () => {
      for (const listener of listeners) listener(here());
    },
  };
}
