export type Severity = 'critical' | 'warning' | 'info';

/** A message to the operator: durable once accepted, told once by its key. */
export interface NewMessage {
  /** Unique in the workspace: the same key is never told twice. */
  readonly key: string;
  /** Messages of one thread arrive in the order they were accepted. */
  readonly thread: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  /** Where it comes from: `probe_investigation`, `alert_investigation`, `scheduled_task`, … */
  readonly source: string;
  readonly correlationId?: string;
  /** The event it came of, as `event_id`; what a reaction or a ticket sends names theirs by itself. */
  readonly causationId?: string;
  /** Channel name; default the workspace's own (`inbox`). */
  readonly channel?: string;
  /** Channels that it goes to in turn, at most 10, where the one before refused it three times or is not there. */
  readonly fallback?: readonly string[];
  /** Ids of artifacts that go with it, at most 10; each must be there when it is accepted. */
  readonly attachments?: readonly string[];
}

/** What a channel is handed. `messageId` is stable over retries: the key for a provider that can deduplicate. */
export interface OutboundMessage {
  readonly messageId: number;
  readonly key: string;
  readonly thread: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  readonly source: string;
  readonly correlationId: string | null;
  /** Ids of artifacts: `context.artifacts.get` has their bytes. */
  readonly attachments: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
  readonly attempt: number;
}

/** A way to the operator. `send` resolves with the provider's receipt; a rejection is tried again with backoff. */
export interface ChannelSpec {
  /** `^[a-z][a-z0-9_-]*$`. */
  readonly name: string;
  send(message: OutboundMessage, signal: AbortSignal): Promise<{ readonly receipt: string }>;
}
