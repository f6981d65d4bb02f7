import { onTestFinished } from 'vitest';
import { Admission, countRefusals, noBudget, noCapabilities, RefusalBook } from '../../admission/index.ts';
import { admissionEvents } from '../../admission/index.ts';
import { chainOn } from '../../chain/testing/chain.ts';
import { systemClock } from '../../clock/index.ts';
import { testFolder } from '../../home/testing/folder.ts';
import { issueStop, OperationalStateHolder, stateEvents } from '../../state/index.ts';
import type { StopCommand, StopWish } from '../../state/index.ts';
import { openPool } from '../../store/index.ts';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import type { TestDatabase } from '../../store/testing/database.ts';
import {
  addTicket,
  countHeld,
  countReleased,
  Sessions,
  ticketEvents,
  TicketWorker,
} from '../../ticket/index.ts';
import { heldHandler } from '../../ticket/testing/worker.ts';
import { Controller, Kill, readSentinel } from '../index.ts';
import { controlEvents } from '../index.ts';
import type { ControllerKeeper, EmergencyRecord, KillOrder } from '../index.ts';

/** What a test sees of one runtime: its controller with real work, and everything that it asked of others. */
export interface TestRuntime {
  readonly runtimeId: string;
  readonly home: string;
  readonly holder: OperationalStateHolder;
  readonly controller: Controller;
  readonly admission: Admission;
  readonly handler: ReturnType<typeof heldHandler>;
  /** Orders of kills that reached the end of the process. */
  readonly ends: string[];
  /** What was left with the operator's messages. */
  readonly notes: string[];
  readonly errors: string[];
  readonly keeper: ScriptedKeeper;
  /** Puts a ticket on the queue that this runtime takes, and waits until its handler has it. */
  claim(): Promise<void>;
}

export interface ScriptedKeeper extends ControllerKeeper {
  readonly asked: (readonly [string, unknown])[];
  /** What it told past every channel and nobody has recorded. */
  readonly records: EmergencyRecord[];
  /** The keeper's thread sees what lies in the home. */
  notice(): void;
}

export interface Fleet extends TestDatabase {
  readonly workspaceId: number;
  runtime(options?: RuntimeOptions): Promise<TestRuntime>;
  /** Issues a command as the API does, from nowhere near any runtime. */
  issue(wish: Partial<StopWish> & Pick<StopWish, 'level'>): Promise<StopCommand>;
}

export interface RuntimeOptions {
  /** Without notifications only the poll tells. */
  readonly isDeaf?: boolean;
  /** Stands between the runtime and its store. */
  readonly wrap?: (database: Database) => Database;
  readonly clock?: ReturnType<typeof systemClock>;
  readonly abort?: () => Promise<number>;
  /** Milliseconds that the process has run already. */
  readonly runsForMs?: number;
  /** Left out, what is staged is sealed in time. */
  readonly sealStaleForMs?: () => number | undefined;
}

const operator = { actorId: 'operator', kind: 'operator' } as const;

/** Any number of runtimes on one database, each with a pool, a chain, a worker and a controller of its own. */
export async function testFleet(): Promise<Fleet> {
  const made = await testDatabase();
  const { chain, workspaceId } = await chainOn(made.database);
  await chain.declare('kora', [...stateEvents, ...controlEvents, ...ticketEvents, ...admissionEvents]);
  return {
    ...made,
    workspaceId,
    runtime: (options = {}) => testRuntime(made, options),
    issue: async (wish) => {
      const whole = { reason: 'a test', issuer: operator, via: 'api', ...wish } as const;
      const context = { workspaceId, stage: chain.stage.bind(chain) };
      return (await made.database.transaction((tx) => issueStop(tx, context, whole))).command;
    },
  };
}

