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
  /** It answers what came in over the channel: the number of the inbound message. */
  readonly answers?: number;
}

/** What either answer does, in words for a button: at most 40 characters each. */
export interface DecisionLabels {
  readonly approve: string;
  readonly deny: string;
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
  /** What the code answers is the question, where the message's own words do not ask it. */
  readonly decision?: {
    readonly code: string;
    readonly expiresAt: string;
    readonly question?: string;
    /** What the answers do, where they are more than to approve and to deny. */
    readonly labels?: DecisionLabels;
  };
  /** What it answers: the conversation as the provider has it, and what the channel kept to answer with. */
  readonly inReplyTo?: {
    readonly conversation: string;
    readonly providerId: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
  /** The receipt of the first message of this thread over this channel, so that what follows stands under it. */
  readonly threadReceipt?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly attempt: number;
}

/** What a channel can do; what it cannot is said in words instead. */
export interface ChannelOffers {
  readonly attachments?: boolean;
  /** The operator may answer a decision by pressing something. */
  readonly buttons?: boolean;
  /** Characters that one message may have; longer ones are cut at a line, with a word on where the rest is. */
  readonly longestText?: number;
}

/** What arrived over a channel, before anything is done about it. Whoever sent it was made sure of before. */
export interface NewInbound {
  /** The provider's own id of the message, at most 300 characters: the same is handled once, however often it comes. */
  readonly providerId: string;
  /** What it belongs to as the provider has it: a thread, a mail's first Message-ID. Handled one after the other. */
  readonly conversation: string;
  readonly sender: { readonly id: string; readonly name?: string };
  /** At most 100 000 characters; what a model is shown stands inside the strangers' delimiter when `trusted` is false. */
  readonly text: string;
  /** ISO 8601, by the sender's clock. */
  readonly sentAt?: string;
  /** Ids of artifacts. */
  readonly attachments?: readonly string[];
  /** How the sender was made sure of: `slack_user`, `dkim_aligned`, … */
  readonly authenticatedBy: string;
  /** The operator's own words; false for what others wrote, which may become a ticket and never an order. */
  readonly trusted: boolean;
  /** A ticket to add instead of an answer; the key makes it one however often it comes. */
  readonly ticket?: {
    readonly kind: string;
    readonly title: string;
    readonly payload: Readonly<Record<string, unknown>>;
    readonly key: string;
    readonly tags?: readonly string[];
    /** False where words of others may be in it, though the operator sent them; default as the message is. */
    readonly trusted?: boolean;
  };
  /** What the channel needs to answer; at most 16 KiB of JSON, shown to no model. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Somebody or something that is not believed. No text of it is kept. */
export interface RefusedInbound {
  readonly providerId: string | null;
  readonly sender: string | null;
  /** `signature_mismatch`, `not_operator`, `dkim_missing`, `replayed`, …: `^[a-z][a-z0-9_]*$`. */
  readonly reason: string;
  readonly detail?: string;
}

/** What the operator pressed or wrote about something that waits for a decision. */
export interface DecisionAnswer {
  /** The code that the message carried; it names one decision, is used once and ends with it. */
  readonly code: string;
  readonly verdict: 'approve' | 'deny';
  readonly providerId: string;
  readonly sender: string;
}

/** Where a channel hands in what it heard; durable when it resolves, and only then is the provider told that it was heard. */
export interface InboundDoor {
  accept(message: NewInbound): Promise<'accepted' | 'duplicate'>;
  refuse(refusal: RefusedInbound): Promise<void>;
  /** Keeps what could not be read or handled, for the operator to look at; it is not handled. */
  quarantine(message: {
    readonly providerId: string;
    readonly sender: string | null;
    readonly reason: string;
    /** At most 1 MiB; kept sealed, shown to no model. */
    readonly raw: Uint8Array;
  }): Promise<void>;
  /** What became of the decision, in a line for whoever pressed: answered, answered before, over. */
  decide(answer: DecisionAnswer): Promise<{ readonly status: string; readonly text: string }>;
  /**
   * What `send` gave this receipt for did not arrive after all: it is told over the channels after this one, once, however
   * often it is said. `unknown` where nothing was told under it.
   */
  returned(report: { readonly receipt: string; readonly reason: string }): Promise<'rerouted' | 'unknown'>;
}

/** Throw it from `send`: tried again after that time, or never over this channel, which lets the next one tell it. */
export interface SendRefusal extends Error {
  readonly code: 'KORA_CHANNEL_REFUSED';
  readonly details: { readonly retryAfterMs?: number; readonly permanent?: boolean };
}

/** A way to the operator. `send` resolves with the provider's receipt; a rejection is tried again with backoff. */
export interface ChannelSpec {
  /** `^[a-z][a-z0-9_-]*$`. */
  readonly name: string;
  readonly offers?: ChannelOffers;
  send(message: OutboundMessage, signal: AbortSignal): Promise<{ readonly receipt: string }>;
  /** Listens until aborted, and then resolves. A rejection is a channel that is down: told, and tried again with backoff. */
  listen?(door: InboundDoor, signal: AbortSignal): Promise<void>;
  /** Looks whether it would work, and sends nothing; `fix` is the command that mends what does not. */
  check?(
    signal: AbortSignal,
  ): Promise<{ readonly ok: boolean; readonly detail: string; readonly fix?: string }>;
  /** Shows at the provider what became of a decision that an earlier message asked for: its buttons go. */
  settle?(receipt: string, outcome: string, signal: AbortSignal): Promise<void>;
}

/** How a message stands at its channel. Times are ISO 8601. */
export interface ToldMessage {
  readonly messageId: number;
  readonly key: string;
  readonly thread: string;
  readonly severity: string;
  readonly title: string;
  readonly source: string;
  /** The channel that took it, or that it waits for. */
  readonly channel: string;
  readonly createdAt: string;
  /** Null while no channel has taken it. */
  readonly receipt: string | null;
  readonly receiptAt: string | null;
  readonly attempts: number;
  /** What the channel said when it refused it last. */
  readonly error: string | null;
}
