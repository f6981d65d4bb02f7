import { z } from 'zod';
import { fault } from '../fault/index.ts';
import type { ChainEvent, EventDraft, EventLinks, EventType, PublicEvent } from './contract.ts';
import { PayloadShape } from './payload-shape.ts';
import { Scrubber } from './scrub.ts';
import { storable, storableText } from './storable.ts';

const typePattern = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;

/** Declares a type of event. */
export function eventType<Payload extends object>(
  type: string,
  means: string,
  payload: z.ZodType<Payload>,
  options: Pick<EventType, 'loud' | 'upcast'> & { readonly version?: number } = {},
): EventType<Payload> {
  return { type, means, payload, ...options, version: options.version ?? 1 };
}

/** A draft of a declared type, so that the compiler checks the payload where the event is raised. */
export function draft<Payload extends object>(
  type: EventType<Payload>,
  payload: Payload,
  links: EventLinks = {},
): EventDraft {
  return { type: type.type, payload: payload as Readonly<Record<string, unknown>>, ...links };
}

export interface VocabularyOptions {
  /**
   * Secrets this process knows: its tokens and passwords. Where one stands in a payload, a correlation or an actor,
   * `[secret]` is stored. The same array as long as nothing changed.
   */
  readonly secrets?: () => readonly string[];
}

interface Entry {
  readonly owner: string;
  readonly definition: EventType;
  readonly shape: PayloadShape;
}

/** The owner of the types that belong to the runtime's own rooms. */
const house = 'kora';

/** Every type of event this runtime may raise, by the room or plugin that owns it. */
export class Vocabulary {
  readonly #types = new Map<string, Entry>();
  readonly #scrubber: Scrubber;

  constructor(options: VocabularyOptions = {}) {
    this.#scrubber = new Scrubber(options.secrets ?? (() => []));
  }

  /**
   * Adds types, all or none. Throws KORA_EVENT_INVALID on a malformed name, on a field of the house's own that has no
   * class, on a secret field that is not text; KORA_EVENT_TYPE_TAKEN naming who has it.
   */
  register(owner: string, definitions: readonly EventType[]): void {
    const entries = definitions.map((definition) => this.#entry(owner, definition));
    for (const entry of entries) this.#types.set(entry.definition.type, entry);
  }

  /** Takes these types of an owner back; without them, all it has. */
  unregister(owner: string, definitions?: readonly EventType[]): void {
    const types = definitions?.map(({ type }) => type) ?? [...this.#types.keys()];
    for (const type of types) if (this.#types.get(type)?.owner === owner) this.#types.delete(type);
  }

  get(type: string): EventType | undefined {
    return this.#types.get(type)?.definition;
  }

  list(): readonly Entry[] {
    return [...this.#types.values()];
  }

  /**
   * Checks a draft against its schema and takes the secrets out of it. Throws KORA_EVENT_UNKNOWN, or KORA_EVENT_INVALID
   * with the path that is wrong.
   */
  parse(event: EventDraft): { readonly version: number; readonly payload: Record<string, unknown> } {
    const entry = this.#types.get(event.type);
    if (entry === undefined) {
      throw fault('KORA_EVENT_UNKNOWN', `event ${event.type} is in nobody's vocabulary`, {
        fix: 'register its type before raising it',
      });
    }
    const parsed = entry.definition.payload.safeParse(event.payload);
    if (!parsed.success) {
      throw fault('KORA_EVENT_INVALID', `event ${event.type}: ${z.prettifyError(parsed.error)}`, {
        cause: parsed.error,
      });
    }
    const payload = storable(entry.shape.withoutSecrets(parsed.data), this.#scrubber.text);
    return { version: entry.definition.version, payload: payload as Record<string, unknown> };
  }

  /** How much of a text that goes on may be told before its rest has come. */
  sayable(given: string): number {
    return this.#scrubber.sayable(given);
  }

  /** A text beside the payload, as it may be stored: an actor, a correlation. */
  text(given: string): string {
    return storableText(this.#scrubber.text(given));
  }

  /**
   * The event with its payload in the form this runtime knows. A newer one, one of a type nobody here declared, and one
   * whose upcast throws, stay as they were written.
   */
  current(event: ChainEvent): ChainEvent {
    const definition = this.get(event.type);
    if (definition === undefined || event.redacted || event.damaged) return event;
    if (event.schemaVersion >= definition.version) return event;
    try {
      let { payload } = event;
      for (let version = event.schemaVersion; version < definition.version; version += 1)
        payload = definition.upcast?.[version]?.(payload) ?? payload;
      return { ...event, schemaVersion: definition.version, payload };
    } catch {
      return event;
    }
  }

  /** What of an event may leave the house. Of a type nobody here declared no field is known to be public. */
  publicView(event: ChainEvent): PublicEvent {
    const { seq, eventId, type, schemaVersion, occurredAt, hash, payload, redacted, damaged } =
      this.current(event);
    return {
      seq,
      eventId,
      type,
      schemaVersion,
      occurredAt,
      hash,
      payload: this.#types.get(type)?.shape.publicPart(payload) ?? {},
      ...(redacted === undefined ? {} : { redacted }),
      ...(damaged === undefined ? {} : { damaged }),
    };
  }

  #entry(owner: string, definition: EventType): Entry {
    const { type } = definition;
    const holder = this.#types.get(type);
    if (!typePattern.test(type))
      throw fault('KORA_EVENT_INVALID', `"${type}" (${owner}) is not an event type`);
    if (holder !== undefined)
      throw fault('KORA_EVENT_TYPE_TAKEN', `${owner} declares event ${type}, which ${holder.owner} has`);
    const shape = new PayloadShape(definition);
    // A stranger's field that says nothing about itself stays in the house; our own say it.
    if (owner === house && shape.unclassified.length > 0) {
      throw fault(
        'KORA_EVENT_INVALID',
        `event type ${type}: ${shape.unclassified.join(', ')} without a class`,
        {
          fix: 'declare the payload with classified({ public, internal, secret })',
        },
      );
    }
    return { owner, definition, shape };
  }
}

/**
 * An event's payload as its type describes it, of this version or another; undefined when it does not fit: redacted, or
 * too different. Fields that the type does not know, as a newer version's, are kept.
 */
export function readPayload<Payload extends object>(
  type: EventType<Payload>,
  event: Pick<ChainEvent, 'payload'>,
): Payload | undefined {
  const parsed = type.payload.safeParse(event.payload);
  if (parsed.success) return { ...event.payload, ...parsed.data };
  // A schema that refuses what it does not know is asked again about what it knows.
  const known = new PayloadShape(type).fields.map(({ name }) => name);
  const familiar = Object.entries(event.payload).filter(([name]) => known.includes(name));
  const again = type.payload.safeParse(Object.fromEntries(familiar));
  return again.success ? { ...event.payload, ...again.data } : undefined;
}

export { storable, storableText } from './storable.ts';
