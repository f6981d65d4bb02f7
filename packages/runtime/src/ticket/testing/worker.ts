import assert from 'node:assert/strict';
import { onTestFinished, vi } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { derive } from '../../state/index.ts';
import { scene, up } from '../../admission/testing/scene.ts';
import type { AdmissionState, Refused } from '../../admission/index.ts';
import type { StateInputs } from '../../state/index.ts';
import { acceptMessage } from '../../message/index.ts';
import type { Database } from '../../store/index.ts';
import { addTicket, Sessions, TicketWorker } from '../index.ts';
import type { AddedTicket, TicketHandler, TicketResult, TicketView, TicketWork } from '../index.ts';
import { ticketBench } from './bench.ts';
import type { TicketBench } from './bench.ts';

/** A worker on a real store whose time stands until the test moves it. */
export interface WorkerBench extends TicketBench {
  readonly clock: FakeClock;
  readonly worker: TicketWorker;
  readonly errors: { readonly where: string; readonly error: unknown }[];
  /** How many leases were held, at each change. */
  readonly claims: number[];
  permit: 'none' | 'critical_only' | 'normal';
  /** What the door was asked with a count, and how often it was looked at. */
  readonly refusals: readonly Refused[];
  looks: number;
  start(): void;
  /** Ends the run as a shutdown does, and waits for the drain. */
  stop(): Promise<void>;
  /** Adds a ticket of which the worker is not told. */
  addQuietly(): Promise<AddedTicket>;
  until(ticketId: number, status: TicketView['status']): Promise<TicketView>;
}

const statesOf: Readonly<Record<WorkerBench['permit'], StateInputs>> = {
  none: { ...up, stopLevel: 3 },
  critical_only: { ...up, failing: new Set(['substrate']) },
  normal: up,
};

export interface WorkerBenchOptions {
  /** Default one of its own. */
  readonly database?: Database;
  /** The state behind the door, instead of `permit`. */
  readonly state?: () => AdmissionState;
  readonly onClaims?: (live: number) => void;
  /** Stands between the worker and the store, for what a bad day does to them. */
  readonly weather?: (database: Database) => Database;
}

export async function workerBench(options: WorkerBenchOptions = {}): Promise<WorkerBench> {
  const bench = await ticketBench(options);
  const clock = new FakeClock();
  const stopping = new AbortController();
  const database = options.weather?.(bench.database) ?? bench.database;
  const { workspaceId } = bench.owner;
  const context = { workspaceId, stage: bench.stage };
  let running: Promise<void> = Promise.resolve();
  const door = scene({
    state: () => {
      all.looks += 1;
      if (options.state !== undefined) return options.state();
      const inputs = statesOf[all.permit];
      return { inputs, derived: derive(inputs) };
    },
  });
  const onError = (where: string, error: unknown): void => void all.errors.push({ where, error });
  const time = Object.assign(clock, { uuid: () => crypto.randomUUID() });
  const worker = new TicketWorker({
    database,
    owner: bench.owner,
    clock: time,
    sessions: new Sessions({ database, owner: bench.owner, clock: time, singleProcess: false, onError }),
    prepare: bench.prepare,
    scrub: (text) => text,
    staged: () => undefined,
    admission: door.admission,
    onClaims: (live) => {
      all.claims.push(live);
      options.onClaims?.(live);
    },
    apply: async (tx, { tickets = [], messages = [], events = [] }) => {
      for (const ticket of tickets) await addTicket(tx, bench.adding, ticket);
      for (const message of messages) await acceptMessage(tx, context, message);
      await bench.stage(tx, events);
    },
    onError,
  });
  const all: WorkerBench = {
    ...bench,
    clock,
    worker,
    errors: [],
    claims: [],
    permit: 'normal',
    refusals: door.refusals,
    looks: 0,
    start: () => {
      running = worker.run(stopping.signal);
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    add: async (ticket) => {
      const added = await bench.add(ticket);
      worker.kick();
      return added;
    },
    addQuietly: () => bench.add(),
    until: (ticketId, status) =>
      vi.waitFor(
        async () => {
          const view = await bench.find(ticketId);
          assert.equal(view.status, status, `ticket ${ticketId} is ${view.status}, not ${status}`);
          return view;
        },
        { timeout: 10_000, interval: 5 },
      ),
  };
  onTestFinished(async () => {
    stopping.abort();
    const ended = running.then(() => true);
    // A test that failed may leave work in hand: the drain's time must pass for it.
    while (!(await Promise.race([ended, clock.advance(10_000).then(() => false)]))) await turn();
  });
  return all;
}

/** Work that a test holds in its hands. */
export interface HeldWork {
  readonly ticket: TicketWork;
  answer(result?: Partial<TicketResult>): void;
  throw(error: Error): void;
}

/** A handler whose every attempt waits for the test. */
export function heldHandler(options: Partial<TicketHandler> = {}): TicketHandler & {
  readonly works: HeldWork[];
  next(): Promise<HeldWork>;
} {
  const works: HeldWork[] = [];
  let seen = 0;
  return {
    kind: 'test',
    works,
    work: (ticket) =>
      new Promise((resolve, reject) => {
        works.push({
          ticket,
          answer: (result = {}) => resolve({ resolution: 'completed', summary: 'done', ...result }),
          throw: reject,
        });
      }),
    next: async () => {
      seen += 1;
      await vi.waitFor(
        () => {
          assert.ok(works.length >= seen, `attempt ${seen} has not begun`);
        },
        { timeout: 10_000, interval: 5 },
      );
      const work = works[seen - 1];
      assert.ok(work, 'there is no such attempt');
      return work;
    },
    ...options,
  };
}

/** Waits for something that follows without a signal. */
export function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 10_000, interval: 5 });
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
}
