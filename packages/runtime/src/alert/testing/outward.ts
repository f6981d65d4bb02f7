import { once } from 'node:events';
import { expect, onTestFinished, vi } from 'vitest';
import { scene } from '../../admission/testing/scene.ts';
import { Chain, Vocabulary } from '../../chain/index.ts';
import { FakeClock, systemClock } from '../../clock/index.ts';
import { Delivery, inboxChannel, messageEvents } from '../../message/index.ts';
import type { ChannelSpec } from '../../message/index.ts';
import { Scope } from '../../scope/index.ts';
import type { AlertBench } from './bench.ts';

/** A channel that takes, refuses for good, is away or hangs, as a test says. */
export interface Outside extends ChannelSpec {
  readonly taken: string[];
  mode: 'takes' | 'refuses' | 'hangs';
}

export function outside(name: string): Outside {
  const channel: Outside = {
    name,
    taken: [],
    mode: 'takes',
    send: ({ title, messageId }, signal) => {
      if (channel.mode === 'refuses')
        return Promise.reject(
          Object.assign(new Error('410'), { code: 'KORA_CHANNEL_REFUSED', details: { permanent: true } }),
        );
      if (channel.mode === 'hangs')
        return once(signal, 'abort').then(() => Promise.reject(signal.reason as Error));
      channel.taken.push(title);
      return Promise.resolve({ receipt: `${name}/${messageId}` });
    },
  };
  return channel;
}

/** Empties the bench's outbox over the inbox and these channels; answers how to wait for what comes of it. */
export async function delivering(
  { database, workspaceId }: AlertBench,
  channels: readonly Outside[],
): Promise<(check: () => unknown) => Promise<void>> {
  const [ids, clock, scope] = [systemClock(), new FakeClock(), new Scope('delivery')];
  const owner = { workspaceId, runtimeId: ids.uuid(), sessionId: ids.uuid(), actorId: 'kora' };
  const vocabulary = new Vocabulary();
  const chain = new Chain({ database, owner, vocabulary, clock: ids, scope, onError: () => undefined });
  await chain.declare('kora', messageEvents);
  const delivery = new Delivery({
    database,
    workspaceId,
    clock,
    admission: scene().admission,
    stage: chain.stage.bind(chain),
    onError: () => undefined,
  });
  delivery.register(inboxChannel(() => undefined));
  for (const channel of channels) delivery.register(channel);
  const stopping = new AbortController();
  const running = delivery.run(stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    let ended = false;
    void running.then(() => (ended = true));
    await vi.waitFor(async () => {
      await clock.advance(1_000);
      expect(ended, 'the delivery has ended').toBe(true);
    });
    await scope.dispose();
  });
  return (check) =>
    vi.waitFor(
      async () => {
        await clock.advance(1_000);
        await check();
      },
      { timeout: 10_000, interval: 5 },
    );
}
