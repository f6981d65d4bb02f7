import { z } from 'zod';

/**
 * Who may read a field of an event. `public` may leave the house; `internal` is for the operator and the plugins;
 * `secret` never lands: what is stored in its place is `[secret]`, which is why such a field is plain text.
 */
export const sensitivities = ['public', 'internal', 'secret'] as const;
export type Sensitivity = (typeof sensitivities)[number];

/**
 * The schema of a payload whose every field has its class. A field of a schema made otherwise is classed by
 * `.meta({ sensitivity })`, and is internal when it is not.
 */
export function classified<Fields extends ClassifiedFields>(fields: Fields): z.ZodObject<ShapeOf<Fields>> {
  const shape = sensitivities.flatMap((sensitivity) =>
    Object.entries(fields[sensitivity] ?? {}).map(
      ([name, field]) => [name, (field as z.ZodType).meta({ sensitivity })] as const,
    ),
  );
  // Built field by field, so only the compiler's view of the whole is asserted.
  return z.object(Object.fromEntries(shape)) as unknown as z.ZodObject<ShapeOf<Fields>>;
}

type ClassifiedFields = Readonly<Partial<Record<Sensitivity, z.ZodRawShape>>>;

/** One shape of the fields of all classes. */
type ShapeOf<Fields extends ClassifiedFields> = {
  readonly [Name in NameIn<Fields, Sensitivity>]: FieldIn<Fields, Name>;
};
type NameIn<Fields extends ClassifiedFields, Class extends Sensitivity> = Class extends keyof Fields
  ? Extract<keyof Fields[Class], string>
  : never;
type FieldIn<Fields extends ClassifiedFields, Name> = {
  [Class in keyof Fields]: Name extends keyof Fields[Class] ? Extract<Fields[Class][Name], z.ZodType> : never;
}[keyof Fields];

/** A type of event: its name, the version of its payload, the schema every payload is parsed with. */
export interface EventType<Payload extends object = object> {
  /** `^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`; a plugin's own begin with its id (`-` written `_`). */
  readonly type: string;
  readonly version: number;
  readonly payload: z.ZodType<Payload>;
  /** One sentence for docs/events.md: when it is raised. */
  readonly means: string;
  /** Not lost with the store away: it waits in a file of the home until the store is back. */
  readonly loud?: boolean;
  /** Entry N makes a payload of version N + 1 out of one of version N; a step that is not there changes nothing. */
  readonly upcast?: Readonly<Record<number, Upcast>>;
}

export type Upcast = (payload: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** What an event is about, beside its payload. */
export interface EventLinks {
  /** Who caused it; default the workspace's `kora` actor. */
  readonly actorId?: string;
  /** Ties everything about one story together: a wake id, an incident. */
  readonly correlationId?: string;
  /** The event that caused this one, as `event_id`. */
  readonly causationId?: string;
  readonly ticketId?: number;
  readonly fence?: number;
}

/** An event that has not happened yet: what code hands to `stage` and `append`. */
export interface EventDraft extends EventLinks {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** A uuid of version 7, for whoever must name the event before it is sealed; made when it is left out. */
  readonly eventId?: string;
}

/** A sealed event, as read from the chain. */
export interface ChainEvent {
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  /** Of the payload as it is read: an older one is brought to the version of the reader's vocabulary, a newer one kept. */
  readonly schemaVersion: number;
  readonly actorId: string;
  readonly runtimeId: string;
  readonly sessionId: string | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly ticketId: number | null;
  readonly fence: number | null;
  /** Database clock, ISO 8601 with microseconds. */
  readonly occurredAt: string;
  readonly hash: string;
  /** In the form of `schemaVersion`; `{}` when the body was redacted, or is damaged. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** The body was taken away by an event; what is left still proves. */
  readonly redacted?: true;
  /** The body is no longer what was written, and cannot be read: the chain does not prove there. */
  readonly damaged?: true;
}

/** What of an event may leave the house: its place on the chain, and the public fields of its payload. */
export type PublicEvent = Pick<
  ChainEvent,
  'seq' | 'eventId' | 'type' | 'schemaVersion' | 'occurredAt' | 'hash' | 'payload' | 'redacted' | 'damaged'
>;

export interface EventQuery {
  /** Only events after this sequence. */
  readonly after?: number | undefined;
  /** Only events before this sequence. */
  readonly before?: number | undefined;
  /** Type or prefix: `probe` matches `probe.wake_requested`. */
  readonly type?: string | undefined;
  /** Only events that name this ticket. */
  readonly ticketId?: number | undefined;
  /** 1 to 1000, default 100. */
  readonly limit?: number | undefined;
  /** `asc` from `after`, or the newest first. Default asc. */
  readonly order?: 'asc' | 'desc' | undefined;
}
