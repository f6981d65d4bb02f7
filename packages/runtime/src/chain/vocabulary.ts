import { z } from 'zod';
import { fault } from '../fault/index.ts';
import type { EventDraft, EventLinks, EventType } from './contract.ts';

const typePattern = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;

/** Declares a type of event. */
export function eventType<Payload extends object>(
  type: string,
  means: string,
  payload: z.ZodType<Payload>,
  version = 1,
): EventType<Payload> {
  return { type, version, payload, means };
}

/** A draft of a declared type, so that the compiler checks the payload where the event is raised. */
export function draft<Payload extends object>(
  type: EventType<Payload>,
  payload: Payload,
  links: EventLinks = {},
): EventDraft {
  return { type: type.type, payload: payload as Readonly<Record<string, unknown>>, ...links };
}

/** Every type of event this runtime may raise, by the room or plugin that owns it. */
export class Vocabulary {
  readonly #types = new Map<string, { readonly owner: string; readonly definition: EventType }>();

  /** Adds types. Throws KORA_EVENT_INVALID on a malformed name, KORA_EVENT_TYPE_TAKEN naming who has it. */
  register(owner: string, definitions: readonly EventType[]): void {
    for (const { type } of definitions) {
      const holder = this.#types.get(type);
      if (!typePattern.test(type))
        throw fault('KORA_EVENT_INVALID', `"${type}" (${owner}) is not an event type`);
      if (holder !== undefined) {
        throw fault('KORA_EVENT_TYPE_TAKEN', `${owner} declares event ${type}, which ${holder.owner} has`);
      }
    }
    for (const definition of definitions) this.#types.set(definition.type, { owner, definition });
  }

  unregister(owner: string): void {
    for (const [type, entry] of this.#types) if (entry.owner === owner) this.#types.delete(type);
  }

  get(type: string): EventType | undefined {
    return this.#types.get(type)?.definition;
  }

  list(): readonly { readonly owner: string; readonly definition: EventType }[] {
    return [...this.#types.values()];
  }

  /** Checks a draft against its schema. Throws KORA_EVENT_UNKNOWN or KORA_EVENT_INVALID with the path that is wrong. */
  parse(event: EventDraft): { readonly version: number; readonly payload: Record<string, unknown> } {
    const definition = this.get(event.type);
    if (definition === undefined) {
      throw fault('KORA_EVENT_UNKNOWN', `event ${event.type} is in nobody's vocabulary`, {
        fix: 'register its type before raising it',
      });
    }
    const parsed = definition.payload.safeParse(event.payload);
    if (!parsed.success) {
      throw fault('KORA_EVENT_INVALID', `event ${event.type}: ${z.prettifyError(parsed.error)}`, {
        cause: parsed.error,
      });
    }
    return { version: definition.version, payload: storable(parsed.data) as Record<string, unknown> };
  }
}

/**
 * PostgreSQL's text and jsonb hold neither NUL nor half a surrogate pair: both become U+FFFD, as text decoders do. 64-bit
 * numbers become strings, dates their ISO text.
 */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value.toJSON();
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storable(item)]));
}

export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}
