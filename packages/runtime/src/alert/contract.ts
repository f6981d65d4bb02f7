import { z } from 'zod';
import { classified } from '../chain/contract.ts';
import type { Severity, ToldMessage } from '../message/contract.ts';

export type { NewMessage, Severity, ToldMessage } from '../message/contract.ts';

export const alertWakeRequested = 'alert.wake_requested';

/** An alert's call for an investigation: what whoever raises it writes, and whoever reacts to it reads. */
export const alertWakePayload = classified({
  public: {
    alert_id: z.string().min(1),
    wake_id: z.string().min(1),
    severity: z.enum(['critical', 'warning', 'info']),
    category: z.string().min(1),
    /** Null for all that are raised so far: what is about an incident is investigated as its wake. */
    incident_id: z.number().int().nullable(),
  },
  internal: {
    title: z.string(),
    detail: z.string(),
    /** Where the alert is told, and its findings are. */
    thread: z.string().min(1),
  },
});
export type AlertWakePayload = z.infer<typeof alertWakePayload>;

/** What alerts come from. */
export const alertSources = [
  'cost_ladder',
  'paused',
  'stopped',
  'dead_letters',
  'capability_denials',
  'reasoning_errors',
  'failed_replies',
  'unhealthy_service',
  'daemon',
  'plugin',
  'overdue_task',
  'channel',
  'chain',
  'canary',
  'dead_man',
  'reach',
] as const;
export type AlertSource = (typeof alertSources)[number];

/** What kind of trouble: alerts of one kind share a cooldown. */
export const alertCategories = [
  'cost_ladder',
  'operational_state',
  'dead_letter',
  'capability_denied',
  'reasoning',
  'reply',
  'service_unhealthy',
  'daemon',
  'plugin',
  'schedule',
  'channel',
  'chain',
  'canary',
  'dead_man',
] as const;
export type AlertCategory = (typeof alertCategories)[number];

export const alertStatuses = ['active', 'resolved'] as const;
export type AlertStatus = (typeof alertStatuses)[number];

/** What a source finds wrong now. The same source, key and owner are the same alert, however often it is found. */
export interface AlertCondition {
  readonly source: AlertSource;
  readonly key: string;
  /** The runtime that alone can see it; null for what every runtime of the workspace sees. */
  readonly owner: string | null;
  readonly category: AlertCategory;
  readonly severity: Severity;
  /** `Kora is paused`. */
  readonly title: string;
  readonly detail: string;
  /** One line, what to do. */
  readonly next: string;
  /** Where whoever found it tells of it already: nothing is told twice. Null where nobody does. */
  readonly toldIn: string | null;
  readonly incidentId: number | null;
  /** Somebody said of the thing itself that they know. */
  readonly known: { readonly at: number; readonly by: string; readonly reason: string } | null;
  /** Somebody wants nothing told of it until then: milliseconds since 1970. What is still wrong then is reminded of. */
  readonly quiet: { readonly until: number; readonly reason: string } | null;
  /** Whether somebody should find out why. */
  readonly wakes: boolean;
}

/** A message about an alert, and whether a channel took it. */
export interface AlertTelling
  extends Pick<
    ToldMessage,
    'messageId' | 'title' | 'channel' | 'receipt' | 'receiptAt' | 'attempts' | 'error'
  > {
  /** ISO 8601. */
  readonly saidAt: string;
}

/** When nobody has acknowledged it by then, it is told again. Times are ISO 8601. */
export interface NextReminder {
  readonly at: string;
  readonly channel: string;
  /** Which one of how many. */
  readonly reminder: number;
  readonly of: number;
}

/** An alert as it stands. Times are ISO 8601. */
export interface AlertView {
  readonly alertId: number;
  readonly source: AlertSource;
  readonly key: string;
  readonly owner: string | null;
  readonly category: AlertCategory;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly next: string;
  readonly incidentId: number | null;
  readonly thread: string;
  readonly wakeId: string | null;
  readonly status: AlertStatus;
  /** How often it began, returns within the reopen window included. */
  readonly returns: number;
  readonly firstSeenAt: string;
  /** When it began this time. */
  readonly since: string;
  readonly lastSeenAt: string;
  readonly resolvedAt: string | null;
  /** What of it is still to be said: at once, after the cooldown of its category, with the digest, after quiet hours. */
  readonly owed: 'now' | 'cooldown' | 'digest' | 'quiet' | null;
  /** When a message about it went into the outbox. */
  readonly toldAt: string | null;
  /** The first receipt of the latest message, and the channel that gave it: without one it was told to nobody. */
  readonly heardAt: string | null;
  readonly heardOver: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgeReason: string | null;
  readonly snoozedUntil: string | null;
  readonly snoozeReason: string | null;
  /** How often it was told again because nobody had acknowledged it. */
  readonly escalations: number;
  /** Null when nobody is to be reminded. */
  readonly nextReminder: NextReminder | null;
  /** The newest first, at most 20. */
  readonly tellings: AlertTelling[];
}

/** The sign of life that a runtime gives outside. Times are ISO 8601. */
export interface PingView {
  readonly runtimeId: string;
  /** Where it goes, without what may be secret of it. */
  readonly place: string;
  readonly triedAt: string | null;
  /** When it was last answered well. */
  readonly answeredAt: string | null;
  readonly failures: number;
  readonly error: string | null;
  /** Why none is sent now; null while they are. */
  readonly withheld: string | null;
}
