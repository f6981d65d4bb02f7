import { probeEvents, reasonEvents, ticketEvents, Vocabulary } from '@kora/runtime/testkit';
import { bodyHash, canonicalJson, eventHash, fault, genesisHash, hashedTime } from '@kora/runtime/testkit';
import type { FakeClock } from '@kora/runtime/testkit';
import type { ChainEvent, EventDraft, EventQuery, EventType, Registration } from '@kora/runtime/plugin';

const workspaceId = 1;
const runtimeId = '00000000-0000-7000-8000-000000000001';
const mostRead = 1_000;

/** The log of a workspace, in memory: the vocabulary and the hash of the real one. */
export class MemoryChain {
  readonly #clock: FakeClock;
  readonly #onEvent: (event: ChainEvent) => void;
  readonly #vocabulary = new Vocabulary();
  readonly #events: ChainEvent[] = [];
  #declarations = 0;

  constructor(clock: FakeClock, onEvent: (event: ChainEvent) => void) {
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#vocabulary.register('kora', [...probeEvents, ...reasonEvents, ...ticketEvents]);
  }

  get events(): readonly ChainEvent[] {
    return this.#events;
  }

  /** Throws KORA_EVENT_INVALID, KORA_EVENT_TYPE_TAKEN. */
  declare(plugin: string, types: readonly EventType[]): Registration {
    this.#declarations += 1;
    const owner = `plugin ${plugin}, registration ${this.#declarations}`;
    this.#vocabulary.register(owner, types);
    return {
      dispose: () => {
        this.#vocabulary.unregister(owner);
        return Promise.resolve();
      },
    };
  }

  /** Types that somebody declared and that are not of the house. */
  declared(): readonly string[] {
    return this.#vocabulary
      .list()
      .flatMap((entry) => (entry.owner === 'kora' ? [] : [entry.definition.type]));
  }

  /** Seals an event. Throws KORA_EVENT_UNKNOWN, KORA_EVENT_INVALID. */
  append(draft: EventDraft, actorId: string): ChainEvent {
    const { version, payload } = this.#vocabulary.parse(draft);
    return this.#seal(draft, version, payload, actorId);
  }

  /** Throws what `append` would, and appends nothing. */
  check(drafts: readonly EventDraft[]): void {
    for (const draft of drafts) this.#vocabulary.parse(draft);
  }

  /** As `append`, for what a test makes up in the house's name: a type that nobody here declares is taken as it is. */
  raise(draft: EventDraft): ChainEvent {
    if (this.#vocabulary.get(draft.type) !== undefined) return this.append(draft, 'kora');
    return this.#seal(draft, 1, structuredClone(draft.payload), 'kora');
  }

  read(query: EventQuery): readonly ChainEvent[] {
    const {
      after = 0,
      before = Number.POSITIVE_INFINITY,
      type,
      ticketId,
      limit = 100,
      order = 'asc',
    } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > mostRead)
      throw fault('KORA_REQUEST_INVALID', `limit must be 1 to ${mostRead}, not ${limit}`);
    const found = this.#events.filter(
      (event) =>
        event.seq > after &&
        event.seq < before &&
        (type === undefined || matches(event.type, type)) &&
        (ticketId === undefined || event.ticketId === ticketId),
    );
    return (order === 'desc' ? found.toReversed() : found)
      .slice(0, limit)
      .map((event) => structuredClone(event));
  }

  /** The first event whose hash is not what the ones before it make it; undefined when all prove. */
  damagedAt(): number | undefined {
    let previous: Buffer = genesisHash;
    for (const event of this.#events) {
      const hash = hashOf(event, previous);
      if (hash.toString('hex') !== event.hash) return event.seq;
      previous = hash;
    }
    return undefined;
  }

  #seal(
    draft: EventDraft,
    schemaVersion: number,
    payload: Readonly<Record<string, unknown>>,
    actorId: string,
  ): ChainEvent {
    const previous = this.#events.at(-1);
    const unhashed: Omit<ChainEvent, 'hash'> = {
      seq: this.#events.length + 1,
      eventId: draft.eventId ?? this.#clock.uuid(),
      type: draft.type,
      schemaVersion,
      actorId: draft.actorId ?? actorId,
      runtimeId,
      sessionId: null,
      correlationId: draft.correlationId ?? null,
      causationId: draft.causationId ?? null,
      ticketId: draft.ticketId ?? null,
      fence: draft.fence ?? null,
      occurredAt: microseconds(this.#clock.now()),
      payload,
    };
    const before = previous === undefined ? genesisHash : Buffer.from(previous.hash, 'hex');
    const event = { ...unhashed, hash: hashOf(unhashed, before).toString('hex') };
    this.#events.push(event);
    this.#onEvent(event);
    return event;
  }
}

/** Whether an event's type is the one asked for, or begins with it: `probe` matches `probe.wake_requested`. */
export function matches(type: string, wanted: string): boolean {
  return type === wanted || type.startsWith(wanted.endsWith('.') ? wanted : `${wanted}.`);
}

function hashOf(event: Omit<ChainEvent, 'hash'>, previous: Buffer): Buffer {
  const body = bodyHash(canonicalJson(event.payload));
  return eventHash({ ...event, workspaceId, occurredAt: hashedTime(event.occurredAt) }, body, previous);
}

function microseconds(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
