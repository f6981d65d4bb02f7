import { KoraError, probeCategories } from '@kora/runtime/plugin';
import type { ChainEvent, NewTicket, ProbeCategory, Severity } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { WakeMark } from './debounce.ts';

export const wakeRequested = 'probe.wake_requested';
export const investigationKind = 'probe_investigation';

/** A wake as the runtime raised it, with its place on the chain. */
export interface Wake extends WakeMark {
  readonly probe: string;
  readonly target: string;
  readonly category: ProbeCategory;
  readonly eventId: string;
  readonly incidentId: number;
  readonly kind: string;
  readonly title: string;
  /** Why the look failed, in the probe's own sentence. */
  readonly detail: string;
  /** ISO 8601. */
  readonly failingSince: string;
  readonly lastGoodAt: string | null;
  /** What the look measured. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Names of the probes that this one depends on. */
  readonly dependsOn?: readonly string[];
  /** The wake that leads its storm, where the runtime says so; its own when it leads or stands alone. */
  readonly stormId?: string;
}

/** What a ticket of this kind carries. */
export interface InvestigationOrder {
  readonly wakeId: string;
  readonly wakeSeq: number | null;
  readonly incidentId: number;
  readonly probe: string;
  readonly target: string;
  readonly category: ProbeCategory;
  readonly severity: Severity;
}

const category = z.enum(probeCategories);
const severity = z.enum(['critical', 'warning', 'info']);

const wakePayload = z.object({
  wake_id: z.string().min(1),
  incident_id: z.number().int(),
  probe: z.string().min(1),
  probe_kind: z.string().default('unknown'),
  target: z.string(),
  severity,
  category,
  title: z.string().default(''),
  detail: z.string().default(''),
  failing_since: z.string(),
  last_good_at: z.string().nullish(),
  snapshot: z.record(z.string(), z.unknown()).nullish(),
  depends_on: z.array(z.string()).nullish(),
  storm_id: z.string().nullish(),
});

const orderPayload: z.ZodType<InvestigationOrder> = z.object({
  wakeId: z.string().min(1),
  wakeSeq: z.number().int().positive().nullable().default(null),
  incidentId: z.number().int(),
  probe: z.string().min(1),
  target: z.string(),
  category,
  severity,
});

/** Reads a wake event, or null when its payload is none: redacted, or of a shape this version does not know. */
export function readWake(event: ChainEvent): Wake | null {
  const parsed = wakePayload.safeParse(event.payload);
  if (!parsed.success) return null;
  const { data } = parsed;
  return {
    wakeId: data.wake_id,
    seq: event.seq,
    eventId: event.eventId,
    incidentId: data.incident_id,
    probe: data.probe,
    kind: data.probe_kind,
    target: data.target,
    category: data.category,
    severity: data.severity,
    title: data.title,
    detail: data.detail,
    failingSince: data.failing_since,
    lastGoodAt: data.last_good_at ?? null,
    details: data.snapshot ?? {},
    ...(data.depends_on ? { dependsOn: data.depends_on } : {}),
    ...(data.storm_id ? { stormId: data.storm_id } : {}),
    at: Date.parse(event.occurredAt),
  };
}

/**
 * The ticket that a wake asks for, not to be worked before `waitMs` after it: siblings may come. Its text comes from what
 * was probed, so it is not to be trusted. `key`: of a second ticket of the wake.
 */
export function ticketFor(wake: Wake, waitMs = 0, key: string = wake.wakeId): NewTicket {
  const order: InvestigationOrder = {
    wakeId: wake.wakeId,
    wakeSeq: wake.seq,
    incidentId: wake.incidentId,
    probe: wake.probe,
    target: wake.target,
    category: wake.category,
    severity: wake.severity,
  };
  return {
    kind: investigationKind,
    title: `Investigate ${wake.probe}: ${wake.category}`,
    objective: 'Find out by rule what failed and why, and ask whoever thinks only where rules cannot say.',
    payload: { ...order },
    ...(waitMs > 0 ? { notBefore: new Date(wake.at + waitMs).toISOString() } : {}),
    // When money is short a cheaper model is better than no word.
    downshift: 'eligible',
    priority: wake.severity === 'critical' ? 'high' : 'normal',
    critical: wake.severity === 'critical',
    idempotencyKey: key,
    origin: 'probe_wake',
    trusted: false,
    correlationId: wake.wakeId,
    causationId: wake.eventId,
  };
}

/** Reads a ticket's payload. Throws PLUGIN_PROBES_ORDER_INVALID naming the keys that are wrong. */
export function readOrder(payload: Readonly<Record<string, unknown>>): InvestigationOrder {
  const parsed = orderPayload.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new KoraError(
    'PLUGIN_PROBES_ORDER_INVALID',
    `the payload of a ${investigationKind} ticket is not one: ${z.prettifyError(parsed.error)}`,
    { cause: parsed.error },
  );
}
