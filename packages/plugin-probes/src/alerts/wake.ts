import { alertWakePayload, alertWakeRequested, KoraError } from '@kora/runtime/plugin';
import type { ChainEvent, NewTicket } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { WakeMark } from '../debounce.ts';

export { alertWakeRequested };
export const alertInvestigated = 'alert.investigation_completed';
export const alertInvestigationKind = 'alert_investigation';

/** An alert's call for an investigation, with its place on the chain. */
export interface AlertWake extends WakeMark {
  readonly eventId: string;
  readonly alertId: string;
  readonly category: string;
  readonly title: string;
  readonly detail: string;
  /** Where the alert was told, and its findings are. */
  readonly thread: string;
  /** An alert about an incident is that incident's story, and no other. */
  readonly incidentId: number | null;
}

/** What a ticket of this kind carries. */
export type AlertOrder = Pick<
  AlertWake,
  'wakeId' | 'alertId' | 'severity' | 'category' | 'title' | 'detail' | 'thread'
>;

const severity = z.enum(['critical', 'warning', 'info']);

const orderPayload: z.ZodType<AlertOrder> = z.object({
  wakeId: z.string().min(1),
  alertId: z.string().min(1),
  severity,
  category: z.string().min(1),
  title: z.string(),
  detail: z.string(),
  thread: z.string().min(1),
});

/** Reads an alert's wake, or null when its payload is none. */
export function readAlertWake(event: ChainEvent): AlertWake | null {
  const parsed = alertWakePayload.safeParse(event.payload);
  if (!parsed.success) return null;
  const { data } = parsed;
  return {
    wakeId: data.wake_id,
    seq: event.seq,
    eventId: event.eventId,
    alertId: data.alert_id,
    severity: data.severity,
    category: data.category,
    title: data.title,
    detail: data.detail,
    thread: data.thread,
    incidentId: data.incident_id,
    at: Date.parse(event.occurredAt),
  };
}

/** The ticket that an alert asks for. What it says may come from strangers, so it is not to be trusted. */
export function alertTicketFor(wake: AlertWake): NewTicket {
  const { wakeId, alertId, category, title, detail, thread, eventId } = wake;
  const order: AlertOrder = { wakeId, alertId, severity: wake.severity, category, title, detail, thread };
  return {
    kind: alertInvestigationKind,
    title: `Investigate alert ${alertId}: ${category}`.slice(0, 200),
    objective: 'Find out what is behind the alert.',
    payload: { ...order },
    downshift: 'eligible',
    priority: wake.severity === 'critical' ? 'high' : 'normal',
    critical: wake.severity === 'critical',
    idempotencyKey: wakeId,
    origin: 'alert_wake',
    trusted: false,
    correlationId: wakeId,
    causationId: eventId,
  };
}

/** Reads a ticket's payload. Throws PLUGIN_PROBES_ORDER_INVALID naming the keys that are wrong. */
export function readAlertOrder(payload: Readonly<Record<string, unknown>>): AlertOrder {
  const parsed = orderPayload.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new KoraError(
    'PLUGIN_PROBES_ORDER_INVALID',
    `the payload of a ${alertInvestigationKind} ticket is not one: ${z.prettifyError(parsed.error)}`,
    { cause: parsed.error },
  );
}
