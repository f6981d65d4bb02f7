import { fault, withDeadline } from '@kora/runtime/testkit';
import type { FakeClock } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import type { ChainEvent, Consequences, Registration, SubscriptionSpec } from '@kora/runtime/plugin';
import { matches } from './chain.ts';
import type { Diary } from './diary.ts';
import { Named } from './named.ts';

const defaultDeadlineMs = 30_000;
/** Failed so often, an event is parked and the reader goes on. */
const parkAfter = 5;
/** A reaction that answers its own event would go on for ever. */
const mostRounds = 1_000;

interface Reader {
  readonly spec: SubscriptionSpec;
  cursor: number;
  failures: number;
}

export interface Parked {
  readonly consumer: string;
  readonly seq: number;
  readonly error: string;
}

export interface SubscriptionPorts {
  readonly clock: FakeClock;
  readonly diary: Diary;
  readonly events: () => readonly ChainEvent[];
  land(consequences: Consequences): Promise<void>;
  /** Hears what the plugin's code threw. */
  onError(error: unknown): void;
}

/** Readers of the chain, each with its cursor. What a reaction answers lands before the cursor moves. */
export class Subscriptions {
  readonly readers: Named<Reader> = new Named('subscription', 'KORA_CONSUMER_TAKEN');
  readonly parked: Parked[] = [];
  readonly #ports: SubscriptionPorts;
  #delivering: Promise<void> | undefined;

  constructor(ports: SubscriptionPorts) {
    this.#ports = ports;
  }

  register(spec: SubscriptionSpec): Registration {
    const { from = 'now' } = spec;
    const last = this.#ports.events().length;
    const begin = from === 'now' ? last : from === 'beginning' ? 0 : from - 1;
    return this.readers.hold(spec.consumer, { spec, cursor: begin, failures: 0 });
  }

  /** Throws KORA_CURSOR_STALE for a reader that stands there or further; the answer moves it. */
  checkCursor({ consumer, seq }: { readonly consumer: string; readonly seq: number }): () => void {
    const reader = this.readers.get(consumer);
    if (reader === undefined || reader.cursor >= seq)
      throw fault('KORA_CURSOR_STALE', `subscription ${consumer} does not stand before event ${seq}`);
    return () => void (reader.cursor = seq);
  }

  /** Brings every reader to the end of the chain, also past the events that the reactions themselves raise. */
  async deliver(signal: AbortSignal): Promise<void> {
    // Asked for while it is at it, by a reaction: the round that runs sees the new events too.
    if (this.#delivering !== undefined) return;
    this.#delivering = this.#rounds(signal);
    try {
      await this.#delivering;
    } finally {
      this.#delivering = undefined;
    }
  }

  async #rounds(signal: AbortSignal): Promise<void> {
    for (let round = 0; round < mostRounds; round += 1) {
      const behind = this.readers.list().flatMap((reader) => {
        const event = this.#next(reader);
        return event === undefined ? [] : [{ reader, event }];
      });
      if (behind.length === 0 || signal.aborted) return;
      for (const { reader, event } of behind) await this.#react(reader, event, signal);
    }
    throw fault(
      'KORA_SUBSCRIPTION_INVALID',
      `reactions answer each other without end (${mostRounds} rounds)`,
    );
  }

  #next(reader: Reader): ChainEvent | undefined {
    const { types } = reader.spec;
    return this.#ports
      .events()
      .slice(reader.cursor)
      .find(({ type }) => types.length === 0 || types.some((wanted) => matches(type, wanted)));
  }

  async #react(reader: Reader, event: ChainEvent, signal: AbortSignal): Promise<void> {
    const { spec } = reader;
    const { clock, diary, land } = this.#ports;
    if (reader.failures === 0) diary.tell('wake', `event ${event.seq} (${event.type}) for ${spec.consumer}`);
    const what = `the reaction of ${spec.consumer} to event ${event.seq}`;
    const limit = { ms: spec.deadlineMs ?? defaultDeadlineMs, what, signal };
    try {
      const given = structuredClone(event);
      const consequences = await withDeadline(clock, limit, async (until) => spec.react(given, until));
      if (consequences) await land(consequences);
      if (!consequences) diary.tell('decision', `${spec.consumer}: nothing follows`);
    } catch (error) {
      this.#ports.onError(error);
      reader.failures += 1;
      if (reader.failures < parkAfter) return;
      this.parked.push({ consumer: spec.consumer, seq: event.seq, error: messageOf(error) });
      diary.tell('decision', `${spec.consumer} failed ${parkAfter} times; event ${event.seq} is parked`);
    }
    reader.failures = 0;
    reader.cursor = Math.max(reader.cursor, event.seq);
  }
}