async function testRuntime({ connection }: TestDatabase, options: RuntimeOptions): Promise<TestRuntime> {
  const clock = options.clock ?? systemClock();
  const errors: string[] = [];
  const onError = (where: string, error: unknown): void => void errors.push(`${where}: ${String(error)}`);
  const pool = openPool({
    connection,
    server: { kind: 'url', description: 'test' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  onTestFinished(() => pool.close());
  const { chain, workspaceId } = await chainOn(pool);
  await chain.declare('kora', [...stateEvents, ...controlEvents, ...ticketEvents, ...admissionEvents]);
  const { runtimeId } = chain.owner;
  const stage = chain.stage.bind(chain);
  let n = 0;
  const holder = new OperationalStateHolder({
    clock,
    runtimeId,
    numbers: { next: () => (n += 1) },
    record: async (drafts) => void (await chain.append(drafts)),
    onError,
  });
  const refusals = new RefusalBook({ database: pool, workspaceId, runtimeId, clock, stage, onError });
  const admission: Admission = new Admission({
    state: () => ({ inputs: holder.inputs, derived: holder.state }),
    holdsClaim: (claim) => worker.holds(claim),
    budget: noBudget,
    capabilities: noCapabilities,
    refused: refusals,
    onError,
  });
  const worker = new TicketWorker({
    database: pool,
    owner: chain.owner,
    clock,
    sessions: new Sessions({ database: pool, owner: chain.owner, clock, singleProcess: false, onError }),
    prepare: (event) => chain.prepare(event),
    scrub: (text) => text,
    staged: () => chain.staged(),
    admission,
    onClaims: () => undefined,
    apply: () => Promise.resolve(),
    onError,
  });
  const handler = heldHandler({ kind: `of_${runtimeId.replaceAll('-', '').slice(-12)}` });
  worker.handle(handler);
  const home = testFolder();
  const keeper = scriptedKeeper(home);
  const ends: string[] = [];
  const notes: string[] = [];
  const kill = new Kill({
    exitBy: () => undefined,
    stopped: ({ level }: KillOrder) =>
      holder.transition('stop.kill', { killed: true, stopLevel: level }, { detail: { level } }),
    abort: (reason) => worker.abort(reason),
    dropCredentials: () => Promise.resolve(),
    end: (reason) => Promise.resolve(void ends.push(reason)),
    onError,
  });
  const controller = new Controller({
    database: options.isDeaf === true ? deaf(pool) : (options.wrap?.(pool) ?? pool),
    clock,
    workspaceId,
    runtimeId,
    home,
    stage,
    holder,
    keeper,
    kill,
    runsForMs: () => options.runsForMs ?? 0,
    sealStaleForMs: () => options.sealStaleForMs?.(),
    counts: { claimsReleased: countReleased, claimsHeld: countHeld, callsRefused: countRefusals },
    abort: options.abort ?? ((reason) => worker.abort(reason)),
    note: (_tx, { first, times }) => Promise.resolve(void notes.push(`${times} x ${first.detail}`)),
    freed: () => worker.kick(),
    onError,
  });
  await controller.look();
  await holder.transition('boot.passed', { boot: 'passed' }, { detail: { boot_id: 1, elapsed_ms: 1 } });
  const stopping = new AbortController();
  const loops = [worker, controller, refusals].map((loop) => loop.run(stopping.signal));
  onTestFinished(async () => {
    stopping.abort();
    await worker.abort('the test ends');
    await Promise.all(loops);
  });
  return {
    runtimeId,
    home,
    holder,
    controller,
    admission,
    handler,
    ends,
    notes,
    errors,
    keeper,
    claim: async () => {
      await pool.transaction((tx) => addTicket(tx, chain, { kind: handler.kind, title: 'work' }));
      worker.kick();
      await handler.next();
    },
  };
}

function deaf(database: Database): Database {
  return Object.assign(Object.create(database) as Database, {
    listen: () => Promise.resolve({ [Symbol.dispose]: () => undefined }),
  });
}

function scriptedKeeper(home: string): ScriptedKeeper {
  const asked: (readonly [string, unknown])[] = [];
  const listeners = new Set<(sentinel: ReturnType<typeof readSentinel>) => void>();
  const records: EmergencyRecord[] = [];
  return {
    asked,
    records,
    told: () => [...records],
    recorded: (ids) => void records.splice(0, ids.length),
    level: () => readSentinel(home)?.level ?? 0,
    sentinel: () => readSentinel(home),
    onSentinel: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    watch: (stop) => void asked.push(['watch', stop]),
    effective: (stop) => void asked.push(['effective', stop]),
    superseded: () => void asked.push(['superseded', undefined]),
    tell: (trouble) => void asked.push(['tell', trouble]),
    notice: () => {
      for (const listener of listeners) listener(readSentinel(home));
    },
  };
}
