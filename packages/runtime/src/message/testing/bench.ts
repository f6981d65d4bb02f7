import assert from 'node:assert/strict';
import { onTestFinished, vi } from 'vitest';
import { scene } from '../../admission/testing/scene.ts';
import { Chain, Vocabulary } from '../../chain/index.ts';
import { FakeClock, systemClock } from '../../clock/index.ts';
import { Scope } from '../../scope/index.ts';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import {
  acceptMessage,
  defaultPolicy,
  Delivery,
  inboxChannel,
  listMessages,
  messageEvents,
} from '../index.ts';
import type {
  ChannelSpec,
  DeliveryPolicy,
  MessageView,
  NewMessage,
  OutboundMessage,
  StoreChannel,
} from '../index.ts';

/** An outbox on a real store, and as many runtimes that empty it as the test starts. */
export interface MessageBench {
  readonly database: Database;
  /** What the inbox showed, in order. */
  readonly shown: string[];
  readonly errors: unknown[];
  readonly clock: FakeClock;
  /** The door that sends ask; a test moves the state behind it. */
  readonly door: ReturnType<typeof scene>;
  accept(message?: Partial<NewMessage>): Promise<boolean>;
  /** A runtime's delivery with the inbox and these channels; answers how to stop it. */
  start(
    channels?: readonly (ChannelSpec | StoreChannel)[],
    database?: Database,
    policy?: Partial<DeliveryPolicy>,
  ): { stop(): Promise<void>; kick(): void };
  list(): Promise<MessageView[]>;
  /** Waits until a check holds, moving time on. */
  until(check: () => void | Promise<void>): Promise<void>;
  /** What waits for its next try waits no more. */
  passTime(): Promise<void>;
  staged(): Promise<string[]>;
}

export async function messageBench(): Promise<MessageBench> {
  const { database } = await testDatabase();
  const ids = systemClock();
  const owner = { workspaceId: 1, runtimeId: ids.uuid(), sessionId: ids.uuid(), actorId: 'kora' };
  const scope = new Scope('bench');
  const chain = new Chain({
    database,
    owner,
    vocabulary: new Vocabulary(),
    clock: ids,
    scope,
    onError: () => undefined,
  });
  await chain.declare('kora', messageEvents);
  const stage = chain.stage.bind(chain);
  const clock = new FakeClock();
  const until = (check: () => void | Promise<void>): Promise<void> =>
    vi.waitFor(
      async () => {
        await clock.advance(1_000);
        await check();
      },
      { timeout: 10_000, interval: 5 },
    );
  const bench: MessageBench = {
    database,
    shown: [],
    errors: [],
    clock,
    door: scene(),
    until,
    accept: (message = {}) =>
      database.transaction((tx) =>
        acceptMessage(
          tx,
          { workspaceId: 1, stage },
          {
            key: ids.uuid(),
            thread: 't',
            severity: 'info',
            title: 'hello',
            body: '',
            source: 'test',
            ...message,
          },
        ),
      ),
    start: (channels = [], store = database, policy = {}) => {
      const stopping = new AbortController();
      const delivery = new Delivery({
        database: store,
        workspaceId: 1,
        clock,
        admission: bench.door.admission,
        stage,
        onError: (_, error) => bench.errors.push(error),
        policy: { ...defaultPolicy, ...policy },
      });
      delivery.register(inboxChannel((message) => bench.shown.push(message.title)));
      for (const channel of channels) delivery.register(channel);
      const running = delivery.run(stopping.signal);
      const stop = async (): Promise<void> => {
        stopping.abort();
        let ended = false;
        void running.then(() => {
          ended = true;
        });
        await until(() => {
          assert.ok(ended, 'the delivery goes on');
        });
      };
      onTestFinished(stop);
      return { stop, kick: () => delivery.kick() };
    },
    list: () => listMessages(database, 1, {}),
    passTime: async () => {
      await database.query('update kora.outbox set due_at = clock_timestamp(), leased_until = null');
    },
    staged: async () => {
      const rows = await database.query<{ type: string }>('select type from kora.stage order by number');
      return rows.map(({ type }) => type);
    },
  };
  return bench;
}

/** A way outside that notes what it was handed and answers as the test says. */
export function outside(
  answer: (message: OutboundMessage, signal: AbortSignal) => Promise<unknown> = () =>
    Promise.resolve({ receipt: 'r' }),
  name = 'slack',
): ChannelSpec & { readonly sent: string[] } {
  const sent: string[] = [];
  return {
    name,
    sent,
    send: (message, signal) => {
      sent.push(message.title);
      return answer(message, signal) as Promise<{ receipt: string }>;
    },
  };
}
