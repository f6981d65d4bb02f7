import assert from 'node:assert/strict';
import { onTestFinished, vi } from 'vitest';
import { Chain, Vocabulary } from '../../chain/index.ts';
import { FakeClock, systemClock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import { Scope } from '../../scope/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { acceptMessage, Inbound, messageEvents } from '../index.ts';
import type { Asked, ChannelSpec, InboundDoor, InboundOptions, NewInbound, Question } from '../index.ts';

/** One runtime that hears and handles, until it stops or dies. */
export interface InboundRuntime {
  readonly inbound: Inbound;
  readonly runtimeId: string;
  stop(): Promise<void>;
  /** As a killed process: what it holds stays held, and it reaches the store no more. */
  die(): void;
  readonly isDead: boolean;
}

export interface RuntimeScript {
  readonly standing?: InboundOptions['ports']['standing'];
  readonly ask?: (question: Question, signal: AbortSignal, runtime: InboundRuntime) => Promise<Asked>;
  readonly decide?: InboundOptions['ports']['decide'];
  readonly acknowledge?: InboundOptions['ports']['acknowledge'];
  readonly answerTicket?: InboundOptions['ports']['answerTicket'];
  /** In the transaction that ends a message, before anything is written. */
  readonly tells?: (runtime: InboundRuntime) => void;
  readonly channels?: readonly ChannelSpec[];
  readonly concurrency?: number;
  readonly untrusted?: InboundOptions['untrusted'];
}

export interface Told {
  readonly key: string;
  readonly thread: string;
  readonly title: string;
  readonly body: string;
  readonly channel: string;
}

export interface InboundBench {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: FakeClock;
  readonly errors: unknown[];
  /** What was put into tickets, by key. */
  readonly tickets: Map<string, { ticketId: number; trusted: boolean; payload: unknown }>;
  door(channel?: string): InboundDoor;
  start(script?: RuntimeScript): InboundRuntime;
  /** Leases of these runtimes are over, and nothing waits for its next try. */
  passTime(runtimes: readonly Pick<InboundRuntime, 'runtimeId'>[]): Promise<void>;
  until(check: () => void | Promise<void>): Promise<void>;
  told(): Promise<Told[]>;
  rows(): Promise<InboundState[]>;
  /** Staged events of this kind, oldest first. */
  events(type: string): Promise<Record<string, unknown>[]>;
}

export interface InboundState {
  readonly inboundId: number;
  readonly providerId: string;
  readonly conversation: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly attempts: number;
  readonly text: string;
  readonly error: string | null;
  readonly ticketId: number | null;
}

export const arrival = (providerId: string, rest: Partial<NewInbound> = {}): NewInbound => ({
  providerId,
  conversation: 'c',
  sender: { id: 'U1' },
  text: `say ${providerId}`,
  authenticatedBy: 'slack_user',
  trusted: true,
  ...rest,
});

let workspaces = 500;

/** A workspace of its own in a database that others may share. */
export async function inboundBench(database: Database): Promise<InboundBench> {
  const ids = systemClock();
  const workspaceId = (workspaces += 1);
  const owner = { workspaceId, runtimeId: ids.uuid(), sessionId: ids.uuid(), actorId: 'kora' };
  const scope = new Scope('bench');
  const onError = (): undefined => undefined;
  const vocabulary = new Vocabulary();
  const chain = new Chain({ database, owner, vocabulary, clock: ids, scope, onError });
  await chain.declare('kora', messageEvents);
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const tickets: InboundBench['tickets'] = new Map();
  const stage = chain.stage.bind(chain);
  const optionsOf = (
    store: Database,
    runtimeId: string,
    script: RuntimeScript,
    self: () => InboundRuntime,
  ): InboundOptions => ({
    database: store,
    workspaceId,
    runtimeId,
    clock,
    stage,
    record: async (drafts) => store.transaction((tx) => stage(tx, drafts)),
    attach: () => Promise.resolve(),
    scrub: (text) => text.replaceAll('hunter2-hunter2', '[secret]'),
    key: Buffer.alloc(32, 7),
    concurrency: script.concurrency ?? 4,
    untrusted: script.untrusted ?? 'refuse',
    ports: {
      standing: script.standing ?? (() => 'open'),
      tell: async (tx: Transaction, message) => {
        script.tells?.(self());
        await acceptMessage(tx, { workspaceId, stage }, message);
      },
      decide:
        script.decide ??
        (({ code }) => Promise.resolve({ status: 'unknown', text: `nothing waits under ${code}` })),
      acknowledge:
        script.acknowledge ??
        (({ conversation, alertId }) => Promise.resolve(`known: ${alertId ?? conversation}`)),
      answerTicket: script.answerTicket ?? (() => Promise.resolve(undefined)),
      addTicket: (_tx, { idempotencyKey, trusted, payload }) => {
        const known = tickets.get(idempotencyKey) ?? { ticketId: tickets.size + 1, trusted, payload };
        tickets.set(idempotencyKey, known);
        return Promise.resolve(known);
      },
      ask: (question, signal) =>
        script.ask?.(question, signal, self()) ??
        Promise.resolve({ kind: 'answer', by: 'engine', text: `re: ${question.text}`, runId: question.key }),
    },
    onError: (_where, error) => void errors.push(error),
  });
  const still = new Inbound(optionsOf(database, 'nobody', {}, () => assert.fail('it handles nothing')));
  const until: InboundBench['until'] = (check) =>
    vi.waitFor(
      async () => {
        await clock.advance(1_000);
        await check();
      },
      { timeout: 15_000, interval: 2 },
    );
  return {
    database,
    workspaceId,
    clock,
    errors,
    tickets,
    until,
    door: (channel = 'slack') => still.door(channel),
    start: (script = {}) => {
      const life = { isDead: false };
      const stopping = new AbortController();
      const runtimeId = ids.uuid();
      const runtime: InboundRuntime = {
        runtimeId,
        inbound: new Inbound(optionsOf(mortal(database, life), runtimeId, script, () => runtime)),
        get isDead() {
          return life.isDead;
        },
        die: () => {
          life.isDead = true;
          stopping.abort();
        },
        stop: async () => {
          stopping.abort();
          let ended = false;
          void running.finally(() => {
            ended = true;
          });
          await until(() => assert.ok(ended, 'it goes on'));
        },
      };
      for (const channel of script.channels ?? []) runtime.inbound.listen(channel);
      const running = runtime.inbound.run(stopping.signal);
      onTestFinished(() => runtime.stop());
      return runtime;
    },
    passTime: async (runtimes) => {
      await database.query(
        `update kora.inbound set due_at = least(due_at, clock_timestamp()),
           lease_until = case when runtime_id = any($2) then clock_timestamp() else lease_until end where workspace_id = $1`,
        [workspaceId, runtimes.map(({ runtimeId }) => runtimeId)],
      );
    },
    told: () =>
      database.query<Told>(
        'select key, thread, title, body, channel from kora.message where workspace_id = $1 order by message_id',
        [workspaceId],
      ),
    rows: () =>
      database.query<InboundState>(
        `select inbound_id as "inboundId", provider_id as "providerId", conversation, state, outcome, attempts, text, error,
           ticket_id as "ticketId" from kora.inbound where workspace_id = $1 order by place`,
        [workspaceId],
      ),
    events: async (type) => {
      const rows = await database.query<{ body: string }>(
        'select body from kora.stage where workspace_id = $1 and type = $2 order by number',
        [workspaceId, type],
      );
      return rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    },
  };
}

/** The store of a runtime that may die. */
function mortal(database: Database, life: { readonly isDead: boolean }): Database {
  const alive = (): void => {
    if (life.isDead) throw fault('KORA_STORE_UNREACHABLE', 'the process of this runtime is dead');
  };
  return {
    ...database,
    server: database.server,
    query: async (...given) => {
      alive();
      return database.query(...given);
    },
    transaction: async (work, options) => {
      alive();
      return database.transaction(async (tx) => {
        const done = await work({
          query: async (...given) => {
            alive();
            return tx.query(...given);
          },
          afterCommit: (action) => tx.afterCommit(action),
        });
        alive();
        return done;
      }, options);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
