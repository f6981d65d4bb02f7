import type { z } from 'zod';

/** A type of event: its name, the version of its payload, the schema every payload is parsed with. */
export interface EventType<Payload extends object = object> {
  /** `^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`; a plugin's own begin with its id (`-` written `_`). */
  readonly type: string;
  readonly version: number;
  readonly payload: z.ZodType<Payload>;
  /** One sentence for docs/events.md: when it is raised. */
  readonly means: string;
}

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
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface EventQuery {
  /** Only events after this sequence. */
  readonly after?: number | undefined;
  /** Type or prefix: `probe` matches `probe.wake_requested`. */
  readonly type?: string | undefined;
  /** 1 to 1000, default 100. */
  readonly limit?: number | undefined;
  /** `asc` from `after`, or the newest first. Default asc. */
  readonly order?: 'asc' | 'desc' | undefined;
}
